// `keys`: API keys for scripts, each with its own role and end.

import type { Key } from '../../../../shared/account-shapes.ts'
import { parseDurationMs } from '../../../../shared/units.ts'
import type { ApiClient } from '../api-client.ts'
import { CliProblem } from '../cli-problem.ts'
import { reasonFlag, reasonOf } from '../flags.ts'
import type { Printer } from '../printer.ts'
import type { AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import { accessGroup, grantsFlag, grantsOf, named, roleFlag, roleOf } from './flags.ts'

const nameOperand = [{ name: 'NAME', times: 'once' }] as const

export const keyCommands: readonly AdminSpec[] = [
  {
    name: 'keys list',
    group: accessGroup,
    summary: 'List the API keys, without their secrets.',
    run: async ({ api, print }) => {
      const keys = await allKeys(api)
      if (print.isJson) for (const key of keys) print.json(key)
      else print.table(columnsOf(print), keys)
    },
  },
  {
    name: 'keys create',
    group: accessGroup,
    summary: 'Make an API key, and print it this once.',
    explanation:
      'The key alone goes to the output: `holdfast keys create nightly --role viewer > key; chmod 600 key`.',
    operands: nameOperand,
    flags: [
      roleFlag,
      grantsFlag,
      {
        name: '--client-id-prefix',
        value: 'TEXT',
        meaning: 'It is for client ids that begin so, and no others.',
      },
      {
        name: '--expires',
        value: 'WHEN',
        meaning: 'When it ends: `90d` from now, or `2027-01-01T00:00:00Z`.',
      },
      reasonFlag,
    ],
    run: async given => {
      const { operands, options, api, print, clock } = given
      const role = roleOf(given)
      if (role === undefined) throw new CliProblem('wrongUsage', 'Say with --role what the key may do.')
      const body = {
        name: operands[0],
        role,
        grants: grantsOf(given) ?? [],
        clientIdPrefix: options.get('--client-id-prefix'),
        expiresAt: expiryOf(options.get('--expires'), clock.now()),
      }
      printMade(print, (await api.send('POST', '/keys', { body, reason: reasonOf(given) })).body)
    },
  },
  {
    name: 'keys rotate',
    group: accessGroup,
    summary: 'Give a key a new secret, and print it this once; the old one ends at once.',
    operands: nameOperand,
    flags: [reasonFlag],
    run: async given => {
      const { operands, api, print } = given
      const key = named(await allKeys(api), operands[0] ?? '', 'key')
      const answer = await api.send('POST', `/keys/${key.id}/rotate`, { reason: reasonOf(given) })
      printMade(print, answer.body)
    },
  },
  {
    name: 'keys delete',
    group: accessGroup,
    summary: 'Delete a key, which ends at once.',
    operands: nameOperand,
    flags: [reasonFlag],
    run: async given => {
      const { operands, api, print } = given
      const key = named(await allKeys(api), operands[0] ?? '', 'key')
      await api.send('DELETE', `/keys/${key.id}`, { reason: reasonOf(given) })
      if (print.isJson) print.json(key)
      else print.line(`Deleted the key ${key.name} (${key.prefix}...).`)
    },
  },
]

async function allKeys(api: ApiClient): Promise<readonly Key[]> {
  const { body } = await api.get('/keys')
  return (body as { readonly data: readonly Key[] }).data
}

function printMade(print: Printer, body: unknown): void {
  if (print.isJson) {
    print.json(body)
    return
  }
  const { record, key } = body as { readonly record: Key; readonly key: string }
  print.line(key)
  print.note(`This is the only time that the key ${record.name} is shown; it ends ${endOf(print, record)}.`)
}

function endOf(print: Printer, { expiresAt }: Key): string {
  return expiresAt === null ? 'never' : print.time(expiresAt)
}

function expiryOf(text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined
  const span = parseDurationMs(text)
  const at = span === undefined ? Date.parse(text) : now + span
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  throw new CliProblem(
    'wrongUsage',
    `--expires must be how long, as 90d, or when, as 2027-01-01T00:00:00Z, not ${JSON.stringify(text)}.`,
  )
}

function columnsOf(print: Printer): readonly Column<Key>[] {
  return [
    { title: 'Name', text: key => key.name, shrinksTo: 12 },
    { title: 'Key', text: key => `${key.prefix}...` },
    { title: 'Role', text: key => key.role },
    { title: 'Grants', text: key => key.grants.join(' ') || '-', shrinksTo: 6 },
    {
      title: 'Client ids',
      text: key => (key.clientIdPrefix === null ? '*' : `${key.clientIdPrefix}*`),
      shrinksTo: 10,
    },
    { title: 'Ends', text: key => endOf(print, key) },
    { title: 'Used', text: key => print.time(key.lastUsedAt) },
    { title: 'From', text: key => key.lastUsedFrom ?? '-', onlyWide: true },
    { title: 'Made by', text: key => key.createdBy, onlyWide: true },
  ]
}
