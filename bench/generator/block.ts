// A run of PUBLISH packets, encoded and framed once, that is sent again and again with a fresh time in one of them.
import { encodePublish, type Qos } from './codec.ts'
import { makePayload, stamp } from './payload.ts'
import type { Transport } from './target.ts'
import { encodeFrame } from './websocket.ts'

export type BlockOptions = {
  transport: Transport
  topicName: string
  qos: Qos
  publisher: number
  /** Packet id of the first message; the others follow. */
  packetIdFirst: number
  messages: number
}

export class Block {
  readonly #framed: Buffer
  readonly #transport: Transport
  readonly #mqttLength: number
  readonly #stampedPayloadStart: number

  constructor({ transport, topicName, qos, publisher, packetIdFirst, messages }: BlockOptions) {
    // The middle of the block carries the time, as neither its first nor its last message is typical.
    const stampedIndex = messages >> 1
    const packets: Buffer[] = []
    for (let index = 0; index < messages; index++) {
      const payload = makePayload(publisher, index === stampedIndex)
      packets.push(encodePublish(topicName, qos, packetIdFirst + index, payload))
    }
    const mqttBytes = Buffer.concat(packets)
    const packetLength = mqttBytes.length / messages
    const payloadLength = makePayload(publisher, false).length
    this.#transport = transport
    this.#mqttLength = mqttBytes.length
    this.#stampedPayloadStart = (stampedIndex + 1) * packetLength - payloadLength
    this.#framed = transport === 'tcp' ? mqttBytes : encodeFrame(mqttBytes)
  }

  /** The bytes to write, stamped with `nowMs`; they are valid until the next call. */
  stamped(nowMs: number): Buffer {
    stamp(this.#framed, this.#transport, this.#mqttLength, this.#stampedPayloadStart, nowMs)
    return this.#framed
  }
}
