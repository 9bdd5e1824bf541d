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
  readonly message: Message
  readonly body: Body
  readonly qos: QoS
  readonly retain: boolean
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly sharedFilter: string | undefined
  packetId: PacketId | 0 = 0
  at: 'waiting' | 'published' | 'released' = 'waiting'
  /** Neighbours among the entries in flight, which end with the session. */
  previous: MemoryEntry | undefined = undefined
  next: MemoryEntry | undefined = undefined

  constructor(message: Message, body: Body, qos: QoS, receiver: Receiver) {
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
  ended = false
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

  /** An entry of this queue that is in flight, if there is one. */
  get inFlight(): MemoryEntry | undefined {
    return this.#inFlight
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

  /** Takes out the waiting entries that have expired, oldest first; they are owed no more. */
  takeExpired(now: Millis): MemoryEntry[] {
    const expired: MemoryEntry[] = []
    let next = Number.POSITIVE_INFINITY
    const waiting = this.waiting
    for (let count = 0; count < waiting; count++) {
      const entry = this.#take()!
      this.messages--
      this.bytes -= entry.message.size
      if (entry.message.expiresAt <= now) {
        expired.push(entry)
        continue
      }
      // Back to the tail: after a whole round the order is what it was.
      this.push(entry)
      if (entry.message.expiresAt < next) next = entry.message.expiresAt
    }
    this.nextExpiryAt = next
    return expired
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
