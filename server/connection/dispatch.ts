// An open connection: what each packet of a connected client does, and the one performer of Steps.

import { reasonCodes } from '../../shared/reason-codes.ts'
import { type ConnectedPacket, decode } from '../protocol/decoder.ts'
import { type Fault, fault, isFault } from '../protocol/fault.ts'
import { type Acknowledgement, type PacketId, packetTypes, type ServerPacket } from '../protocol/packet.ts'
import {
  type DecodedPublish,
  decodePublish,
  NOTHING_DECODED,
  type PublishContext,
} from '../protocol/publish-decoder.ts'
import type { Topic, TopicTable } from '../protocol/topic.ts'
import type { Attachment } from '../session/attachment.ts'
import { onPuback, onPubcomp, onPubrec } from '../session/deliver.ts'
import { expirySeconds } from '../session/policy.ts'
import { outgoing } from '../session/pump.ts'
import { onPublish, onPubrel } from '../session/receive.ts'
import type { Step } from '../session/step.ts'
import type { Entry } from '../store/store.ts'
import { bothSafe, SAFE, type Ticket } from '../store/ticket.ts'
import type { ConnectionContext } from './context.ts'
import type { Gate, Held } from './gate.ts'
import type { Output } from './output.ts'
import type { Reauthentication } from './reauthentication.ts'
import { IncomingAliases } from './topic-alias.ts'

export interface OpenGiven {
  readonly context: ConnectionContext
  readonly attachment: Attachment
  readonly output: Output
  readonly gate: Gate
  readonly reauthentication: Reauthentication
  end(fault: Fault): void
  /** The client has said goodbye. */
  departed(will: 'discard' | 'publish', expirySeconds: number | undefined): void
}

const FAILURE = 0x80

export class OpenConnection implements PublishContext {
  readonly #given: OpenGiven
  readonly #context: ConnectionContext
  readonly #attachment: Attachment
  readonly #aliases: IncomingAliases
  readonly #receiveMaximum: number
  readonly #decoded: DecodedPublish = { ...NOTHING_DECODED }
  /** Ids of refused QoS 2 messages, until their refusal is told. */
  readonly #forgetting = new Map<PacketId, Ticket>()
  readonly protocolVersion
  readonly topics: TopicTable
  readonly clientId: string
  readonly userPropertiesMax: number
  readonly userPropertyBytesMax: number
  readonly messageExpiryDefaultSeconds: number | undefined

  constructor(given: OpenGiven) {
    const { settings, broker } = given.context
    this.#given = given
    this.#context = given.context
    this.#attachment = given.attachment
    this.#aliases = new IncomingAliases(settings.topicAliasMax)
    this.protocolVersion = given.output.protocolVersion
    // 3.x has no flow control to be held to; what waits for the store is bounded by the gate.
    this.#receiveMaximum = this.protocolVersion === 5 ? settings.receiveMaximum : Number.POSITIVE_INFINITY
    this.topics = broker.parts.topics
    this.clientId = given.attachment.session.clientId
    this.userPropertiesMax = settings.userPropertiesMax
    this.userPropertyBytesMax = settings.userPropertyBytesMax
    this.messageExpiryDefaultSeconds = settings.messageExpiryDefaultSeconds
  }

  resolveAlias(alias: number, topic: Topic | undefined): Topic | Fault {
    return this.#aliases.resolve(alias, topic)
  }

  frame(firstByte: number, bytes: Buffer, frameStart: number, start: number, end: number): void {
    const type = firstByte >> 4
    if (type === packetTypes.publish) this.#onPublish(firstByte, bytes, frameStart, start, end)
    else if (end - start === 2 && this.#onShortAcknowledgement(firstByte, bytes, start)) return
    else this.#onPacket(firstByte, bytes, start, end)
  }

  #onPublish(firstByte: number, bytes: Buffer, frameStart: number, start: number, end: number): void {
    const now = this.#context.clock.now()
    const decoded = this.#decoded
    const problem = decodePublish(firstByte, bytes, frameStart, start, end, this, now, decoded)
    if (problem !== undefined) {
      this.#given.end(problem)
      return
    }
    const { broker } = this.#context
    const { message } = decoded
    const { counters } = broker.parts
    counters.messagesReceived++
    counters.payloadBytesReceived += message.payloadBytes
    if (message.qos === 0) {
      if (!message.topic.isReserved) broker.publish(message, this.#attachment.session)
    } else
      this.#perform(onPublish(this.#attachment, message, decoded.packetId as PacketId, this.#receiveMaximum))
  }

  /** The four acknowledgements without reason code are most of what a client sends; true when it was one. */
  #onShortAcknowledgement(firstByte: number, bytes: Buffer, start: number): boolean {
    const packetId = ((bytes[start]! << 8) | bytes[start + 1]!) as PacketId
    if (packetId === 0) return false
    switch (firstByte) {
      case 0x40:
        this.#onAcknowledgement('puback', packetId, 0)
        return true
      case 0x50:
        this.#onAcknowledgement('pubrec', packetId, 0)
        return true
      case 0x62:
        this.#onAcknowledgement('pubrel', packetId, 0)
        return true
      case 0x70:
        this.#onAcknowledgement('pubcomp', packetId, 0)
        return true
      default:
        return false
    }
  }

  #onPacket(firstByte: number, bytes: Buffer, start: number, end: number): void {
    const packet = decode({ firstByte, bytes, start, end }, this.protocolVersion, this.#context.decodeLimits)
    if (isFault(packet)) this.#given.end(packet)
    else this.#onDecoded(packet)
  }

  #onDecoded(packet: ConnectedPacket): void {
    const { broker } = this.#context
    switch (packet.type) {
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        this.#onAcknowledgement(packet.type, packet.packetId, packet.code)
        return
      case 'subscribe':
        this.#perform(broker.subscribe(this.#attachment, packet))
        return
      case 'unsubscribe':
        this.#perform(broker.unsubscribe(this.#attachment, packet))
        return
      case 'pingreq':
        this.#given.output.send({ type: 'pingresp' })
        return
      case 'disconnect':
        this.#onDisconnect(packet.code, packet.properties.sessionExpiryIntervalSeconds)
        return
      case 'auth':
        this.#given.reauthentication.onAuth(packet)
        return
    }
  }

  #onAcknowledgement(type: Acknowledgement['type'], packetId: PacketId, code: number): void {
    const attachment = this.#attachment
    switch (type) {
      case 'puback':
        this.#perform(onPuback(attachment, packetId))
        break
      case 'pubrec':
        this.#perform(onPubrec(attachment, packetId, code))
        break
      case 'pubcomp':
        this.#perform(onPubcomp(attachment, packetId))
        break
      case 'pubrel':
        this.#perform(onPubrel(attachment, packetId, this.#context.clock.now()))
        return
    }
    this.#context.broker.wake(attachment, 'acknowledged')
  }

  /** A session of expiry 0 cannot be made to last by its DISCONNECT (5.0 section 3.14.2.2.2). */
  #onDisconnect(code: number, expiryOnWire: number | undefined): void {
    const expiry = expiryOnWire === undefined ? undefined : expirySeconds(expiryOnWire)
    if (expiry !== undefined && expiry > 0 && this.#attachment.session.expirySeconds === 0) {
      this.#given.end(
        fault('protocol-error', 'DISCONNECT extends a session that was to end with its connection'),
      )
      return
    }
    const cap = this.#context.settings.sessionExpiryMaxSeconds ?? Number.POSITIVE_INFINITY
    const granted = expiry === undefined ? undefined : Math.min(expiry, cap)
    this.#given.departed(
      code === reasonCodes['disconnect-with-will'] || code >= FAILURE ? 'publish' : 'discard',
      granted,
    )
  }

  /** The only place that carries out a Step, in this order: persist, route, send, feed, close. */
  #perform(step: Step): void {
    const { broker } = this.#context
    let ticket = step.after ?? SAFE
    let { send } = step
    if (step.persist !== undefined) ticket = broker.persist(this.#attachment.session, step.persist)
    if (step.route !== undefined) {
      const published = broker.publish(step.route, this.#attachment.session)
      ticket = bothSafe(ticket, published.ticket)
      if (published.receivers === 0 && this.protocolVersion === 5) send = sayNobodyListens(send)
    }
    if (step.persist?.change === 'keep') this.#remember(step.persist.packetId, ticket)
    if (send !== undefined) this.#answer(ticket, send)
    if (step.feed !== undefined && step.feed.length > 0)
      this.#given.gate.hold(ticket, { type: 'feed', feed: step.feed })
    if (step.close !== undefined) this.#given.end(step.close)
  }

  /**
   * A QoS 2 message that the store refuses was never received: its id must be free again before the publisher
   * repeats it, whether or not this connection is still there to tell it.
   */
  #remember(packetId: PacketId, ticket: Ticket): void {
    if (ticket.isSafe) return
    const { session } = this.#attachment
    session.receiving?.set(packetId, ticket)
    const forgetIfRefused = {
      settled: (): void => {
        if (ticket.refusal === undefined || session.receiving?.get(packetId) !== ticket) return
        session.receiving.delete(packetId)
        this.#forgetting.set(packetId, this.#context.broker.persist(session, { change: 'forget', packetId }))
      },
    }
    if (ticket.isPending) ticket.notify(forgetIfRefused)
    else forgetIfRefused.settled()
  }

  #answer(ticket: Ticket, packet: ServerPacket): void {
    if (ticket.isSafe && this.#given.gate.isOpen) this.#send(packet)
    else this.#given.gate.hold(ticket, packet)
  }

  /** Gets what the gate lets through, once the store has spoken. */
  release(held: Held, ticket: Ticket): void {
    const { refusal } = ticket
    if (refusal !== undefined) {
      this.#refused(held, refusal)
      return
    }
    if (held.type === 'entry') this.#publish(held.entry)
    else if (held.type === 'feed') this.#context.broker.feed(this.#attachment, held.feed)
    else this.#send(held)
  }

  /** A message that is too large for the client gives its place in the window back. */
  #publish(entry: Entry): void {
    const outcome = this.#given.output.publish(entry.message, outgoing(entry, false))
    if (outcome !== 'sent') this.#context.broker.giveUp(this.#attachment, entry, outcome)
  }

  #send(packet: ServerPacket): void {
    // A PUBCOMP for an id nobody knows ends nothing, and must not let the client past its Receive Maximum.
    if (packet.type === 'puback' || (packet.type === 'pubcomp' && packet.code === 0)) this.#settleReceived()
    else if (packet.type === 'pubrec' && packet.code >= FAILURE) this.#settleReceived()
    this.#given.output.send(packet)
  }

  #settleReceived(): void {
    if (this.#attachment.receivingNow > 0) this.#attachment.receivingNow--
  }

  /**
   * What is not kept is not acknowledged: a 5.0 publisher hears why, for a 3.x publisher the connection ends,
   * and it sends again when it is back [MQTT3-3.3.5-2].
   */
  #refused(held: Held, refusal: Fault): void {
    if (
      this.protocolVersion < 5 ||
      (held.type !== 'puback' && held.type !== 'pubrec') ||
      held.code >= FAILURE
    ) {
      this.#given.end(fault('store-unavailable', refusal.detail))
      return
    }
    const code = reasonCodes['quota-exceeded']
    const answer = { ...held, code, properties: { reasonString: refusal.detail } }
    if (held.type === 'puback') {
      this.#send(answer)
      return
    }
    // Were the id not forgotten for good, the next message under it would be taken for a duplicate of this one.
    const forgotten = this.#forgetting.get(held.packetId) ?? SAFE
    this.#forgetting.delete(held.packetId)
    this.#given.gate.hold(forgotten, answer)
  }
}

/** A success that says nobody subscribes to the topic [MQTT5-3.4.2-1]. */
function sayNobodyListens(packet: ServerPacket | undefined): ServerPacket | undefined {
  if (packet?.type !== 'puback' && packet?.type !== 'pubrec') return packet
  return { ...packet, code: reasonCodes['no-matching-subscribers'] }
}
