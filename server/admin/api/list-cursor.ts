// Cursors of lists that go by a number or a name that lasts: where to go on, bound to what was asked for.
//
// They are not sealed: whoever makes one up sees nothing that they could not have asked for.

import { createHash } from 'node:crypto'
import { type ApiProblem, problem } from './problem.ts'

const LIST_CHARACTERS = 12

/** `list` is everything that the list depends on; whoever changes it has to start anew. */
export function writeListCursor(list: readonly unknown[], after: string | number): string {
  return `${nameOf(list)}.${Buffer.from(`${after}`).toString('base64url')}`
}

/** Undefined without a cursor: from the start. Throws `validation` for that of another list. */
export function readListCursor(list: readonly unknown[], cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const [name, after] = cursor.split('.')
  if (name !== nameOf(list) || after === undefined) throw notOfThisList()
  return Buffer.from(after, 'base64url').toString()
}

export function readNumberCursor(list: readonly unknown[], cursor: string | undefined): number | undefined {
  const after = readListCursor(list, cursor)
  if (after === undefined) return undefined
  if (!/^\d{1,16}$/.test(after)) throw notOfThisList()
  return Number(after)
}

export function notOfThisList(): ApiProblem {
  const detail = 'is not one of this list: leave it out to start anew'
  return problem('validation', {
    detail: `The cursor ${detail}.`,
    errors: [{ pointer: '/query/cursor', detail }],
  })
}

function nameOf(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, LIST_CHARACTERS)
}
