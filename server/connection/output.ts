// What leaves for one client after CONNECT: encoded in its version, within its limits, in order.

import type { Counters } from '../events.ts'
import { SOCKET_FULL_BYTES } from '../limits.ts'
import { type EncodeRoom, encode } from '../protocol/encoder.ts'
import type { Fault } from '../protocol/fault.ts'
import { formOf, type Message } from '../protocol/message.ts'
import type { ProtocolVersion, ServerPacket } from '../protocol/packet.ts'
import { encodePersonalPublish, publishFirstByte } from '../protocol/publish-encoder.ts'
import type { Outgoing, Outlet } from '../session/attachment.ts'
import type { Entry } from '../store/store.ts'
import type { Ticket } from '../store/ticket.ts'
import type { Gate } from './gate.ts'
import { OutgoingAliases } from './topic-alias.ts'
import type { Writer } from './writer.ts'

export interface OutputGiven {
  readonly protocolVersion: ProtocolVersion
  readonly writer: Writer
  readonly gate: Gate
  readonly room: EncodeRoom
  readonly topicAliasMaximum: number
  readonly outputBytesMax: number
  readonly counters: Counters
  now(): number
  end(fault: Fault): void
  whenClosed(): Promise<void>
}

export class Output implements Outlet {
  readonly protocolVersion: ProtocolVersion
  readonly #given: OutputGiven
  readonly #writer: Writer
  readonly #packetBytesMax: number
  readonly #aliases: OutgoingAliases | undefined

  constructor(given: OutputGiven) {
    this.#given = given
    this.#writer = given.writer
    this.protocolVersion = given.protocolVersion
    this.#packetBytesMax = given.room.maximumPacketSizeBytes ?? Number.POSITIVE_INFINITY
    this.#aliases = given.topicAliasMaximum > 0 ? new OutgoingAliases(given.topicAliasMaximum) : undefined
  }

  get isFull(): boolean {
    return this.#writer.backlogBytes > SOCKET_FULL_BYTES
  }

  get holdsPublishes(): boolean {
    return this.#given.gate.entries > 0
  }

  publish(message: Message, form: Outgoing): 'sent' | 'too-large' | 'slow-consumer' {
    if (form.qos === 0 && this.#writer.backlogBytes > this.#given.outputBytesMax) return 'slow-consumer'
    if (form.subscriptionIdentifiers !== undefined || this.#aliases !== undefined) {
      if (this.protocolVersion === 5) return this.#publishPersonal(message, form)
    }
    const frame = message.frame(formOf(this.protocolVersion, form.qos))
    if (frame.frameEnd - frame.frameStart > this.#packetBytesMax) return 'too-large'
    const firstByte = publishFirstByte(form.qos, form.retain, form.dup)
    this.#writer.publish(message, frame, firstByte, form.packetId, frame.expiryAt < 0 ? 0 : this.#given.now())
    this.#count(message)
    return 'sent'
  }

  #publishPersonal(message: Message, form: Outgoing): 'sent' | 'too-large' {
    const topicAlias = this.#aliases?.aliasOf(message.topic)
    const bytes = encodePersonalPublish(message, { ...form, topicAlias }, this.#given.now())
    if (bytes.length > this.#packetBytesMax) {
      if (topicAlias?.is === 'new') this.#aliases?.takeBack(message.topic)
      return 'too-large'
    }
    this.#writer.packet(bytes)
    this.#count(message)
    return 'sent'
  }

  #count(message: Message): void {
    const { counters } = this.#given
    counters.messagesSent++
    counters.payloadBytesSent += message.payloadBytes
  }

  publishWhenSafe(ticket: Ticket, entry: Entry): void {
    this.#given.gate.hold(ticket, { type: 'entry', entry })
  }

  send(packet: ServerPacket): void {
    const bytes = encode(packet, this.protocolVersion, this.#given.room)
    if (bytes.length > 0) this.#writer.packet(bytes)
  }

  end(fault: Fault): void {
    this.#given.end(fault)
  }

  whenClosed(): Promise<void> {
    return this.#given.whenClosed()
  }
}
