// What happens in the broker, as facts: listeners learn from them and cannot change anything.

import type { Millis } from './clock.ts'
import type { ConnectionFacts, RemoteFacts } from './events/connection-facts.ts'

export type DisconnectCause =
  | 'client'
  | 'keep-alive'
  | 'socket'
  | 'taken-over'
  | 'operator'
  | 'hold'
  | 'protocol-error'
  | 'packet-too-large'
  | 'slow-consumer'
  | 'not-authorized'
  | 'shutdown'

/** Who had the broker do something, and why; clients and the broker itself are nobody in this sense. */
export interface By {
  readonly actor: string
  readonly reason: string | undefined
}

/** Who decided how long a session outlives its connection. */
export type ExpirySource = 'client' | 'policy' | 'operator'

/** Why a session is no more. */
export type SessionEnd = 'disconnected' | 'cleaned' | 'expired' | 'expired-by-operator'

interface Common {
  readonly at: Millis
  /** Empty in what is about no client. */
  readonly clientId: string
}

interface OfSession extends Common {
  readonly generation: string
}

/** Set when an operator did it; undefined when the client, a deadline or the broker did. */
interface ByOperator {
  readonly by: By | undefined
}

/** What an operator took away, and the tombstone it can be brought back from; undefined: for good. */
interface TakenAway {
  readonly messages: number
  readonly bytes: number
  readonly tombstone: string | undefined
}

interface Granted {
  readonly topicFilter: string
  readonly qos: number
}

/** The session side of what happened; messages are counted (Counters), for an event each would cost too much. */
export type BrokerEvent =
  | (Common & {
      readonly kind: 'broker-started'
      readonly sessions: number
      /** For how long no broker ran on the store, by the machine's clock; undefined when that is not known. */
      readonly downMs: Millis | undefined
    })
  /** What of the store or its disk is nearly full from now on; undefined: nothing is any more. */
  | (Common & { readonly kind: 'store-warning'; readonly warning: string | undefined })
  | (OfSession & {
      readonly kind: 'connected'
      readonly connection: ConnectionFacts
      readonly sessionPresent: boolean
      /** Messages that were in flight when its last connection ended and are sent once more. */
      readonly redelivering: number
      /** As granted; Infinity: the session does not expire. */
      readonly expirySeconds: number
    })
  | (Common & {
      readonly kind: 'connect-refused'
      readonly fault: string
      readonly reason: string
      readonly remote: RemoteFacts
      /** Undefined when what came was no CONNECT, or one that cannot be read. */
      readonly protocolVersion: number | undefined
      readonly cleanStart: boolean | undefined
    })
  | (OfSession & {
      readonly kind: 'taken-over'
      readonly from: ConnectionFacts
      /** When the one that is taken over from had connected. */
      readonly since: Millis
      readonly by: ConnectionFacts
    })
  | (OfSession &
      ByOperator & {
        readonly kind: 'disconnected'
        readonly cause: DisconnectCause
        readonly detail: string
        /** Of the WebSocket, when the peer closed it. */
        readonly closeCode: number | undefined
      })
  | (OfSession & ByOperator & { readonly kind: 'subscribed'; readonly subscriptions: readonly Granted[] })
  | (OfSession & ByOperator & { readonly kind: 'unsubscribed'; readonly topicFilters: readonly string[] })
  | (OfSession & { readonly kind: 'session-created'; readonly persistent: boolean })
  | (OfSession & ByOperator & TakenAway & { readonly kind: 'session-ended'; readonly why: SessionEnd })
  | (OfSession & ByOperator & TakenAway & { readonly kind: 'queue-cleared' })
  | (OfSession & ByOperator & TakenAway & { readonly kind: 'messages-removed' })
  | (OfSession &
      ByOperator & {
        readonly kind: 'expiry-set'
        /** Infinity: the session does not expire. */
        readonly expirySeconds: number
        /** Undefined while the session is connected, and when it does not expire. */
        readonly expiresAt: Millis | undefined
        readonly source: ExpirySource
        readonly pinned: boolean
      })
  | (Common & ByOperator & { readonly kind: 'held'; readonly until: Millis })
  /** `by` is undefined when its time had come. */
  | (Common & ByOperator & { readonly kind: 'hold-released' })
  | (OfSession &
      ByOperator & {
        readonly kind: 'restored'
        readonly what: 'session' | 'queue'
        readonly tombstone: string
        readonly messages: number
        readonly bytes: number
      })
  /** What a tombstone held is gone for good; `by` is undefined when its time had come. */
  | (OfSession & ByOperator & TakenAway & { readonly kind: 'purged'; readonly what: 'session' | 'queue' })
  | (OfSession & { readonly kind: 'will-published'; readonly topic: string })
  | QueueLevel
  | InFlightStuck
  | MessageLost

/** Told by the read model, which looks at counts: a queue has grown past a step of its limit. */
export interface QueueLevel extends OfSession {
  readonly kind: 'queue-level'
  /** Percent of the limit in messages or bytes, whichever is nearer; 0: the first message waits for a client that is away. */
  readonly percent: 0 | 50 | 90 | 100
  readonly messages: number
  readonly bytes: number
}

/** Told by the read model: the oldest message in flight to a connected client has not moved for too long. */
export interface InFlightStuck extends OfSession {
  readonly kind: 'in-flight-stuck'
  /** When it was sent on this connection. */
  readonly sentAt: Millis
  readonly inFlight: number
}

/** The one event that there may be a hundred thousand of a second; plain references to what is there anyway. */
export interface MessageLost extends Common {
  readonly kind: 'message-lost'
  readonly reason: string
  /** Undefined, as all that follows, when the message was not in memory any more. */
  readonly topic: string | undefined
  /** The client id of its publisher; empty for the broker itself. */
  readonly publisher: string | undefined
  readonly qos: number | undefined
  /** What it counted for against limits in bytes. */
  readonly size: number | undefined
  /** By which the store can still read it in this turn, when it was not in memory. */
  readonly seq: number | undefined
}

export type Emit = (event: BrokerEvent) => void

/** Running totals since the start; plain numbers, because they are touched for every message. */
export class Counters {
  bytesReceived = 0
  bytesSent = 0
  /** MQTT packets of any type. */
  packetsReceived = 0
  packetsSent = 0
  /** PUBLISH packets from clients. */
  messagesReceived = 0
  /** PUBLISH packets to clients, repeated ones included. */
  messagesSent = 0
  /** Of the payloads of those PUBLISH packets. */
  payloadBytesReceived = 0
  payloadBytesSent = 0
  /** Messages owed to a session that did not reach it, whatever the reason. */
  messagesDropped = 0
}
