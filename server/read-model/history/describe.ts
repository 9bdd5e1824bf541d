// What stands in the timeline for each of the broker's events.

import type { TimelineKind } from '../../../shared/history.ts'
import type { Millis } from '../../clock.ts'
import type { RemoteFacts } from '../../events/connection-facts.ts'
import type { BrokerEvent, By } from '../../events.ts'
import { FILTERS_NAMED_MAX, TEXT_CHARACTERS_MAX } from './limits.ts'

/** A row as it is to be; `data` is written as JSON, and what is undefined in it is left out. */
export interface Happening {
  readonly kind: TimelineKind
  readonly at: Millis
  /** Empty in what is about no client. */
  readonly clientId: string
  readonly generation: string | undefined
  readonly actor: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

type Told = {
  readonly kind: TimelineKind
  readonly data: Readonly<Record<string, unknown>>
  readonly by?: By | undefined
}

/** Undefined for what has no row: single messages, and what another row says already. */
export function describe(event: BrokerEvent): Happening | undefined {
  const told = tell(event)
  if (told === undefined) return undefined
  const { kind, data, by } = told
  return {
    kind,
    at: event.at,
    clientId: event.clientId,
    generation: 'generation' in event ? event.generation : undefined,
    actor: by?.actor,
    data: by?.reason === undefined ? data : { ...data, reason: by.reason },
  }
}

function tell(event: BrokerEvent): Told | undefined {
  switch (event.kind) {
    case 'message-lost':
    case 'broker-started':
    case 'store-warning':
      return undefined
    case 'connected':
      return { kind: 'connect', data: connected(event) }
    case 'connect-refused':
      return { kind: 'connect.refused', data: refused(event) }
    case 'taken-over': {
      const heldMs = Math.max(0, event.at - event.since)
      return { kind: 'takeover', data: { from: event.from.toJSON(), by: event.by.toJSON(), heldMs } }
    }
    case 'disconnected': {
      const { cause, closeCode, by } = event
      return { kind: 'disconnect', data: { cause, detail: cut(event.detail), closeCode }, by }
    }
    case 'subscribed': {
      const named = event.subscriptions.slice(0, FILTERS_NAMED_MAX)
      const subscriptions = named.map(one => ({ topicFilter: cut(one.topicFilter), qos: one.qos }))
      return { kind: 'subscribe', data: { subscriptions, of: event.subscriptions.length }, by: event.by }
    }
    case 'unsubscribed': {
      const topicFilters = event.topicFilters.slice(0, FILTERS_NAMED_MAX).map(cut)
      return { kind: 'unsubscribe', data: { topicFilters, of: event.topicFilters.length }, by: event.by }
    }
    case 'queue-level': {
      const { percent, messages, bytes } = event
      if (percent === 0) return { kind: 'queue.started', data: { messages, bytes } }
      return { kind: 'queue.level', data: { percent, messages, bytes } }
    }
    case 'in-flight-stuck':
      return { kind: 'inflight.stuck', data: { sentAt: iso(event.sentAt), inFlight: event.inFlight } }
    case 'will-published':
      return { kind: 'will.sent', data: { topic: cut(event.topic) } }
    default:
      return tellOfActs(event)
  }
}

type Act = Extract<
  BrokerEvent,
  {
    kind:
      | 'session-created'
      | 'session-ended'
      | 'queue-cleared'
      | 'messages-removed'
      | 'expiry-set'
      | 'held'
      | 'hold-released'
      | 'restored'
      | 'purged'
  }
>

const endKinds = {
  disconnected: 'ended',
  cleaned: 'cleaned',
  expired: 'expired',
  'expired-by-operator': 'expired',
} as const

function tellOfActs(event: Act): Told | undefined {
  switch (event.kind) {
    case 'session-created':
      // That a session is new is said by `connect` as well, and one that is not kept is new each time.
      return event.persistent ? { kind: 'created', data: {} } : undefined
    case 'session-ended': {
      const { why, messages, bytes, tombstone, by } = event
      if (why === 'disconnected' && messages === 0) return undefined
      return { kind: endKinds[why], data: { messages, bytes, tombstone }, by }
    }
    case 'queue-cleared':
    case 'messages-removed': {
      const { messages, bytes, tombstone, by } = event
      return {
        kind: event.kind === 'queue-cleared' ? 'cleared' : 'removed',
        data: { messages, bytes, tombstone },
        by,
      }
    }
    case 'expiry-set': {
      const { source, pinned, by } = event
      return {
        kind: 'expiry.set',
        data: { ...expiry(event.expirySeconds), expiresAt: iso(event.expiresAt), source, pinned },
        by,
      }
    }
    case 'held':
      return { kind: 'hold', data: { until: iso(event.until) }, by: event.by }
    case 'hold-released':
      return { kind: 'hold.released', data: {}, by: event.by }
    case 'restored': {
      const { what, messages, bytes, tombstone, by } = event
      return { kind: 'restored', data: { what, messages, bytes, tombstone }, by }
    }
    case 'purged': {
      const { what, messages, bytes, tombstone, by } = event
      return { kind: 'purged', data: { what, messages, bytes, tombstone }, by }
    }
  }
}

function connected(event: Extract<BrokerEvent, { kind: 'connected' }>): Readonly<Record<string, unknown>> {
  const { connection, sessionPresent } = event
  return { ...connection.toJSON(), sessionPresent, ...expiry(event.expirySeconds) }
}

function refused(
  event: Extract<BrokerEvent, { kind: 'connect-refused' }>,
): Readonly<Record<string, unknown>> {
  const { fault, remote, protocolVersion, cleanStart } = event
  const { transport, address, port, origin, userAgent, path }: RemoteFacts = remote
  const where = { transport, address, port, origin, userAgent, path }
  return { fault, detail: cut(event.reason), protocolVersion, cleanStart, ...where }
}

/** JSON has no Infinity: a session that never expires has null. */
function expiry(expirySeconds: number): { readonly expirySeconds: number | null } {
  return { expirySeconds: Number.isFinite(expirySeconds) ? expirySeconds : null }
}

function iso(at: Millis | undefined): string | null {
  return at === undefined || !Number.isFinite(at) ? null : new Date(at).toISOString()
}

export function cut(text: string): string {
  return text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text
}
