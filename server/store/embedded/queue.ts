// One session's queue as the event loop holds it: sequence numbers, sizes and flags, 13 bytes an entry; bodies lie on disk.

import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId, QoS } from '../../protocol/packet.ts'
import type { Bounded } from '../room.ts'
import type { Entry, Epoch, Queue, QueueLimits } from '../store.ts'
import type { Page } from './bodies.ts'
import type { Chain, Linked } from './chain.ts'

const FIRST_CAPACITY = 4
/** A larger index is given back once the queue is empty. */
const KEPT_CAPACITY_MAX = 64
const QOS = 3
const RETAIN = 4
const HAS_DETAILS = 8
const IS_SHARED = 16

/** Shared by all queues that are empty. */
const NO_SEQS = new Float64Array(0)
const NO_SIZES = new Uint32Array(0)
const NO_FLAGS = new Uint8Array(0)

/** What stands in the index for one entry. */
export interface Waiting {
  readonly seq: number
  readonly size: number
  readonly qos: QoS
  readonly retain: boolean
  /** Subscription identifiers or a shared filter stand in the record. */
  readonly hasDetails: boolean
  /** A shared subscription chose this session: others may stand in. */
  readonly isShared: boolean
}

/** Entries back in the queue, after they were buried, though its cursor had passed them. */
export interface Returned {
  /** Everything before it has been settled but for these. */
  readonly first: number
  readonly seqs: Set<number>
}

export class EmbeddedEntry implements Entry, Waiting, Linked<EmbeddedEntry> {
  readonly seq: number
  readonly size: number
  readonly message: Message
  readonly qos: QoS
  readonly retain: boolean
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly sharedFilter: string | undefined
  packetId: PacketId | 0 = 0
  at: 'waiting' | 'published' | 'released' = 'waiting'
  sentAt: Millis | undefined = undefined
  /** In its queue, while it is in flight. */
  previous: EmbeddedEntry | undefined = undefined
  next: EmbeddedEntry | undefined = undefined
  chain: object | undefined = undefined

  constructor(
    waiting: Waiting,
    message: Message,
    details: Pick<Entry, 'subscriptionIdentifiers' | 'sharedFilter'>,
  ) {
    this.seq = waiting.seq
    this.size = waiting.size
    this.message = message
    this.qos = waiting.qos
    this.retain = waiting.retain
    this.subscriptionIdentifiers = details.subscriptionIdentifiers
    this.sharedFilter = details.sharedFilter
  }

  get hasDetails(): boolean {
    return this.subscriptionIdentifiers !== undefined || this.sharedFilter !== undefined
  }

  get isShared(): boolean {
    return this.sharedFilter !== undefined
  }
}

/** What fits a byte of an entry; also on its way from the thread that reads everything back. */
export function flagsOf({ qos, retain, hasDetails, isShared }: Omit<Waiting, 'seq' | 'size'>): number {
  return qos | (retain ? RETAIN : 0) | (hasDetails ? HAS_DETAILS : 0) | (isShared ? IS_SHARED : 0)
}

export function waitingOf(seq: number, size: number, flags: number): Waiting {
  return {
    seq,
    size,
    qos: (flags & QOS) as QoS,
    retain: (flags & RETAIN) !== 0,
    hasDetails: (flags & HAS_DETAILS) !== 0,
    isShared: (flags & IS_SHARED) !== 0,
  }
}

export class EmbeddedQueue implements Queue, Bounded {
  readonly clientId: string
  /** New with each generation: late references to an older one reach nobody. */
  readonly number: number
  limits: QueueLimits
  epoch: Epoch = 0
  /** leaving: its shared entries are being offered to others, and then it is buried or has ended. */
  state: 'online' | 'offline' | 'leaving' | 'buried' | 'ended' = 'offline'
  messages = 0
  bytes = 0
  waiting = 0
  announced = 0
  isTouched = false
  /** Of the last message it was given; a second copy of the same one needs a number of its own. */
  lastSeq = 0
  nextExpiryAt: Millis = Number.POSITIVE_INFINITY
  /** Handed out and not acknowledged, in that order. Undefined stands for none, here and below: most are offline. */
  inFlight: Chain<EmbeddedEntry> | undefined = undefined
  /** When a sender last saw that the client had acknowledged something, or that it owed nothing. */
  heardAt: Millis = 0
  /** It has acknowledged since a sender last looked: the time is read once a message, not once an acknowledgement. */
  hasAnswered = true
  /** Settled here while other queues still refer to the message; becomes the cursor and its exceptions. */
  settled: Set<number> | undefined = undefined
  returned: Returned | undefined = undefined
  /** Ids of QoS 2 messages from the client. */
  receiving: Set<PacketId> | undefined = undefined
  /** Bodies read back for the entries at the head. */
  page: Page | undefined = undefined
  isLoading = false
  #seqs = NO_SEQS
  #sizes = NO_SIZES
  #flags = NO_FLAGS
  #head = 0

  constructor(clientId: string, number: number, limits: QueueLimits) {
    this.clientId = clientId
    this.number = number
    this.limits = limits
  }

  /** Whether it takes messages and gives them. */
  get isOpen(): boolean {
    return this.state === 'online' || this.state === 'offline'
  }

  get inFlightMessages(): number {
    return this.messages - this.waiting
  }

  get inFlightBytes(): number {
    let bytes = 0
    for (const { size } of this.inFlight ?? []) bytes += size
    return bytes
  }

  push(entry: Waiting): void {
    this.lastSeq = entry.seq
    if (this.waiting === this.#seqs.length) this.#resize(Math.max(FIRST_CAPACITY, this.waiting * 2))
    const at = (this.#head + this.waiting) & (this.#seqs.length - 1)
    this.#seqs[at] = entry.seq
    this.#sizes[at] = entry.size
    this.#flags[at] = flagsOf(entry)
    this.waiting++
    this.messages++
    this.bytes += entry.size
  }

  /** The entry at `index` of those that wait, 0 the oldest; undefined beyond the last. */
  peek(index: number): Waiting | undefined {
    if (index >= this.waiting) return undefined
    const at = (this.#head + index) & (this.#seqs.length - 1)
    return waitingOf(this.#seqs[at]!, this.#sizes[at]!, this.#flags[at]!)
  }

  /** Where the first waiting entry beyond this number stands. */
  indexAfter(seq: number): number {
    let low = 0
    let high = this.waiting
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#seqs[(this.#head + middle) & (this.#seqs.length - 1)]! <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The waiting entry with this number. */
  find(seq: number): Waiting | undefined {
    const found = this.peek(this.indexAfter(seq - 1))
    return found?.seq === seq ? found : undefined
  }

  /** The oldest waiting entry waits no more; it stays owed until `settle`. */
  shift(): Waiting | undefined {
    const first = this.peek(0)
    if (first !== undefined) this.drop()
    return first
  }

  /** `shift` for who has already seen the entry. */
  drop(): void {
    this.#head = (this.#head + 1) & (this.#seqs.length - 1)
    this.waiting--
    if (this.waiting === 0) this.#emptied()
  }

  #emptied(): void {
    this.nextExpiryAt = Number.POSITIVE_INFINITY
    this.#head = 0
    if (this.#seqs.length > KEPT_CAPACITY_MAX) this.#resize(0)
  }

  /** Owed no more. */
  settle(size: number): void {
    this.messages--
    this.bytes -= size
  }

  /** Takes out the waiting entries that `isGone` picks, oldest first; they are owed no more. */
  takeOut(isGone: (seq: number) => boolean): Waiting[] {
    const gone: Waiting[] = []
    const mask = this.#seqs.length - 1
    let kept = 0
    // In place, and without an object for what stays: a queue may have a million entries.
    for (let index = 0; index < this.waiting; index++) {
      const from = (this.#head + index) & mask
      const seq = this.#seqs[from]!
      if (isGone(seq)) {
        gone.push(waitingOf(seq, this.#sizes[from]!, this.#flags[from]!))
        continue
      }
      const to = (this.#head + kept++) & mask
      this.#seqs[to] = seq
      this.#sizes[to] = this.#sizes[from]!
      this.#flags[to] = this.#flags[from]!
    }
    for (const { size } of gone) this.settle(size)
    this.waiting = kept
    if (kept === 0) this.#emptied()
    return gone
  }

  /** Puts entries among those that wait, each in its place. */
  merge(entries: readonly Waiting[]): void {
    if (entries.length === 0) return
    const { waiting } = this
    const added = entries.toSorted((one, other) => one.seq - other.seq)
    this.#resize(2 ** Math.ceil(Math.log2(Math.max(FIRST_CAPACITY, waiting + added.length))))
    // From behind, where there is room: what waits lies at the beginning now.
    let from = waiting - 1
    let to = waiting + added.length - 1
    for (let next = added.length - 1; next >= 0; to--) {
      const entry = added[next]!
      if (from >= 0 && this.#seqs[from]! > entry.seq) {
        this.#seqs[to] = this.#seqs[from]!
        this.#sizes[to] = this.#sizes[from]!
        this.#flags[to] = this.#flags[from]!
        from--
      } else {
        this.#seqs[to] = entry.seq
        this.#sizes[to] = entry.size
        this.#flags[to] = flagsOf(entry)
        next--
        this.messages++
        this.bytes += entry.size
      }
    }
    this.waiting = waiting + added.length
  }

  /** What was fetched and not sent waits again: nobody holds it any more. */
  putBackUnsent(): void {
    const unsent = [...(this.inFlight ?? [])].filter(entry => entry.packetId === 0)
    for (const entry of unsent) {
      this.inFlight?.remove(entry)
      this.settle(entry.size)
    }
    this.merge(unsent)
  }

  /** The oldest message owed; Infinity when none is. Everything before it has been settled. */
  get oldestOwed(): number {
    let oldest = this.peek(0)?.seq ?? Number.POSITIVE_INFINITY
    for (const { seq } of this.inFlight ?? []) oldest = Math.min(oldest, seq)
    return oldest
  }

  #resize(capacity: number): void {
    if (capacity === 0) {
      this.#seqs = NO_SEQS
      this.#sizes = NO_SIZES
      this.#flags = NO_FLAGS
      return
    }
    const seqs = new Float64Array(capacity)
    const sizes = new Uint32Array(capacity)
    const flags = new Uint8Array(capacity)
    for (let index = 0; index < this.waiting; index++) {
      const at = (this.#head + index) & (this.#seqs.length - 1)
      seqs[index] = this.#seqs[at]!
      sizes[index] = this.#sizes[at]!
      flags[index] = this.#flags[at]!
    }
    this.#seqs = seqs
    this.#sizes = sizes
    this.#flags = flags
    this.#head = 0
  }
}
