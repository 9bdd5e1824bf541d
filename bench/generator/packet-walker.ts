// Walks over received MQTT bytes packet by packet, in place, and tells a sink what it saw.

/** Called synchronously while the bytes are valid; a sink must copy what it wants to keep. */
export type PacketSink = {
  publish(bytes: Buffer, payloadStart: number, qos: number, packetId: number): void
  acknowledgement(packetId: number): void
  other(packetType: number, body: Buffer): void
}

const typeConnack = 2
const typePublish = 3
const typePuback = 4

/** Larger than any packet of a benchmark, so that a desynchronised stream is noticed at once. */
const packetBytesMax = 1 << 20

export class PacketWalker {
  readonly #sink: PacketSink
  /** The beginning of a packet whose end has not arrived yet. */
  #partial: Buffer | null = null

  constructor(sink: PacketSink) {
    this.#sink = sink
  }

  feed(bytes: Buffer, start: number, end: number): void {
    if (this.#partial !== null) {
      const joined = Buffer.concat([this.#partial, bytes.subarray(start, end)])
      this.#partial = null
      this.feed(joined, 0, joined.length)
      return
    }
    let at = start
    while (at < end) {
      const next = this.#walkOne(bytes, at, end)
      if (next === at) break
      at = next
    }
    if (at < end) this.#partial = Buffer.from(bytes.subarray(at, end))
  }

  /** Returns where the next packet begins, or `at` itself when this one is not complete. */
  #walkOne(bytes: Buffer, at: number, end: number): number {
    const firstByte = bytes[at] as number
    let bodyStart = at + 1
    let length = 0
    let shift = 0
    for (;;) {
      if (bodyStart >= end) return at
      const digit = bytes[bodyStart++] as number
      length |= (digit & 0x7f) << shift
      if (digit < 0x80) break
      shift += 7
    }
    if (length > packetBytesMax) throw new Error(`the broker sent a packet of ${length} bytes`)
    const next = bodyStart + length
    if (next > end) return at
    this.#report(firstByte, bytes, bodyStart, next)
    return next
  }

  #report(firstByte: number, bytes: Buffer, bodyStart: number, next: number): void {
    const packetType = firstByte >> 4
    if (packetType === typePublish) {
      const qos = (firstByte >> 1) & 3
      const topicEnd = bodyStart + 2 + uint16(bytes, bodyStart)
      if (qos === 0) this.#sink.publish(bytes, topicEnd, 0, 0)
      else this.#sink.publish(bytes, topicEnd + 2, qos, uint16(bytes, topicEnd))
    } else if (packetType === typePuback) {
      this.#sink.acknowledgement(uint16(bytes, bodyStart))
    } else {
      this.#sink.other(packetType, bytes.subarray(bodyStart, next))
    }
  }
}

export function isConnack(packetType: number): boolean {
  return packetType === typeConnack
}

function uint16(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
