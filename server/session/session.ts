// A session, online or offline: what the broker knows of a client id beyond its connections.

import { assert } from '../assert.ts'
import type { Millis } from '../clock.ts'
import type { ConnectionFacts } from '../events/connection-facts.ts'
import type { ExpirySource } from '../events.ts'
import type { PacketId } from '../protocol/packet.ts'
import type { Lease, SessionRecord, Store, StoredWill } from '../store/store.ts'
import type { Ticket } from '../store/ticket.ts'
import type { Attachment } from './attachment.ts'
import type { SendingWindow } from './sending-window.ts'
import type { Subscription } from './subscription.ts'
import type { Scheduled } from './timer-wheel.ts'

const PACKET_ID_MAX = 65_535

export class Session {
  readonly clientId: string
  /** The user that created it; empty for anonymous clients. */
  readonly owner: string
  readonly generation: string
  readonly createdAt: Millis
  /** Where its queue is: the durable store, or the volatile one for a session that ends with its connection. */
  readonly store: Store
  lease: Lease
  /** Grows with each change of its own state, messages aside (docs/decisions/0007-session-version.md). */
  version: number
  /** It has changed since the read model last looked. */
  isTouched = false
  /** Of its latest connection; undefined when an earlier version of the broker did not keep it. */
  connection: ConnectionFacts | undefined
  /** Seconds the session outlives its connection; 0 ends it at once, Infinity never. */
  expirySeconds: number
  expirySource: ExpirySource
  /** Later connections get it too, whatever they ask for, until an operator takes that back. */
  expiryPinned: boolean
  /** Absolute; undefined while connected and when it never expires. */
  expiresAt: Millis | undefined = undefined
  connectedAt: Millis = 0
  disconnectedAt: Millis | undefined = undefined
  will: StoredWill | undefined = undefined
  willDueAt: Millis | undefined = undefined
  subscriptions: Subscription[] = []
  attachment: Attachment | undefined = undefined
  /** The next deadline: will, expiry of the session or of a waiting message. */
  timer: Scheduled | undefined = undefined
  ended = false
  /**
   * Ids of QoS 2 messages from the client whose PUBREL has not come, with what says that the message is safe:
   * a repeated PUBLISH is answered on the first one's ticket, on whatever connection it comes. Undefined: none.
   */
  receiving: Map<PacketId, Ticket> | undefined = undefined
  /** What was sent to the client and is not acknowledged. */
  sending: SendingWindow | undefined = undefined
  #lastPacketId = 0

  constructor(record: SessionRecord, lease: Lease, store: Store) {
    this.clientId = record.clientId
    this.owner = record.owner
    this.generation = record.generation
    this.createdAt = record.createdAt
    this.version = record.version
    this.connection = record.connection
    this.expirySeconds = record.expirySeconds
    this.expirySource = record.expirySource
    this.expiryPinned = record.expiryPinned
    this.lease = lease
    this.store = store
  }

  /** A packet id that nothing in flight uses [MQTT5-2.2.1-4]; the window is far smaller than the id space. */
  nextPacketId(): PacketId {
    assert((this.sending?.size ?? 0) < PACKET_ID_MAX, 'the window is smaller than the space of packet ids')
    do {
      this.#lastPacketId = this.#lastPacketId === PACKET_ID_MAX ? 1 : this.#lastPacketId + 1
    } while (this.sending?.get(this.#lastPacketId as PacketId) !== undefined)
    return this.#lastPacketId as PacketId
  }

  subscriptionTo(topicFilter: string): Subscription | undefined {
    return this.subscriptions.find(one => one.topicFilter === topicFilter)
  }
}
