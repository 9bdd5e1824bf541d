// Cuts a byte stream into whole packets, in place where a chunk holds them whole, in linear time and bounded memory.

import { REASSEMBLY_BYTES_START } from '../limits.ts'
import { type Fault, fault } from './fault.ts'

export interface FrameHandler {
  /**
   * One whole packet: `bytes[start, end)` is what follows the fixed header, `frameStart` where the fixed
   * header begins. The bytes are never written to again, so views of them stay valid.
   * Returns 'pause' to hear of no further packet until `resume` is called.
   */
  frame(firstByte: number, bytes: Buffer, frameStart: number, start: number, end: number): 'go' | 'pause'
  frameFault(fault: Fault): void
}

const LENGTH_BYTES_MAX = 4

export class FrameReader {
  readonly #handler: FrameHandler
  /** The largest packet, fixed header included, that is let through (Maximum Packet Size). */
  packetBytesMax: number
  #state: 'reading' | 'paused' | 'ended' = 'reading'
  /** Chunks that arrived while paused, and the rest of the one that was being read; oldest first. */
  #held: Buffer[] = []
  /** The packet that straddles chunks; `#partialBytes` of it have arrived. */
  #partial: Buffer = Buffer.allocUnsafe(0)
  #partialBytes = 0

  constructor(handler: FrameHandler, packetBytesMax: number) {
    this.#handler = handler
    this.packetBytesMax = packetBytesMax
  }

  push(chunk: Buffer): void {
    if (this.#state === 'ended') return
    if (this.#state === 'paused') {
      this.#held.push(chunk)
      return
    }
    this.#read(chunk)
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'reading'
    while (this.#state === 'reading') {
      const chunk = this.#held.shift()
      if (chunk === undefined) return
      this.#read(chunk)
    }
  }

  /** Nothing that has arrived or will arrive is read any more. */
  end(): void {
    this.#state = 'ended'
    this.#held = []
    this.#partial = Buffer.allocUnsafe(0)
    this.#partialBytes = 0
  }

  #read(chunk: Buffer): void {
    let at = 0
    if (this.#partialBytes > 0) {
      at = this.#completePartial(chunk)
      if (at < 0) return
    }
    const length = chunk.length
    while (at < length) {
      if (this.#state !== 'reading') {
        if (this.#state === 'paused') this.#held.unshift(chunk.subarray(at))
        return
      }
      const end = this.#frameEnd(chunk, at, length)
      if (end < 0) return
      if (end === 0 || end > length) {
        this.#keepPartial(chunk, at, length)
        return
      }
      this.#deliver(chunk, at, end)
      at = end
    }
  }

  /** Where the packet at `at` ends (possibly past `length`); 0 when its length is not known yet; -1 after a fault. */
  #frameEnd(bytes: Buffer, at: number, length: number): number {
    let remaining = 0
    let shift = 0
    let index = at + 1
    for (;;) {
      if (index >= length) return 0
      const byte = bytes[index++]!
      remaining |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        // The shortest form is demanded [MQTT5-1.5.5-1].
        if (byte === 0 && shift > 0) return this.#fail('malformed-packet', 'the remaining length is padded')
        break
      }
      shift += 7
      if (index - at > LENGTH_BYTES_MAX) {
        return this.#fail('malformed-packet', 'the remaining length takes more than four bytes')
      }
    }
    const end = index + remaining
    if (end - at > this.packetBytesMax) {
      return this.#fail('packet-too-large', `a packet may have at most ${this.packetBytesMax} bytes`)
    }
    return end
  }

  #fail(name: 'malformed-packet' | 'packet-too-large', detail: string): -1 {
    this.end()
    this.#handler.frameFault(fault(name, detail))
    return -1
  }

  #deliver(bytes: Buffer, frameStart: number, end: number): void {
    let start = frameStart + 1
    while (bytes[start]! >= 0x80) start++
    if (this.#handler.frame(bytes[frameStart]!, bytes, frameStart, start + 1, end) === 'pause') {
      if (this.#state === 'reading') this.#state = 'paused'
    }
  }

  #keepPartial(chunk: Buffer, from: number, to: number): void {
    this.#partial = Buffer.allocUnsafeSlow(Math.max(REASSEMBLY_BYTES_START, to - from))
    chunk.copy(this.#partial, 0, from, to)
    this.#partialBytes = to - from
  }

  /** Adds what the partial packet lacks; returns where the chunk goes on, or -1 when it is used up or failed. */
  #completePartial(chunk: Buffer): number {
    let at = 0
    let end = this.#frameEnd(this.#partial, 0, this.#partialBytes)
    while (end === 0 && at < chunk.length) {
      this.#addPartial(chunk, at, at + 1)
      at++
      end = this.#frameEnd(this.#partial, 0, this.#partialBytes)
    }
    if (end <= 0) return -1
    const take = Math.min(end - this.#partialBytes, chunk.length - at)
    this.#growPartial(end, take)
    this.#addPartial(chunk, at, at + take)
    at += take
    if (this.#partialBytes < end) return -1
    const whole = this.#partial
    this.#partial = Buffer.allocUnsafe(0)
    this.#partialBytes = 0
    this.#deliver(whole, 0, end)
    return at
  }

  #growPartial(wanted: number, adding: number): void {
    const needed = this.#partialBytes + adding
    if (needed <= this.#partial.length) return
    const grown = Buffer.allocUnsafeSlow(Math.min(wanted, Math.max(needed, this.#partial.length * 2)))
    this.#partial.copy(grown, 0, 0, this.#partialBytes)
    this.#partial = grown
  }

  #addPartial(chunk: Buffer, from: number, to: number): void {
    chunk.copy(this.#partial, this.#partialBytes, from, to)
    this.#partialBytes += to - from
  }
}
