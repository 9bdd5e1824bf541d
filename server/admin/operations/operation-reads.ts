// Reads operations and the results of their items, page by page.

import type { ItemStatus, OperationItem, OperationState } from '../../../shared/operation.ts'
import { itemStatuses } from '../../../shared/operation.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideValue } from '../../store/side/side-messages.ts'
import { PAGE_ITEMS, readMembers } from '../items/pages.ts'
import type { Member } from '../plans/member.ts'
import type { NumberedResult } from './item-result.ts'
import { type OperationRecord, operationOf, resultOf } from './operation-records.ts'
import { itemShape, keyKindOf } from './operation-shape.ts'

export async function readOperation(side: SideDatabase, id: string): Promise<OperationRecord | undefined> {
  const [row] = await side.read('SELECT * FROM operation WHERE id = ?', id)
  return row === undefined ? undefined : operationOf(row)
}

export interface OperationsQuery {
  readonly state?: OperationState | undefined
  /** Only those of this actor. */
  readonly actorKey?: string | undefined
  /** Only retries and undos of this one. */
  readonly of?: string | undefined
  /** Only older ones than that number. */
  readonly before?: number | undefined
  readonly limit: number
}

/** Latest first. */
export async function readOperations(
  side: SideDatabase,
  { state, actorKey, of, before, limit }: OperationsQuery,
): Promise<readonly OperationRecord[]> {
  const conditions = ['number < ?']
  const values: SideValue[] = [before ?? Number.MAX_SAFE_INTEGER]
  if (state !== undefined) {
    conditions.push('state = ?')
    values.push(state)
  }
  if (actorKey !== undefined) {
    conditions.push("json_extract(record, '$.actorKey') = ?")
    values.push(actorKey)
  }
  if (of !== undefined) {
    conditions.push("json_extract(record, '$.of') = ?")
    values.push(of)
  }
  const where = conditions.join(' AND ')
  const rows = await side.read(
    `SELECT * FROM operation WHERE ${where} ORDER BY number DESC LIMIT ?`,
    ...values,
    limit,
  )
  return rows.map(operationOf)
}

export async function readRunning(side: SideDatabase): Promise<readonly OperationRecord[]> {
  const rows = await side.read("SELECT * FROM operation WHERE state = 'running' ORDER BY number")
  return rows.map(operationOf)
}

/** Numbers from `settled` up to `begun` that have no result. */
export async function readOpen(side: SideDatabase, record: OperationRecord): Promise<readonly number[]> {
  const { settled, begun } = record.mark
  const rows = await side.read(
    'SELECT number FROM operation_result WHERE operation = ? AND number >= ? AND number < ?',
    record.number,
    settled,
    begun,
  )
  const done = new Set(rows.map(row => Number(row['number'])))
  return Array.from({ length: begun - settled }, (_, index) => settled + index).filter(
    number => !done.has(number),
  )
}

export interface ItemsQuery {
  readonly status?: ItemStatus | 'pending' | undefined
  /** From that number on. */
  readonly from: number
  readonly limit: number
}

export interface ItemsPage {
  readonly items: readonly OperationItem[]
  /** Where to go on; undefined at the end. A page may be short, or empty, and yet not the last. */
  readonly next: number | undefined
}

/** How many items of the list one page looks at for those that are pending. */
const LOOKED_AT_MAX = 20_480

export async function readItems(
  side: SideDatabase,
  record: OperationRecord,
  query: ItemsQuery,
): Promise<ItemsPage> {
  if (record.list === undefined) return single(side, record, query)
  const { status } = query
  return status === undefined || status === 'pending'
    ? byList(side, record, query)
    : byResult(side, record, { ...query, status })
}

async function byList(side: SideDatabase, record: OperationRecord, query: ItemsQuery): Promise<ItemsPage> {
  const items: OperationItem[] = []
  const step = Math.max(PAGE_ITEMS, Math.min(query.limit, 4_096))
  const stop = Math.min(record.items, query.from + LOOKED_AT_MAX)
  for (let from = query.from; from < stop; from += step) {
    const members = await readMembers(side, record.list!, from, Math.min(step, stop - from))
    const results = await readResults(side, record.number, from, from + step)
    for (const [index, member] of members.entries()) {
      const number = from + index
      const result = results.get(number)
      if (member.blocked !== undefined || (query.status === 'pending' && result !== undefined)) continue
      if (items.length === query.limit) return { items, next: number }
      items.push(itemShape(number, member, result, keyKindOf(record.facts)))
    }
  }
  return { items, next: stop < record.items ? stop : undefined }
}

async function byResult(
  side: SideDatabase,
  record: OperationRecord,
  { status, from, limit }: ItemsQuery & { readonly status: ItemStatus },
): Promise<ItemsPage> {
  const rows = await side.read(
    'SELECT * FROM operation_result WHERE operation = ? AND status = ? AND number >= ? ORDER BY number LIMIT ?',
    record.number,
    itemStatuses.indexOf(status),
    from,
    limit + 1,
  )
  const results = rows.map(resultOf)
  const shown = results.slice(0, limit)
  const members = await membersOf(side, record.list!, shown)
  const kind = keyKindOf(record.facts)
  return {
    items: shown.flatMap(result => {
      const member = members.get(result.number)
      return member === undefined ? [] : [itemShape(result.number, member, result, kind)]
    }),
    next: results[limit]?.number,
  }
}

/** Of the pages that hold them, each read once. */
export async function membersOf(
  side: SideDatabase,
  list: string,
  results: readonly { readonly number: number }[],
): Promise<ReadonlyMap<number, Member>> {
  const members = new Map<number, Member>()
  let page: { readonly from: number; readonly members: readonly Member[] } = { from: 0, members: [] }
  for (const { number } of results) {
    if (number < page.from || number >= page.from + page.members.length) {
      const from = number - (number % PAGE_ITEMS)
      page = { from, members: await readMembers(side, list, from, PAGE_ITEMS) }
    }
    const member = page.members[number - page.from]
    if (member !== undefined) members.set(number, member)
  }
  return members
}

async function readResults(
  side: SideDatabase,
  operation: number,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, NumberedResult>> {
  const rows = await side.read(
    'SELECT * FROM operation_result WHERE operation = ? AND number >= ? AND number < ?',
    operation,
    from,
    to,
  )
  return new Map(rows.map(resultOf).map(result => [result.number, result]))
}

/** An act on one session, or on one retained message, has no list: its record says which. */
async function single(side: SideDatabase, record: OperationRecord, query: ItemsQuery): Promise<ItemsPage> {
  const result = (await readResults(side, record.number, 0, 1)).get(0)
  const { clientId, topic, generation } = record.facts
  const named = { key: clientId ?? topic ?? '', generation: generation ?? '' }
  const item = itemShape(0, named, result, keyKindOf(record.facts))
  const isShown = query.from === 0 && (query.status === undefined || query.status === item.status)
  return { items: isShown ? [item] : [], next: undefined }
}
