// One row of the list: the session as it is now, whether it still belongs here, and what has just changed of it.

import type { SessionSummary } from '../../../shared/session-summary.ts'
import { type ColumnKey, columnKeys, columnOf } from './columns.ts'

/** unmatched: it has changed and does not match the filter any more; ended: there is no such session any more. */
export type Standing = 'here' | 'unmatched' | 'ended'

export interface Entry {
  readonly session: SessionSummary
  readonly standing: Standing
  /** Why it has ended. */
  readonly why: string | undefined
  readonly changed: ReadonlySet<ColumnKey>
  /** Milliseconds since the page was opened. */
  readonly changedAt: number
}

/** A client that comes and goes all day must not make its row grow for as long as the page is open. */
const SEGMENTS_MAX = 200

const nothing: ReadonlySet<ColumnKey> = new Set()

export function entryOf(session: SessionSummary): Entry {
  return { session, standing: 'here', why: undefined, changed: nothing, changedAt: 0 }
}

export function changedColumns(was: SessionSummary, now: SessionSummary): ReadonlySet<ColumnKey> {
  const changed = columnKeys.filter(key => columnOf(key).facts(was) !== columnOf(key).facts(now))
  return changed.length === 0 ? nothing : new Set(changed)
}

/** The stream leaves lifelines out: what it tells of the connection carries the one that is there on. */
export function withLifelineOf(now: SessionSummary, was: SessionSummary): SessionSummary {
  if (now.lifeline !== undefined || was.lifeline === undefined) return now
  const { segments, takeovers } = was.lifeline
  const isAsBefore = now.connected === was.connected && now.connectedAt === was.connectedAt
  if (isAsBefore) return { ...now, lifeline: was.lifeline }
  const at = (now.connected ? now.connectedAt : now.lastSeenAt) ?? new Date().toISOString()
  const more: [string, 'online' | 'offline'] = [at, now.connected ? 'online' : 'offline']
  return { ...now, lifeline: { segments: [...segments.slice(1 - SEGMENTS_MAX), more], takeovers } }
}
