// What the lifeline of a session draws, from what the history tells: how full the queue was, and what fell in between.

import { numberOf, textOf } from '../../../shared/happening-facts.ts'
import type { Lifeline, LifelineState, TimelineEntry, TimelineKind } from '../../../shared/history.ts'

export const spanMs = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const
export const spanWords = { '1h': '1 h', '24h': '24 h', '7d': '7 d' } as const
export type LifelineSpan = keyof typeof spanMs
export const lifelineSpans = Object.keys(spanMs) as readonly LifelineSpan[]

/** Rows that say something about the queue's length, or that something is missing. */
export const shapeKinds: readonly TimelineKind[] = [
  'created',
  'queue.started',
  'queue.level',
  'queue.dropped',
  'cleared',
  'removed',
  'restored',
  'cleaned',
  'expired',
  'broker.restart',
  'history.gap',
]

export interface Stretch {
  readonly from: number
  readonly to: number
  readonly at: LifelineState
}

export interface QueuePoint {
  readonly at: number
  readonly messages: number
}

export interface Mark {
  readonly at: number
  readonly until: number
  readonly of: 'restart' | 'gap' | 'drop'
  readonly entry: TimelineEntry
}

export function stretchesOf(
  { segments }: Pick<Lifeline, 'segments'>,
  from: number,
  to: number,
): readonly Stretch[] {
  return segments.flatMap(([at, state], index) => {
    const begin = Math.max(from, Date.parse(at))
    const next = segments[index + 1]
    const end = Math.min(to, next === undefined ? to : Date.parse(next[0]))
    return end > begin ? [{ from: begin, to: end, at: state }] : []
  })
}

/**
 * The moments at which the length is known, oldest first, ending with what it is now. Between two of them it went
 * somehow from one to the other. `entries` come newest first, as the history lists them.
 */
export function queuePoints(
  entries: readonly TimelineEntry[],
  now: { readonly at: number; readonly messages: number; readonly limit: number },
): readonly QueuePoint[] {
  const points: QueuePoint[] = []
  for (const entry of entries.toReversed())
    points.push(...pointsOf(entry, points.at(-1)?.messages, now.limit))
  return [...points.toSorted((one, other) => one.at - other.at), { at: now.at, messages: now.messages }]
}

function pointsOf(
  { kind, at: text, until, data }: TimelineEntry,
  before: number | undefined,
  limit: number,
): readonly QueuePoint[] {
  const at = Date.parse(text)
  const messages = numberOf(data, 'messages') ?? 0
  switch (kind) {
    case 'created':
      return [{ at, messages: 0 }]
    case 'queue.started':
      return [
        { at: at - 1, messages: 0 },
        { at, messages },
      ]
    case 'queue.level':
      return [{ at, messages }]
    case 'queue.dropped':
      // While messages were lost to a full queue it was full, from the first of them to the last.
      return data['cause'] === 'queue-full'
        ? [at, until === null ? at : Date.parse(until)].map(time => ({ at: time, messages: limit }))
        : []
    case 'cleared':
    case 'removed': {
      // What was taken out had been there.
      const had = Math.max(before ?? 0, messages)
      return [
        { at: at - 1, messages: had },
        { at, messages: kind === 'cleared' ? 0 : had - messages },
      ]
    }
    case 'restored':
      return textOf(data, 'what') === 'session'
        ? [{ at, messages }]
        : [{ at, messages: (before ?? 0) + messages }]
    case 'cleaned':
    case 'expired':
      return [
        { at: at - 1, messages },
        { at, messages: 0 },
      ]
    default:
      return []
  }
}

const markKinds: Partial<Record<TimelineKind, Mark['of']>> = {
  'broker.restart': 'restart',
  'history.gap': 'gap',
  'queue.dropped': 'drop',
}

export function marksOf(entries: readonly TimelineEntry[], from: number): readonly Mark[] {
  return entries.flatMap(entry => {
    const of = markKinds[entry.kind]
    const at = Date.parse(entry.at)
    const until = entry.until === null ? at : Date.parse(entry.until)
    return of === undefined || until < from ? [] : [{ at, until, of, entry }]
  })
}

/** The points that a window shows: those in it, and one at its edge, so that a line comes in from the left. */
export function within(points: readonly QueuePoint[], from: number): readonly QueuePoint[] {
  const first = points.findIndex(point => point.at >= from)
  if (first <= 0) return points.slice(Math.max(0, first))
  const [before, after] = [points[first - 1]!, points[first]!]
  const part = (from - before.at) / Math.max(1, after.at - before.at)
  const edge = { at: from, messages: before.messages + (after.messages - before.messages) * part }
  return [edge, ...points.slice(first)]
}

/** Where the axis has its words: whole steps of the clock on the wall. */
export function ticksOf(span: LifelineSpan, from: number, to: number): readonly number[] {
  const stepMs = { '1h': 600_000, '24h': 4 * 3_600_000, '7d': 86_400_000 }[span]
  const offsetMs = new Date(to).getTimezoneOffset() * 60_000
  const first = Math.ceil((from - offsetMs) / stepMs) * stepMs + offsetMs
  return Array.from({ length: Math.floor((to - first) / stepMs) + 1 }, (_, index) => first + index * stepMs)
}
