// A cursor over a range of wire bytes that never reads outside it; the first problem sticks and ends the range.

import type { Fault, FaultName } from './fault.ts'
import { fault } from './fault.ts'
import { decodeUtf8, scanUtf8 } from './utf8.ts'

const VARINT_BYTES_MAX = 4

/**
 * Reads fields in order. After a problem every read gives 0, '' or no bytes and `remaining` is 0, so that
 * loops end by themselves; the caller looks at `problem` once, when it has read all. `field` names what is
 * read, as the subject of a sentence: 'the topic filter'.
 */
export class Reader {
  readonly #bytes: Buffer
  #at: number
  #end: number
  #problem: Fault | undefined = undefined

  /** Covers `bytes[start, end)`, which the caller has bounded. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Bytes not read yet; 0 after a problem. */
  get remaining(): number {
    return this.#end - this.#at
  }

  /** The first thing that was wrong. */
  get problem(): Fault | undefined {
    return this.#problem
  }

  /** Ends the range with a problem, unless there is one already. */
  fail(name: FaultName, detail: string): void {
    this.failWith(fault(name, detail))
  }

  failWith(problem: Fault): void {
    this.#problem ??= problem
    this.#at = this.#end
  }

  byte(field: string): number {
    if (!this.#has(1, field)) return 0
    return this.#bytes[this.#at++]!
  }

  uint16(field: string): number {
    if (!this.#has(2, field)) return 0
    const value = this.#bytes.readUInt16BE(this.#at)
    this.#at += 2
    return value
  }

  uint32(field: string): number {
    if (!this.#has(4, field)) return 0
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  /** A Variable Byte Integer, 0 to 268,435,455, in its shortest form only [MQTT5-1.5.5-1]. */
  varint(field: string): number {
    let value = 0
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      if (!this.#has(1, field)) return 0
      const byte = this.#bytes[this.#at++]!
      value |= (byte & 0x7f) << (7 * index)
      if (byte >= 0x80) continue
      if (byte !== 0 || index === 0) return value
      this.fail('malformed-packet', `${field} is not in its shortest form`)
      return 0
    }
    this.fail('malformed-packet', `${field} takes more than four bytes`)
    return 0
  }

  /** A UTF-8 Encoded String [MQTT5-1.5.4-1] [MQTT5-1.5.4-2]. */
  utf8(field: string): string {
    const length = this.uint16(field)
    if (!this.#has(length, field)) return ''
    const start = this.#at
    this.#at += length
    const scan = scanUtf8(this.#bytes, start, this.#at)
    if (scan === 'ascii' || scan === 'multibyte') return decodeUtf8(this.#bytes, start, this.#at, scan)
    const why = scan === 'ill-formed' ? 'is not well-formed UTF-8' : 'contains U+0000'
    this.fail('malformed-packet', `${field} ${why}`)
    return ''
  }

  /** Binary Data as a copy of its own, since it outlives the chunk that it arrived in. */
  binary(field: string): Buffer {
    const length = this.uint16(field)
    if (!this.#has(length, field)) return Buffer.alloc(0)
    const copy = Buffer.allocUnsafeSlow(length)
    this.#bytes.copy(copy, 0, this.#at, this.#at + length)
    this.#at += length
    return copy
  }

  /** A cursor over the next `length` bytes only; this one goes on behind them. */
  block(length: number, field: string): Reader {
    if (!this.#has(length, field)) return new Reader(this.#bytes, this.#end, this.#end)
    this.#at += length
    return new Reader(this.#bytes, this.#at - length, this.#at)
  }

  #has(count: number, field: string): boolean {
    if (this.#end - this.#at >= count) return true
    this.fail('malformed-packet', `${field} is cut short`)
    return false
  }
}
