// Prints a list that the API gives in pages: a table for people, one object a line for scripts.

import { countInWords, numberInWords } from '../../../shared/plain-words.ts'
import type { Query } from './api-client.ts'
import { limitOf } from './flags.ts'
import type { AdminRun } from './spec.ts'
import type { Column } from './table.ts'

export interface ListGiven<Row> {
  readonly path: string
  readonly query: Query
  readonly columns: readonly Column<Row>[]
  /** What one of them is called. */
  readonly what: string
}

export async function printList<Row>(given: AdminRun, list: ListGiven<Row>): Promise<readonly Row[]> {
  const { api, print } = given
  const limit = limitOf(given)
  const { rows, total, hasMore } = await api.list(list.path, list.query, limit)
  if (print.isJson) for (const row of rows) print.json(row)
  else if (rows.length === 0) print.note(`No ${list.what}.`)
  // The API's schema is what makes a row a Row.
  else print.table(list.columns, rows as readonly Row[])
  if (hasMore) print.note(`${shownOf(rows.length, total, list.what)}; --limit N or --limit all shows more.`)
  return rows as readonly Row[]
}

function shownOf(shown: number, total: number | undefined, what: string): string {
  return total === undefined
    ? `These are the first ${countInWords(shown, what)}`
    : `These are ${numberInWords(shown)} of ${countInWords(total, what)}`
}
