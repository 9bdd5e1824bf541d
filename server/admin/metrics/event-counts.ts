// Counts the broker's events: who came and was let in or not, why connections and sessions ended.

import type { BrokerEvent, By, DisconnectCause, SessionEnd } from '../../events.ts'
import type { Family } from './family.ts'
import { Tally } from './tally.ts'
import { transports } from './transports.ts'

const protocols: Readonly<Record<number, string>> = { 3: '3.1', 4: '3.1.1', 5: '5.0' }

const causes: Readonly<Record<DisconnectCause, string>> = {
  client: 'the client said goodbye',
  'keep-alive': 'the client was silent for longer than it had promised',
  socket: 'the connection broke',
  'taken-over': 'another connection came with the same client identifier',
  'protocol-error': 'the client did what the specification forbids',
  'packet-too-large': 'a packet was larger than the broker takes',
  'slow-consumer': 'the client did not read what was sent to it',
  'not-authorized': 'the client was not allowed to stay',
  operator: 'an operator ended it',
  hold: 'an operator keeps this client identifier out for a while',
  shutdown: 'the broker was stopping',
}

const ends: Readonly<Record<SessionEnd, string>> = {
  disconnected: 'it was to end with its connection',
  cleaned: 'its client began anew, or an operator cleaned it',
  expired: 'its client stayed away for too long',
  'expired-by-operator': 'an operator had it expire',
}

/** Events that tell who had the broker do it. */
type Act = Extract<BrokerEvent, { readonly by: By | undefined }>['kind']

const acts: Readonly<Record<Act, string>> = {
  disconnected: 'ended a connection',
  'session-ended': 'ended a session: clean, or expire now',
  'queue-cleared': 'took all waiting messages away',
  'messages-removed': 'took some waiting messages away',
  'expiry-set': 'set when a session expires',
  held: 'kept a client identifier out for a while',
  'hold-released': 'let it in again',
  subscribed: 'added a subscription',
  unsubscribed: 'took one away',
  restored: 'brought back what had been taken away',
  purged: 'gave it up for good',
}

const persistences = {
  persistent: 'outlives its connection',
  transient: 'ends with its connection',
} as const

export class EventCounts {
  readonly #connects = new Tally(
    Object.keys(transports).flatMap(transport =>
      Object.values(protocols).map(protocol => ({ transport, protocol })),
    ),
  )
  readonly #refusals = new Tally()
  readonly #disconnects = new Tally(Object.keys(causes).map(cause => ({ cause })))
  readonly #created = new Tally(Object.keys(persistences).map(persistence => ({ persistence })))
  readonly #ended = new Tally(Object.keys(ends).map(reason => ({ reason })))
  readonly #acts = new Tally(Object.keys(acts).map(act => ({ act })))
  #takeovers = 0
  #wills = 0

  /** Called for every event. Of lost messages there may be 100,000 a second; the broker itself counts those. */
  learn(event: BrokerEvent): void {
    if (isAct(event)) this.#acts.add({ act: event.kind })
    switch (event.kind) {
      case 'connected':
        this.#connects.add({
          transport: event.connection.transport,
          protocol: protocols[event.connection.protocolVersion] ?? 'unknown',
        })
        return
      case 'connect-refused':
        this.#refusals.add({ fault: event.fault })
        return
      case 'disconnected':
        this.#disconnects.add({ cause: event.cause })
        return
      case 'taken-over':
        this.#takeovers++
        return
      case 'session-created':
        this.#created.add({ persistence: event.persistent ? 'persistent' : 'transient' })
        return
      case 'session-ended':
        this.#ended.add({ reason: event.why })
        return
      case 'will-published':
        this.#wills++
    }
  }

  families(): readonly Family[] {
    return [...this.#connectionFamilies(), ...this.#sessionFamilies()]
  }

  #connectionFamilies(): readonly Family[] {
    return [
      {
        type: 'counter',
        name: 'holdfast_connects_total',
        help: 'Clients that were let in.',
        labels: { transport: transports, protocol: 'Version of MQTT: 3.1, 3.1.1 or 5.0.' },
        read: () => this.#connects.samples(),
      },
      {
        type: 'counter',
        name: 'holdfast_connects_refused_total',
        help: 'Clients that were not let in: what they sent was no good CONNECT, or it was refused.',
        labels: { fault: 'What was wrong, by the names of server/protocol/fault.ts.' },
        read: () => this.#refusals.samples(),
      },
      {
        type: 'counter',
        name: 'holdfast_disconnects_total',
        help: 'Connections of clients that ended after they had been let in.',
        labels: { cause: causes },
        read: () => this.#disconnects.samples(),
      },
      {
        type: 'counter',
        name: 'holdfast_takeovers_total',
        help: 'Connections that ended because another one came with the same client identifier.',
        read: () => this.#takeovers,
      },
      {
        type: 'counter',
        name: 'holdfast_wills_published_total',
        help: 'Wills that were published.',
        read: () => this.#wills,
      },
    ]
  }

  #sessionFamilies(): readonly Family[] {
    return [
      {
        type: 'counter',
        name: 'holdfast_sessions_created_total',
        help: 'Sessions that were made for a client that had none.',
        labels: { persistence: persistences },
        read: () => this.#created.samples(),
      },
      {
        type: 'counter',
        name: 'holdfast_sessions_ended_total',
        help: 'Sessions that ended, and all that was queued for them with them.',
        labels: { reason: ends },
        read: () => this.#ended.samples(),
      },
      {
        type: 'counter',
        name: 'holdfast_operator_acts_total',
        help: 'What operators and API keys had the broker do to sessions, one for each session.',
        labels: { act: acts },
        read: () => this.#acts.samples(),
      },
    ]
  }
}

function isAct(event: BrokerEvent): boolean {
  return event.kind in acts && (event as { readonly by?: By }).by !== undefined
}
