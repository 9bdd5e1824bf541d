// An application message as it travels through the broker, with the packets it was or will be encoded as.

import type { Millis } from '../clock.ts'
import type { ProtocolVersion, QoS } from './packet.ts'
import { encodePublish } from './publish-encoder.ts'
import type { Topic } from './topic.ts'

/** 3.x at QoS 0, 3.x at QoS 1 or 2, 5.0 at QoS 0, 5.0 at QoS 1 or 2: QoS 1 and 2 differ in the first byte only. */
export type Form = 0 | 1 | 2 | 3

export function formOf(protocolVersion: ProtocolVersion, qos: QoS): Form {
  return ((protocolVersion === 5 ? 2 : 0) + (qos === 0 ? 0 : 1)) as Form
}

/** A PUBLISH on the wire: whoever sends it patches first byte, packet id and message expiry in its own copy. */
export interface Frame {
  readonly bytes: Buffer
  readonly frameStart: number
  readonly frameEnd: number
  /** Where the packet id stands, or -1. */
  readonly packetIdAt: number
  /** Where the four bytes of the Message Expiry Interval stand, or -1. */
  readonly expiryAt: number
}

export interface MessageContent {
  readonly topic: Topic
  readonly qos: QoS
  readonly retain: boolean
  readonly bytes: Buffer
  readonly payloadStart: number
  readonly payloadEnd: number
  /** MQTT 5 properties to forward unaltered, as on the wire, without Message Expiry Interval and Topic Alias. */
  readonly properties: Buffer | undefined
  /** Absolute; Infinity when the message does not expire. */
  readonly expiresAt: Millis
  /** The client id of the publisher; empty for the broker itself. */
  readonly publisher: string
  readonly receivedAt: Millis
}

/**
 * `bytes` is a view of what the socket delivered until `own` is called; who keeps a message beyond the turn
 * in which it arrived must call it, or a message of 50 bytes would hold a chunk of 64 KiB in memory.
 */
export class Message implements MessageContent, Frame {
  readonly topic: Topic
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Buffer | undefined
  readonly expiresAt: Millis
  readonly publisher: string
  readonly receivedAt: Millis
  bytes: Buffer
  payloadStart: number
  payloadEnd: number
  frameStart = 0
  frameEnd = 0
  packetIdAt = -1
  expiryAt = -1
  /** The form in which `bytes[frameStart, frameEnd)` is encoded, or -1 when it is no packet that can be sent on. */
  #form: Form | -1 = -1
  #owned = false
  #encoded: (Frame | undefined)[] | undefined = undefined

  constructor(content: MessageContent) {
    this.topic = content.topic
    this.qos = content.qos
    this.retain = content.retain
    this.bytes = content.bytes
    this.payloadStart = content.payloadStart
    this.payloadEnd = content.payloadEnd
    this.properties = content.properties
    this.expiresAt = content.expiresAt
    this.publisher = content.publisher
    this.receivedAt = content.receivedAt
  }

  get payload(): Buffer {
    return this.bytes.subarray(this.payloadStart, this.payloadEnd)
  }

  get payloadBytes(): number {
    return this.payloadEnd - this.payloadStart
  }

  /** What the message counts for against limits in bytes. */
  get size(): number {
    return this.payloadEnd - this.payloadStart + this.topic.bytes.length + (this.properties?.length ?? 0)
  }

  /** Says that `bytes[frameStart, frameEnd)` is a PUBLISH of this message that may be sent on as it is. */
  arrivedAs(form: Form, frameStart: number, frameEnd: number, packetIdAt: number): void {
    this.#form = form
    this.frameStart = frameStart
    this.frameEnd = frameEnd
    this.packetIdAt = packetIdAt
  }

  /** The message as a packet of that form; encoded once however many receivers it has. */
  frame(form: Form): Frame {
    if (this.#form === form) return this
    this.#encoded ??= [undefined, undefined, undefined, undefined]
    let frame = this.#encoded[form]
    if (frame === undefined) {
      frame = encodePublish(this, form)
      this.#encoded[form] = frame
    }
    return frame
  }

  /** Moves the message out of the chunk it arrived in, unless it is most of it. */
  own(): void {
    if (this.#owned) return
    this.#owned = true
    const start = this.#form === -1 ? this.payloadStart : this.frameStart
    const end = this.#form === -1 ? this.payloadEnd : this.frameEnd
    if (this.bytes.buffer.byteLength <= 2 * (end - start)) return
    const own = Buffer.allocUnsafe(end - start)
    this.bytes.copy(own, 0, start, end)
    this.bytes = own
    this.payloadStart -= start
    this.payloadEnd -= start
    if (this.#form === -1) return
    this.frameStart = 0
    this.frameEnd -= start
    if (this.packetIdAt >= 0) this.packetIdAt -= start
  }
}
