// One session's queue on the heap: a ring of waiting entries, and counts of what is owed.

import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId, QoS } from '../../protocol/packet.ts'
import type { Bounded } from '../room.ts'
import type { Entry, Epoch, Queue, QueueLimits, Receiver } from '../store.ts'

const FIRST_CAPACITY = 8

/** A message however many queues refer to it; counted once against the store's limit. */
export interface Body {
  references: number
}

export class MemoryEntry implements Entry {
  /** Its place among all entries that the store has made. */
  readonly seq: number
  readonly message: Message
  readonly body: Body
  readonly qos: QoS
  readonly retain: boolean
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly sharedFilter: string | undefined
  packetId: PacketId | 0 = 0
  at: 'waiting' | 'published' | 'released' = 'waiting'
  sentAt: Millis | undefined = undefined
  /** Neighbours among the entries in flight, which end with the session. */
  previous: MemoryEntry | undefined = undefined
  next: MemoryEntry | undefined = undefined

  constructor(seq: number, message: Message, body: Body, qos: QoS, receiver: Receiver) {
    this.seq = seq
    this.message = message
    this.body = body
    this.qos = qos
    this.retain = message.retain && receiver.retainAsPublished
    this.subscriptionIdentifiers = receiver.subscriptionIdentifiers
    this.sharedFilter = receiver.sharedFilter
  }
}

export class MemoryQueue implements Queue, Bounded {
  readonly clientId: string
  limits: QueueLimits
  epoch: Epoch = 0
  /** Ended or buried: it neither takes messages nor gives any. */
  isClosed = false
  isTouched = false
  messages = 0
  bytes = 0
  waiting = 0
  /** Of `bytes`, those of waiting messages. */
  waitingBytes = 0
  announced = 0
  /** First body of the last message it was given, and how many copies of it it got beyond the first. */
  lastGiven: Body | undefined = undefined
  copies = 0
  nextExpiryAt: Millis = Number.POSITIVE_INFINITY
  /** Ids of QoS 2 messages from the client; undefined stands for none. */
  receiving: Set<PacketId> | undefined = undefined
  /** A ring whose length is a power of two; empty until the first message waits. */
  #ring: (MemoryEntry | undefined)[] = []
  #head = 0
  #inFlight: MemoryEntry | undefined = undefined

  constructor(clientId: string, limits: QueueLimits) {
    this.clientId = clientId
    this.limits = limits
  }

  push(entry: MemoryEntry): void {
    if (this.waiting === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.waiting) & (this.#ring.length - 1)] = entry
    this.waiting++
    this.waitingBytes += entry.message.size
    this.messages++
    this.bytes += entry.message.size
    if (entry.message.expiresAt < this.nextExpiryAt) this.nextExpiryAt = entry.message.expiresAt
  }

  /** The oldest waiting entry goes in flight; it stays owed until `settle`. */
  shift(): MemoryEntry | undefined {
    const entry = this.#take()
    if (entry === undefined) return undefined
    entry.next = this.#inFlight
    if (this.#inFlight !== undefined) this.#inFlight.previous = entry
    this.#inFlight = entry
    return entry
  }

  get inFlightMessages(): number {
    return this.messages - this.waiting
  }

  get inFlightBytes(): number {
    return this.bytes - this.waitingBytes
  }

  /** What is in flight, in the order it was fetched. */
  get inFlight(): MemoryEntry[] {
    const entries: MemoryEntry[] = []
    for (let entry = this.#inFlight; entry !== undefined; entry = entry.next) entries.push(entry)
    return entries.reverse()
  }

  /** The entry at `index` of those that wait, 0 the oldest; undefined beyond the last. */
  peek(index: number): MemoryEntry | undefined {
    return index < this.waiting ? this.#ring[(this.#head + index) & (this.#ring.length - 1)] : undefined
  }

  /** Where the first waiting entry beyond this number stands. */
  indexAfter(seq: number): number {
    let low = 0
    let high = this.waiting
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.peek(middle)!.seq <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The entry in flight is owed no more. */
  settle(entry: MemoryEntry): void {
    if (entry.previous !== undefined) entry.previous.next = entry.next
    else if (this.#inFlight === entry) this.#inFlight = entry.next
    if (entry.next !== undefined) entry.next.previous = entry.previous
    entry.previous = undefined
    entry.next = undefined
    this.messages--
    this.bytes -= entry.message.size
  }

  #take(): MemoryEntry | undefined {
    if (this.waiting === 0) return undefined
    const entry = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.waitingBytes -= entry?.message.size ?? 0
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    if (--this.waiting === 0) {
      this.nextExpiryAt = Number.POSITIVE_INFINITY
      if (this.#ring.length > 4 * FIRST_CAPACITY) this.#ring = []
      this.#head = 0
    }
    return entry
  }

  /** Takes out the waiting entries that `isGone` picks, oldest first; they are owed no more. */
  takeOut(isGone: (entry: MemoryEntry) => boolean): MemoryEntry[] {
    const gone: MemoryEntry[] = []
    let next = Number.POSITIVE_INFINITY
    const waiting = this.waiting
    for (let count = 0; count < waiting; count++) {
      const entry = this.#take()!
      this.messages--
      this.bytes -= entry.message.size
      if (isGone(entry)) {
        gone.push(entry)
        continue
      }
      // Back to the tail: after a whole round the order is what it was.
      this.push(entry)
      if (entry.message.expiresAt < next) next = entry.message.expiresAt
    }
    this.nextExpiryAt = next
    return gone
  }

  /** Puts entries among those that wait, each in its place. */
  merge(entries: readonly MemoryEntry[]): void {
    if (entries.length === 0) return
    const all = [...this.takeOut(() => true), ...entries].sort((one, other) => one.seq - other.seq)
    for (const entry of all) this.push(entry)
  }

  /** What was fetched and not sent waits again: nobody holds it any more. */
  putBackUnsent(): void {
    const unsent = this.inFlight.filter(entry => entry.packetId === 0)
    for (const entry of unsent) this.settle(entry)
    this.merge(unsent)
  }

  #grow(): void {
    const grown = new Array<MemoryEntry | undefined>(Math.max(FIRST_CAPACITY, this.#ring.length * 2))
    for (let index = 0; index < this.waiting; index++) {
      grown[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)]
    }
    this.#ring = grown
    this.#head = 0
  }
}
