// What the table of sessions knows of one session: plain facts, so that the table needs no broker.

import type { Millis } from '../clock.ts'
import type { ConnectionFacts } from '../events/connection-facts.ts'
import type { BrokerEvent, ExpirySource } from '../events.ts'
import type { QueueLimits } from '../store/store.ts'

export interface HoldFacts {
  readonly until: Millis
  readonly by: string
  readonly reason: string | undefined
}

export interface SessionFacts {
  readonly clientId: string
  readonly owner: string
  readonly generation: string
  readonly version: number
  readonly createdAt: Millis
  readonly connected: boolean
  /** When its connection began, or its last one ended. */
  readonly since: Millis
  /** Of its latest connection; undefined when nobody remembers it. */
  readonly connection: ConnectionFacts | undefined
  /** Infinity: the session never expires. */
  readonly expirySeconds: number
  readonly expirySource: ExpirySource
  readonly expiryPinned: boolean
  /** Infinity while connected, and when it never expires. */
  readonly expiresAt: Millis
  /** May grow at its end afterwards, and must not change otherwise. */
  readonly subscriptions: readonly { readonly topicFilter: string }[]
  readonly limits: QueueLimits
  /** Messages that wait to be sent. */
  readonly queued: number
  /** What is owed: waiting and in flight. */
  readonly messages: number
  readonly bytes: number
  /** The client's Receive Maximum; 0 while it is not connected. */
  readonly outLimit: number
  /** When the oldest message in flight was sent; Infinity without one. */
  readonly oldestInFlightAt: Millis
  /** QoS 2 messages from the client whose PUBREL has not come. */
  readonly receiving: number
  /** Messages lost since the broker started. */
  readonly dropped: number
  readonly hold: HoldFacts | undefined
}

export interface SessionEnded {
  readonly ended: true
  readonly clientId: string
  readonly generation: string
}

/** Where the table learns what has changed. */
export interface SessionSource {
  /** From now on changes are remembered; `full` is called when they are many, and is to have them taken soon. */
  watch(full: () => void): void
  /** What happens in the broker: not all of it shows in what changes. */
  learn(event: BrokerEvent): void
  /** Sessions that have changed and were not taken; at first all there are. */
  readonly pending: number
  /** At most so many of them, as they are now and each once, in the order they changed, those that have ended first. */
  take(max: number): Iterable<SessionFacts | SessionEnded>
  /** As it is now, whether it was taken or not. */
  find(clientId: string): SessionFacts | undefined
}
