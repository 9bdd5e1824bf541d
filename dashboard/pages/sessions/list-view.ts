// What the list shows, as its address has it: filter, order, columns, height of the rows, and the session that is open.

import type { Query } from '../../app/routes.ts'
import { type ColumnKey, readColumns, writeColumns } from './columns.ts'
import type { ListSort } from './sort-values.ts'

export interface ListView {
  readonly filter: string
  /** A column of the API, with a minus in front for large to small. */
  readonly sort: string
  readonly columns: readonly ColumnKey[]
  readonly isRoomy: boolean
  /** A client id. */
  readonly open: string | undefined
}

/** Who holds most is what one comes to look for. */
export const DEFAULT_SORT = '-queued'

export function readView(query: URLSearchParams): ListView {
  return {
    filter: query.get('filter') ?? '',
    sort: query.get('sort') ?? DEFAULT_SORT,
    columns: readColumns(query.get('columns')),
    isRoomy: query.get('rows') === 'roomy',
    open: query.get('open') ?? undefined,
  }
}

/** The parts of the query that these changes come to. */
export function changeOf(changes: Partial<ListView>): Query {
  const { filter, sort, columns, isRoomy } = changes
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(sort === undefined ? {} : { sort: sort === DEFAULT_SORT ? undefined : sort }),
    ...(columns === undefined ? {} : { columns: writeColumns(columns) }),
    ...(isRoomy === undefined ? {} : { rows: isRoomy ? 'roomy' : undefined }),
    ...('open' in changes ? { open: changes.open } : {}),
  }
}

/** The panel keeps in the address what is looked at in it. */
export const closedPanel = {
  ...{ open: undefined, tab: undefined, message: undefined, topic: undefined },
} as const satisfies Query

/** A saved view is all of the address but the session that happens to be open. */
export function queryToSave(query: URLSearchParams): string {
  const saved = new URLSearchParams(query)
  for (const name of Object.keys(closedPanel)) saved.delete(name)
  return saved.toString()
}

/** The other direction when it is sorted by this already. */
export function nextSort(sort: string, key: ListSort, largestFirst: boolean): string {
  if (sort === key) return `-${key}`
  if (sort === `-${key}`) return key
  return largestFirst ? `-${key}` : key
}
