// How a session is, from its row and the time: whether it is stuck and why, its state, how full its queue is.

import type { SessionState } from '../../../shared/session-summary.ts'
import type { StuckCause, StuckRule } from '../../../shared/stuck-rule.ts'
import type { Millis } from '../../clock.ts'
import { CONFLICT, CONNECTED, type Columns, NEVER } from './columns.ts'

/** Of messages or of bytes, whichever is fuller; a queue that may hold nothing is never full. */
export function fullPercentOf(columns: Columns, row: number): number {
  const { messagesMax, bytesMax } = columns.limitValues.value(columns.limits[row]!)
  const ofMessages = messagesMax === 0 ? 0 : (columns.owed[row]! * 100) / messagesMax
  const ofBytes = bytesMax === 0 ? 0 : (columns.bytes[row]! * 100) / bytesMax
  return Math.max(ofMessages, ofBytes)
}

/** The first cause that applies, as the rule lists them; undefined while it is not stuck. */
export function stuckCauseOf(
  columns: Columns,
  row: number,
  now: Millis,
  rule: StuckRule,
): StuckCause | undefined {
  if ((columns.flags[row]! & CONNECTED) !== 0) {
    return now - sentAtOf(columns, row) >= rule.inflightUnmovedMs ? 'inflight-unmoved' : undefined
  }
  const offlineMs = now - columns.since[row]!
  if (offlineMs >= rule.offlineMs && fullPercentOf(columns, row) >= rule.fullPercent) {
    return 'offline-queue-full'
  }
  if (now - columns.expiresAt[row]! >= rule.expiryOverdueMs) return 'expiry-overdue'
  const neverExpires = columns.expirySeconds[row] === NEVER
  return neverExpires && offlineMs >= rule.offlineWithoutExpiryMs ? 'offline-without-expiry' : undefined
}

/** When the oldest message in flight was last sent: what an earlier connection left is sent again on this one. */
export function sentAtOf({ oldestInFlightAt, since }: Columns, row: number): Millis {
  return Math.max(oldestInFlightAt[row]!, since[row]!)
}

export function stateOf(columns: Columns, row: number, stuck: StuckCause | undefined): SessionState {
  const flags = columns.flags[row]!
  if ((flags & CONFLICT) !== 0) return 'conflict'
  if (stuck !== undefined) return 'stuck'
  if ((flags & CONNECTED) !== 0) return 'online'
  return columns.queued[row]! > 0 ? 'waiting' : 'offline'
}
