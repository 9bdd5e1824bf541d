// What a filter means, said once more in the plainest way: on objects, one session at a time, with regular expressions.

import type { SessionFacts } from '../../../../server/read-model/session-facts.ts'
import { isInRange, parseAddress, parseAddressRange } from '../../../../shared/address.ts'
import { clientIdPrefix } from '../../../../shared/client-id-prefix.ts'
import type { Filter, Term } from '../../../../shared/filter-grammar.ts'
import type { StuckCause, StuckRule } from '../../../../shared/stuck-rule.ts'
import { matchesTopic } from '../../../../shared/topic-match.ts'

export interface OracleGiven {
  readonly now: number
  readonly rule: StuckRule
  readonly conflicts: ReadonlySet<string>
}

export function oracleMatches(filter: Filter, session: SessionFacts, given: OracleGiven): boolean {
  return filter.terms.every(term => holds(term, session, given) !== term.not)
}

export function oracleStuck(session: SessionFacts, { now, rule }: OracleGiven): StuckCause | undefined {
  const { connected, since, oldestInFlightAt, expirySeconds, expiresAt } = session
  if (connected) {
    const isUnmoved = now - Math.max(oldestInFlightAt, since) >= rule.inflightUnmovedMs
    return isUnmoved ? 'inflight-unmoved' : undefined
  }
  if (now - since >= rule.offlineMs && fullPercent(session) >= rule.fullPercent) return 'offline-queue-full'
  if (now >= expiresAt + rule.expiryOverdueMs) return 'expiry-overdue'
  const never = expirySeconds === Number.POSITIVE_INFINITY
  return never && now - since >= rule.offlineWithoutExpiryMs ? 'offline-without-expiry' : undefined
}

export function fullPercent({ messages, bytes, limits }: SessionFacts): number {
  return Math.max((messages * 100) / limits.messagesMax, (bytes * 100) / limits.bytesMax)
}

function holds(term: Term, session: SessionFacts, given: OracleGiven): boolean {
  if (term.of === 'text') return term.values.some(value => holdsText(term.key, value, session, given))
  if (term.key === 'expires' && term.values.includes(Number.POSITIVE_INFINITY)) {
    return session.expirySeconds === Number.POSITIVE_INFINITY
  }
  const number = numberOf(term.key, session, given.now)
  if (number === undefined) return false
  const bound = term.values[0]!
  switch (term.comparison) {
    case '=':
      return term.values.includes(number)
    case '<':
      return number < bound
    case '<=':
      return number <= bound
    case '>':
      return number > bound
    case '>=':
      return number >= bound
  }
}

function numberOf(key: string, session: SessionFacts, now: number): number | undefined {
  const { connected, since } = session
  switch (key) {
    case 'queued':
      return session.queued
    case 'bytes':
      return session.bytes
    case 'full':
      return fullPercent(session)
    case 'inflight':
      return session.messages - session.queued
    case 'dropped':
      return session.dropped
    case 'subs':
      return session.subscriptions.length
    case 'created':
      return now - session.createdAt
    case 'seen':
      return connected ? 0 : now - since
    case 'offline':
      return connected ? undefined : now - since
    case 'online':
      return connected ? now - since : undefined
    case 'expires':
      return Number.isFinite(session.expiresAt) ? session.expiresAt - now : undefined
    default:
      throw new Error(key)
  }
}

function holdsText(key: string, value: string, session: SessionFacts, given: OracleGiven): boolean {
  const { connection, clientId, owner, subscriptions } = session
  switch (key) {
    case 'state':
      return holdsState(value, session, given)
    case 'stuck':
      return value === `${oracleStuck(session, given) !== undefined}`
    case 'held':
      return value === `${session.hold !== undefined}`
    case 'pinned':
      return value === `${session.expiryPinned}`
    case 'expiry':
      return (
        value === session.expirySource ||
        (value === 'never' && session.expirySeconds === Number.POSITIVE_INFINITY)
      )
    case 'clean':
      return value === `${connection?.cleanStart ?? ''}`
    case 'proto':
      return value === `${connection?.protocolVersion ?? ''}`
    case 'transport':
      return value === (connection?.transport ?? '')
    case 'ip':
      return holdsAddress(value, connection?.address)
    case 'sub':
      if (value === '') return subscriptions.length === 0
      return subscriptions.some(one => fits(value, one.topicFilter))
    case 'topic':
      return subscriptions.some(one => matchesTopic(one.topicFilter, value))
    default:
      return fits(value, textOf(key, { clientId, owner, connection }))
  }
}

function textOf(key: string, session: Pick<SessionFacts, 'clientId' | 'owner' | 'connection'>): string {
  const { clientId, owner, connection } = session
  switch (key) {
    case 'id':
      return clientId
    case 'prefix':
      return clientIdPrefix(clientId)
    case 'owner':
      return owner
    case 'origin':
      return connection?.origin ?? ''
    case 'agent':
      return connection?.userAgent ?? ''
    case 'path':
      return connection?.path ?? ''
    default:
      throw new Error(key)
  }
}

function holdsState(state: string, session: SessionFacts, given: OracleGiven): boolean {
  switch (state) {
    case 'online':
      return session.connected
    case 'offline':
      return !session.connected
    case 'waiting':
      return !session.connected && session.queued > 0
    case 'stuck':
      return oracleStuck(session, given) !== undefined
    case 'conflict':
      return given.conflicts.has(session.clientId)
    default:
      return false
  }
}

function holdsAddress(network: string, address: string | undefined): boolean {
  if (network === '' || address === undefined) return network === '' && address === undefined
  const groups = parseAddress(address)
  return groups !== undefined && isInRange(groups, parseAddressRange(network)!)
}

/** A glob as a regular expression, which may be slow and is surely right. */
function fits(glob: string, text: string): boolean {
  const pattern = glob.replace(/\\([\s\S])|([*?])|([\s\S])/g, (_, escaped, wild, plain) => {
    if (wild !== undefined) return wild === '*' ? '[\\s\\S]*' : '[\\s\\S]'
    return (escaped ?? plain).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  return new RegExp(`^${pattern}$`).test(text)
}
