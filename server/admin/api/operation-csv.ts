// The items of an operation as CSV, read as fast as it is taken.

import { Readable } from 'node:stream'
import type { OperationItem } from '../../../shared/operation.ts'
import type { Operations } from '../operations/operations.ts'

const columns = [
  'number',
  'clientId',
  'topic',
  'generation',
  'status',
  'reason',
  'detail',
  'at',
  'messages',
  'bytes',
  'tombstone',
] as const satisfies readonly (keyof OperationItem)[]

const ITEMS_PER_READ = 1_024

export function operationCsv(operations: Operations, id: string): Readable {
  return Readable.from(lines(operations, id))
}

async function* lines(operations: Operations, id: string): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`
  for (let from: number | undefined = 0; from !== undefined; ) {
    const page = await operations.items(id, { from, limit: ITEMS_PER_READ })
    if (page === undefined) return
    if (page.items.length > 0) yield page.items.map(lineOf).join('')
    from = page.next
  }
}

function lineOf(item: OperationItem): string {
  return `${columns.map(column => cellOf(item[column])).join(',')}\r\n`
}

/** Spreadsheets take what begins like this for a formula, which a client id must not become. */
function cellOf(value: string | number | null): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
