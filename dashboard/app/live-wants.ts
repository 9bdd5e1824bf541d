// What the parts of a page want to hear, put together to what one stream is asked for, and from where it begins.

import type { LiveTopic } from '../../shared/live-events.ts'

export interface Want {
  readonly topics: readonly LiveTopic[]
  /** Which sessions; undefined: whichever the others ask for, all if nobody does. */
  readonly filter?: string | undefined
  /** `asOf` of the list that the changes are for; undefined: from now on. */
  readonly since?: string | undefined
}

export interface StreamQuery {
  readonly topics: readonly LiveTopic[]
  /** Empty: all sessions. */
  readonly filter: string
}

/** A position of no run of the broker: whoever comes with it is told to fetch everything anew. */
const NOWHERE = 'none-0.0'

export function merge(wants: readonly Want[]): StreamQuery {
  const topics = [...new Set(wants.flatMap(want => want.topics))].sort()
  const filter = wants.find(want => want.topics.includes('sessions') && want.filter !== undefined)?.filter
  return { topics, filter: filter ?? '' }
}

/** Whether somebody would miss something: a topic, or sessions of another filter. */
export function covers(open: StreamQuery, wanted: StreamQuery): boolean {
  if (!wanted.topics.every(topic => open.topics.includes(topic))) return false
  return !wanted.topics.includes('sessions') || open.filter === wanted.filter
}

/** Where to begin so that what comes after `position` and after each of these lists is told, some of it twice. */
export function beginAt(position: string | undefined, lists: readonly string[]): string | undefined {
  if (position === undefined && lists.length === 0) return undefined
  const [at = '', event] = (position ?? '').split('.')
  const known = position === undefined ? lists : [at, ...lists]
  if (new Set(known.map(runOf)).size > 1) return NOWHERE
  const oldest = known.reduce((one, other) => (changeOf(other) < changeOf(one) ? other : one))
  return event === undefined ? oldest : `${oldest}.${event}`
}

function runOf(asOf: string): string {
  return asOf.slice(0, asOf.lastIndexOf('-'))
}

function changeOf(asOf: string): number {
  return Number(asOf.slice(asOf.lastIndexOf('-') + 1))
}
