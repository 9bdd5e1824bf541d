// A session's time on one connection: its flow-control windows and where its output goes.

import type { Millis } from '../clock.ts'
import type { Fault } from '../protocol/fault.ts'
import type { Message } from '../protocol/message.ts'
import type { PacketId, ProtocolVersion, QoS, ServerPacket } from '../protocol/packet.ts'
import type { Entry, Receiver } from '../store/store.ts'
import type { Ticket } from '../store/ticket.ts'
import type { Session } from './session.ts'

/** A connection as the session sees it. */
export interface Outlet {
  readonly protocolVersion: ProtocolVersion
  /** More unsent bytes than QoS 1 and 2 may add to; `wake('drained')` follows. */
  readonly isFull: boolean
  /** PUBLISHes wait for the store, and what comes after them must not overtake them. */
  readonly holdsPublishes: boolean
  /** Queues a PUBLISH for the end of this turn; QoS 0 may be dropped when the client does not keep up. */
  publish(message: Message, delivery: Outgoing): 'sent' | 'too-large' | 'slow-consumer'
  /** Sends it once the ticket is safe, in order with all answers. */
  publishWhenSafe(ticket: Ticket, entry: Entry): void
  send(packet: ServerPacket): void
  end(fault: Fault): void
  /** Resolves when the socket has gone, at most a moment after `end`. */
  whenClosed(): Promise<void>
}

/** How a message leaves for one client. */
export interface Outgoing {
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  readonly packetId: PacketId | 0
  readonly subscriptionIdentifiers: readonly number[] | undefined
}

/** Why nothing is being sent, and so what wakes the pump (docs/SESSION.md has the table). */
export type Paused = 'caught-up' | 'window-full' | 'socket-full' | 'not-started'

/** Retained messages still to be handed to a new subscription, at the client's pace. */
export interface RetainedFeed {
  readonly receiver: Receiver
  readonly messages: readonly Message[]
  next: number
}

export class Attachment {
  readonly session: Session
  readonly outlet: Outlet
  /** The client's Receive Maximum: unacknowledged QoS 1 and 2 PUBLISH at a time. */
  readonly sendQuotaMax: number
  /**
   * How many more may be sent now; starts anew with each connection [MQTT5-4.9.0-1]. Below zero while a client
   * whose window has become smaller still owes more PUBCOMPs than it has places.
   */
  sendQuota: number
  /** Unacknowledged QoS 1 and 2 PUBLISH from the client on this connection. */
  receivingNow = 0
  /**
   * The oldest QoS 2 message from the client that it has not released (PUBREL) has waited at least since then, on this
   * connection. One number for all of them: an id that is released late is found by it, and nobody pays for the others.
   */
  receivingSince: Millis = 0
  paused: Paused | 'pumping' = 'not-started'
  /** What an earlier connection left unacknowledged; sent again first, in its old order [MQTT5-4.4.0-1]. */
  replay: readonly Entry[] = []
  replayed = 0
  feeds: RetainedFeed[] = []

  constructor(session: Session, outlet: Outlet, receiveMaximum: number) {
    this.session = session
    this.outlet = outlet
    this.sendQuotaMax = receiveMaximum
    this.sendQuota = receiveMaximum
  }

  /** A PUBLISH is acknowledged; the quota never grows past its start [MQTT5-4.9.0-1]. */
  returnQuota(): void {
    if (this.sendQuota < this.sendQuotaMax) this.sendQuota++
  }
}
