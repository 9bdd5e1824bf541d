// Facts of one session into its row of the columns, and out of them again as a summary.

import { parseAddress, parseV4Number } from '../../../shared/address.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'
import type { StuckRule } from '../../../shared/stuck-rule.ts'
import type { Millis } from '../../clock.ts'
import type { QueueLimits } from '../../store/store.ts'
import type { SessionFacts } from '../session-facts.ts'
import {
  CONFLICT,
  CONNECTED,
  type Columns,
  expirySources,
  HELD,
  NEVER,
  PINNED,
  SOURCE_MASK,
  SOURCE_SHIFT,
  STUCK_SEEN,
  USED,
} from './columns.ts'
import { fullPercentOf, stateOf, stuckCauseOf } from './state.ts'

/** A row that was just allocated: what never changes. */
export function beginRow(columns: Columns, row: number, facts: SessionFacts): void {
  columns.clientIds[row] = facts.clientId
  columns.generations[row] = facts.generation
  columns.createdAt[row] = facts.createdAt
  columns.owners[row] = columns.ownerTexts.take(facts.owner)
  columns.profiles[row] = columns.profileValues.take(facts.connection?.profile)
  columns.limits[row] = columns.limitValues.take(columns.sharedLimits(facts.limits))
  columns.connections[row] = undefined
  columns.addresses[row] = 0
  columns.levels[row] = 0
  columns.flags[row] = USED
}

export function writeRow(columns: Columns, row: number, facts: SessionFacts): void {
  writeConnection(columns, row, facts)
  writeFlags(columns, row, facts)
  columns.versions[row] = facts.version
  columns.since[row] = facts.since
  columns.expirySeconds[row] = Math.min(NEVER, facts.expirySeconds)
  columns.expiresAt[row] = facts.expiresAt
  columns.subscriptions[row] = facts.subscriptions
  columns.subs[row] = facts.subscriptions.length
  columns.queued[row] = facts.queued
  columns.owed[row] = facts.messages
  columns.bytes[row] = facts.bytes
  columns.outLimits[row] = facts.outLimit
  columns.oldestInFlightAt[row] = facts.oldestInFlightAt
  columns.receiving[row] = facts.receiving
  columns.dropped[row] = facts.dropped
  writeLimits(columns, row, columns.sharedLimits(facts.limits))
}

export function endRow(columns: Columns, row: number): void {
  columns.ownerTexts.release(columns.owners[row]!)
  columns.profileValues.release(columns.profiles[row]!)
  columns.limitValues.release(columns.limits[row]!)
  columns.free(row)
}

function writeLimits({ limits, limitValues }: Columns, row: number, value: QueueLimits): void {
  if (limitValues.value(limits[row]!) === value) return
  const number = limitValues.take(value)
  limitValues.release(limits[row]!)
  limits[row] = number
}

function writeConnection(columns: Columns, row: number, { connection }: SessionFacts): void {
  if (columns.connections[row] === connection) return
  columns.connections[row] = connection
  const profile = columns.profileValues.take(connection?.profile)
  columns.profileValues.release(columns.profiles[row]!)
  columns.profiles[row] = profile
  columns.addresses[row] = connection === undefined ? 0 : v4Of(connection.address)
}

/** 0 for what is none; an IPv4 address mapped into IPv6 is one. */
function v4Of(address: string): number {
  const number = parseV4Number(address)
  if (number !== undefined) return number
  const [high = 0, low = 0, ...more] = parseAddress(address) ?? []
  return more.length === 0 ? high * 65_536 + low : 0
}

function writeFlags(columns: Columns, row: number, facts: SessionFacts): void {
  let flags = USED | (columns.flags[row]! & (CONFLICT | STUCK_SEEN))
  if (facts.connected) flags |= CONNECTED
  if (facts.expiryPinned) flags |= PINNED
  if (facts.hold !== undefined) {
    flags |= HELD
    columns.holds.set(row, facts.hold)
  } else if ((columns.flags[row]! & HELD) !== 0) columns.holds.delete(row)
  columns.flags[row] = flags | (expirySources.indexOf(facts.expirySource) << SOURCE_SHIFT)
}

export function summaryOf(columns: Columns, row: number, now: Millis, rule: StuckRule): SessionSummary {
  const flags = columns.flags[row]!
  const connected = (flags & CONNECTED) !== 0
  const profile = columns.profileValues.value(columns.profiles[row]!)
  const stuck = stuckCauseOf(columns, row, now, rule)
  const since = timeOf(columns.since[row]!)
  return {
    clientId: columns.clientIds[row]!,
    owner: columns.ownerTexts.value(columns.owners[row]!),
    generation: columns.generations[row]!,
    version: columns.versions[row]!,
    state: stateOf(columns, row, stuck),
    stuck: stuck ?? null,
    connected,
    clean: profile?.cleanStart ?? null,
    protocol: profile?.protocolVersion ?? null,
    queued: queuedOf(columns, row),
    inflight: {
      out: columns.owed[row]! - columns.queued[row]!,
      outLimit: connected ? columns.outLimits[row]! : null,
      awaitingPubrel: columns.receiving[row]!,
      oldestAt: timeOf(columns.oldestInFlightAt[row]!),
    },
    subscriptions: columns.subs[row]!,
    expiry: {
      at: timeOf(columns.expiresAt[row]!),
      intervalSeconds: columns.expirySeconds[row] === NEVER ? null : columns.expirySeconds[row]!,
      source: expirySources[(flags & SOURCE_MASK) >> SOURCE_SHIFT]!,
      pinned: (flags & PINNED) !== 0,
    },
    createdAt: new Date(columns.createdAt[row]!).toISOString(),
    connectedAt: connected ? since : null,
    lastSeenAt: connected ? null : since,
    remote: remoteOf(columns, row),
    hold: holdOf(columns, row),
  }
}

function queuedOf(columns: Columns, row: number): SessionSummary['queued'] {
  const { messagesMax, bytesMax, overflow } = columns.limitValues.value(columns.limits[row]!)
  return {
    count: columns.queued[row]!,
    bytes: columns.bytes[row]!,
    limit: messagesMax,
    bytesLimit: bytesMax,
    full: fullPercentOf(columns, row) / 100,
    overflow,
    dropped: columns.dropped[row]!,
  }
}

function remoteOf(columns: Columns, row: number): SessionSummary['remote'] {
  const connection = columns.connections[row]
  if (connection === undefined) return null
  const { address, port, transport, origin = null, userAgent = null, path = null } = connection
  return { ip: address, port, transport, origin, userAgent, path }
}

function holdOf(columns: Columns, row: number): SessionSummary['hold'] {
  const hold = columns.holds.get(row)
  if (hold === undefined) return null
  return { until: new Date(hold.until).toISOString(), by: hold.by, reason: hold.reason ?? null }
}

/** Null for what has no time. */
function timeOf(at: Millis): string | null {
  return at === Number.POSITIVE_INFINITY ? null : new Date(at).toISOString()
}
