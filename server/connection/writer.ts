// The only place that writes to a connection: packets are gathered in blocks and leave once a turn.

import {
  COPY_BYTES_MAX,
  LARGE_BLOCK_BYTES,
  LARGE_BLOCKS_KEPT_MAX,
  SMALL_BLOCK_BYTES,
  SMALL_BLOCKS_KEPT_MAX,
} from '../limits.ts'
import type { Frame, Message } from '../protocol/message.ts'
import { writeMessageExpiry } from '../protocol/publish-encoder.ts'
import type { ByteStream } from '../transport/byte-stream.ts'
import type { Flushable, Turn } from './turn.ts'

const smallBlocks: Buffer[] = []
const largeBlocks: Buffer[] = []
const NO_BLOCK = Buffer.alloc(0)

function takeBlock(bytes: number, first: boolean): Buffer {
  if (first && bytes <= SMALL_BLOCK_BYTES)
    return smallBlocks.pop() ?? Buffer.allocUnsafeSlow(SMALL_BLOCK_BYTES)
  if (bytes > LARGE_BLOCK_BYTES) return Buffer.allocUnsafeSlow(bytes)
  return largeBlocks.pop() ?? Buffer.allocUnsafeSlow(LARGE_BLOCK_BYTES)
}

function giveBackBlock(block: Buffer): void {
  if (block.length === SMALL_BLOCK_BYTES) {
    if (smallBlocks.length < SMALL_BLOCKS_KEPT_MAX) smallBlocks.push(block)
  } else if (block.length === LARGE_BLOCK_BYTES && largeBlocks.length < LARGE_BLOCKS_KEPT_MAX) {
    largeBlocks.push(block)
  }
}

export interface WriterCounters {
  bytesSent: number
  packetsSent: number
}

export class Writer implements Flushable {
  readonly #stream: ByteStream
  readonly #turn: Turn
  readonly #counters: WriterCounters
  /** What is full or foreign, in order; the block comes after it. */
  #sealed: Buffer[] = []
  #blocks: Buffer[] = []
  #block: Buffer = NO_BLOCK
  #at = 0
  /** Where the unsealed part of the block begins. */
  #from = 0
  #pendingBytes = 0
  #unsentBytes = 0
  #joined = false
  #writtenBytes = 0
  /** Called when the kernel did not take all that was written. */
  readonly #stalled: () => void

  constructor(stream: ByteStream, turn: Turn, counters: WriterCounters, stalled: () => void) {
    this.#stream = stream
    this.#turn = turn
    this.#counters = counters
    this.#stalled = stalled
  }

  /** Bytes that have not reached the kernel: gathered in this turn, and left over from earlier ones. */
  get backlogBytes(): number {
    return this.#pendingBytes + this.#unsentBytes
  }

  /** A packet whose bytes are not written to any more. */
  packet(bytes: Buffer): void {
    this.#counters.packetsSent++
    if (bytes.length >= COPY_BYTES_MAX) {
      this.#pass(bytes)
      return
    }
    const at = this.#reserve(bytes.length)
    bytes.copy(this.#block, at)
  }

  /** A PUBLISH that others get too: copied, or passed on where it lies, and patched in the copy. */
  publish(message: Message, frame: Frame, firstByte: number, packetId: number, now: number): void {
    this.#counters.packetsSent++
    const length = frame.frameEnd - frame.frameStart
    const payloadBytes = message.payloadEnd - message.payloadStart
    const head = length >= COPY_BYTES_MAX ? length - payloadBytes : length
    const at = this.#reserve(head)
    const block = this.#block
    frame.bytes.copy(block, at, frame.frameStart, frame.frameStart + head)
    block[at] = firstByte
    if (frame.packetIdAt >= 0) {
      const idAt = at + frame.packetIdAt - frame.frameStart
      block[idAt] = packetId >>> 8
      block[idAt + 1] = packetId & 0xff
    }
    if (frame.expiryAt >= 0) {
      writeMessageExpiry(block, at + frame.expiryAt - frame.frameStart, message.expiresAt, now)
    }
    if (head < length) this.#pass(frame.bytes.subarray(frame.frameEnd - payloadBytes, frame.frameEnd))
  }

  /** Hands everything to the stream; called once at the end of the turn, or before the connection ends. */
  flush(): void {
    this.#joined = false
    if (this.#pendingBytes === 0) return
    this.#seal()
    const sealed = this.#sealed
    const blocks = this.#blocks
    this.#sealed = []
    this.#blocks = []
    this.#block = NO_BLOCK
    this.#at = 0
    this.#from = 0
    this.#counters.bytesSent += this.#pendingBytes
    this.#writtenBytes += this.#pendingBytes
    this.#pendingBytes = 0
    this.#stream.write(sealed)
    this.#unsentBytes = this.#stream.unsentBytes
    // The kernel took it all: nobody reads the blocks any more.
    if (this.#unsentBytes > 0) this.#stalled()
    else for (const block of blocks) giveBackBlock(block)
  }

  /** What still waits in the stream, and what has left it for good. */
  progress(): { readonly unsentBytes: number; readonly sentBytes: number } {
    const { unsentBytes } = this.#stream
    return { unsentBytes, sentBytes: this.#writtenBytes - unsentBytes }
  }

  /** The stream says that what it held has left. */
  drained(): void {
    this.#unsentBytes = this.#stream.unsentBytes
  }

  #reserve(bytes: number): number {
    if (!this.#joined) {
      this.#joined = true
      this.#turn.join(this)
    }
    if (this.#at + bytes > this.#block.length) {
      this.#seal()
      this.#block = takeBlock(bytes, this.#blocks.length === 0)
      this.#blocks.push(this.#block)
      this.#at = 0
      this.#from = 0
    }
    const at = this.#at
    this.#at += bytes
    this.#pendingBytes += bytes
    return at
  }

  #pass(bytes: Buffer): void {
    this.#reserve(0)
    this.#seal()
    this.#sealed.push(bytes)
    this.#pendingBytes += bytes.length
  }

  #seal(): void {
    if (this.#at > this.#from) this.#sealed.push(this.#block.subarray(this.#from, this.#at))
    this.#from = this.#at
  }
}
