// How the broker sorts sessions, for one question that the page has to answer itself: whether a session that has just
// come to match would stand among the rows that are loaded.

import type { SessionSort, SortKey } from '../../../shared/session-sort.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'

/** What the list offers to sort by. */
export const listSorts = [
  'id',
  'queued',
  'bytes',
  'inflight',
  'expires',
  'subs',
  'seen',
  'dropped',
  'created',
] as const satisfies readonly SortKey[]
export type ListSort = (typeof listSorts)[number]

/** Undefined: it has no such thing, and comes last in both directions. */
const sortValues: Readonly<Record<ListSort, (session: SessionSummary) => number | undefined>> = {
  id: () => undefined,
  queued: ({ queued }) => queued.count,
  bytes: ({ queued }) => queued.bytes,
  inflight: ({ inflight }) => inflight.out,
  expires: ({ expiry }) => timeOf(expiry.at),
  subs: ({ subscriptions }) => subscriptions,
  // Who is here was seen just now.
  seen: ({ connected, lastSeenAt }) => (connected ? Number.MAX_SAFE_INTEGER : timeOf(lastSeenAt)),
  dropped: ({ queued }) => queued.dropped,
  created: ({ createdAt }) => timeOf(createdAt),
}

function timeOf(at: string | null): number | undefined {
  return at === null ? undefined : Date.parse(at)
}

/** Negative when `one` stands before `other`. */
export function compareSessions(
  one: SessionSummary,
  other: SessionSummary,
  { key, descending }: SessionSort,
): number {
  const byId = one.clientId < other.clientId ? -1 : one.clientId > other.clientId ? 1 : 0
  const value = sortValues[isListSort(key) ? key : 'id']
  if (key === 'id') return descending ? -byId : byId
  const [first, second] = [value(one), value(other)]
  if (first === second) return byId
  if (first === undefined) return 1
  if (second === undefined) return -1
  return descending ? second - first : first - second
}

export function isListSort(key: string): key is ListSort {
  return listSorts.some(known => known === key)
}
