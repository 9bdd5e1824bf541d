// What the timeline adds to a diagnosis: how the client left, since when its queue is full, how fast it fills.

import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'
import type { Millis } from '../../clock.ts'
import type { FillRate, Left } from './diagnosis/facts.ts'

export interface Remembered {
  /** How its latest connection ended. */
  readonly left: Left | undefined
  readonly fullSince: Millis | undefined
  /** Connections since the oldest message in flight was sent. */
  readonly reconnects: number
  readonly fill: FillRate | undefined
}

export interface RememberedQuery {
  /** When the oldest message in flight was sent first; undefined when nothing is in flight. */
  readonly headSentAt: Millis | undefined
  readonly messages: number
  readonly bytes: number
  readonly now: Millis
}

/** Rows of the timeline that are looked at. */
export const rememberedKinds: readonly TimelineKind[] = [
  'connect',
  'disconnect',
  'queue.started',
  'queue.level',
]
export const REMEMBERED_ROWS_MAX = 200

/** `entries` of those kinds, the newest first. */
export function remember(entries: readonly TimelineEntry[], query: RememberedQuery): Remembered {
  const { headSentAt } = query
  const disconnect = entries.find(entry => entry.kind === 'disconnect')
  const queue = entries.find(entry => entry.kind === 'queue.started' || entry.kind === 'queue.level')
  const isFull = queue?.kind === 'queue.level' && queue.data['percent'] === 100
  const reconnects =
    headSentAt === undefined
      ? 0
      : entries
          .filter(entry => entry.kind === 'connect' && lastOf(entry) > headSentAt)
          .reduce((sum, entry) => sum + entry.count, 0)
  return {
    left: disconnect && leftOf(disconnect),
    fullSince: isFull ? Date.parse(queue.at) : undefined,
    reconnects,
    fill: fillRate(levels(entries), query),
  }
}

function leftOf({ data, actor }: TimelineEntry): Left {
  return { cause: String(data['cause']), detail: String(data['detail'] ?? ''), by: actor ?? undefined }
}

function lastOf({ at, until }: TimelineEntry): Millis {
  return Date.parse(until ?? at)
}

/** How full a queue was at some moment. */
export interface Level {
  readonly at: Millis
  readonly messages: number
  readonly bytes: number
}

/** Since the queue was last empty, the newest first. */
function levels(entries: readonly TimelineEntry[]): readonly Level[] {
  const found: Level[] = []
  for (const { kind, at, data } of entries) {
    if (kind !== 'queue.started' && kind !== 'queue.level') continue
    found.push({ at: Date.parse(at), messages: Number(data['messages']), bytes: Number(data['bytes']) })
    if (kind === 'queue.started') break
  }
  return found
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A rate over less than this says little about the next hour. */
const SPAN_MIN_MS = 60_000

/**
 * The growth since the oldest level of the last day, or the latest one before: undefined when there is none that
 * is old enough, or the queue has not grown since.
 */
export function fillRate(
  levels: readonly Level[],
  { messages, bytes, now }: Pick<RememberedQuery, 'messages' | 'bytes' | 'now'>,
): FillRate | undefined {
  const ofToday = levels.filter(level => now - level.at <= DAY_MS)
  const from = ofToday.at(-1) ?? levels[0]
  if (from === undefined || now - from.at < SPAN_MIN_MS || messages <= from.messages) return undefined
  const hours = (now - from.at) / HOUR_MS
  return {
    messagesPerHour: (messages - from.messages) / hours,
    bytesPerHour: Math.max(0, bytes - from.bytes) / hours,
    overMs: now - from.at,
  }
}
