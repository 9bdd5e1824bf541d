// Flags that users and keys have in common, and how they are read.

import { type Grant, grants, type Role, roles } from '../../../../shared/account.ts'
import { oneOfWords } from '../arguments.ts'
import { CliProblem } from '../cli-problem.ts'
import type { Arguments, Flag } from '../spec.ts'

export const accessGroup = 'Access (for admins)'

export const roleFlag: Flag = { name: '--role', value: 'ROLE', meaning: `One of ${roles.join(', ')}.` }

export const grantsFlag: Flag = {
  name: '--grants',
  value: 'LIST',
  meaning: `What no role brings by itself, between commas: ${grants.join(', ')}; or none.`,
}

export function roleOf(given: Pick<Arguments, 'options'>): Role | undefined {
  return oneOfWords(given, '--role', roles)
}

export function grantsOf({ options }: Pick<Arguments, 'options'>): readonly Grant[] | undefined {
  const text = options.get('--grants')
  if (text === undefined) return undefined
  if (text === 'none') return []
  return text.split(',').map(word => {
    const grant = grants.find(one => one === word.trim())
    if (grant !== undefined) return grant
    throw new CliProblem(
      'wrongUsage',
      `There is no grant ${JSON.stringify(word)}; there are ${grants.join(', ')}, or none.`,
    )
  })
}

/** A user or a key as people name it. */
export function named<Account extends { readonly id: string; readonly name: string }>(
  accounts: readonly Account[],
  name: string,
  what: 'user' | 'key',
): Account {
  const found = accounts.find(one => one.name === name) ?? accounts.find(one => one.id === name)
  if (found !== undefined) return found
  throw new CliProblem('notFound', `There is no ${what} ${JSON.stringify(name)}.`)
}
