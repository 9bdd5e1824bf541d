// The engine that keeps everything on the heap: the oracle of the contract suite, and what volatile sessions use.

import { assert } from '../../assert.ts'
import type { Millis } from '../../clock.ts'
import { fault } from '../../protocol/fault.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId, QoS } from '../../protocol/packet.ts'
import type { Topic } from '../../protocol/topic.ts'
import { newSession, resumedSession } from '../new-session.ts'
import { NO_LISTENER } from '../no-listener.ts'
import { canMakeRoom, isFull, isRejected } from '../room.ts'
import type {
  Attached,
  AttachRequest,
  Buried,
  BuryRequest,
  Entry,
  Lease,
  LossReason,
  Opened,
  Owed,
  Queue,
  Receiver,
  Restored,
  SessionChange,
  Store,
  StoredSubscription,
  StoreListener,
  Tombstone,
} from '../store.ts'
import { SAFE, Ticket } from '../ticket.ts'
import { type Body, MemoryEntry, MemoryQueue } from './queue.ts'
import { type Kept, MemoryTombstones } from './tombstones.ts'

const QUEUE_FULL = new Ticket(
  fault('quota-exceeded', "a subscriber's queue is full and rejects new messages"),
)
const STORE_FULL = new Ticket(fault('quota-exceeded', 'the message store is full'))

export class MemoryStore implements Store {
  readonly engine = 'memory'
  readonly #sessions = new Map<string, Kept>()
  readonly #bytesMax: number
  readonly #tombstones: MemoryTombstones
  #listener: StoreListener = NO_LISTENER
  #lastSeq = 0
  /** Bytes of bodies that at least one queue refers to, each counted once. */
  #bodyBytes = 0
  #bodies = 0

  constructor(limits: { readonly bytesMax: number }) {
    this.#bytesMax = limits.bytesMax
    this.#tombstones = new MemoryTombstones({
      sessions: this.#sessions,
      listener: () => this.#listener,
      forget: entry => this.#forget(entry),
      drop: (queue, entry) => this.#drop(queue, entry),
      isTaken: (queue, entry) => this.#isTaken(queue, entry),
      touch: queue => this.#touch(queue),
      expire: (queue, now) => this.expire(queue, now),
    })
  }

  async open(listener: StoreListener): Promise<Opened> {
    this.#listener = listener
    return { sessions: [], retained: [], aliveAt: undefined }
  }

  async close(): Promise<void> {
    this.#sessions.clear()
    this.#tombstones.clear()
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const existing = this.#sessions.get(request.clientId)
    if (existing !== undefined && request.existing === 'resume') return this.#resume(existing, request)
    if (existing !== undefined) this.end(existing.queue, 'session-cleaned')
    const queue = new MemoryQueue(request.clientId, request.limits)
    queue.epoch = (existing?.queue.epoch ?? 0) + 1
    const record = newSession(request)
    this.#sessions.set(request.clientId, { queue, record })
    return { at: 'created', lease: { queue, epoch: queue.epoch }, record, ticket: SAFE }
  }

  #resume(kept: Kept, request: AttachRequest): Attached {
    kept.queue.epoch++
    kept.queue.limits = request.limits
    kept.record = resumedSession(kept.record, request)
    const lease = { queue: kept.queue, epoch: kept.queue.epoch }
    return { at: 'resumed', lease, record: kept.record, ticket: SAFE }
  }

  adopt(lease: Lease, subscriptions: readonly StoredSubscription[]): void {
    const queue = this.#held(lease)
    const kept = queue === undefined ? undefined : this.#sessions.get(queue.clientId)
    if (kept !== undefined) kept.record = { ...kept.record, subscriptions }
  }

  change(lease: Lease, change: SessionChange): Ticket {
    const queue = this.#held(lease)
    const kept = queue === undefined ? undefined : this.#sessions.get(queue.clientId)
    if (kept === undefined) return SAFE
    const { subscribe, unsubscribe, ...fields } = change
    let subscriptions = kept.record.subscriptions
    if (subscribe !== undefined || unsubscribe !== undefined) {
      const gone = new Set([...(unsubscribe ?? []), ...(subscribe ?? []).map(one => one.topicFilter)])
      subscriptions = [...subscriptions.filter(one => !gone.has(one.topicFilter)), ...(subscribe ?? [])]
    }
    kept.record = { ...kept.record, ...fields, subscriptions }
    return SAFE
  }

  detach(lease: Lease, change: SessionChange): Ticket {
    return this.change(lease, change)
  }

  end(queue: Queue, reason: 'session-cleaned' | 'session-ended'): Ticket {
    const own = queue as MemoryQueue
    if (own.isClosed) return SAFE
    own.isClosed = true
    this.#sessions.delete(own.clientId)
    while (own.shift() !== undefined);
    for (const entry of own.inFlight) {
      const isTaken = this.#isTaken(own, entry)
      this.#drop(own, entry)
      if (!isTaken) this.#listener.lost(own, entry.message, reason)
    }
    return SAFE
  }

  append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    while (this.#bodyBytes + message.size > this.#bytesMax) {
      if (!this.#tombstones.purgeOldest()) return STORE_FULL
    }
    if (isRejected(message, receivers, count)) return QUEUE_FULL
    message.own()
    const first: Body = { references: 0 }
    /** Bodies of second and further copies, by how many of them the queue has already. */
    const further: Body[] = []
    for (let index = 0; index < count; index++) {
      const queue = receivers[index]!.queue as MemoryQueue
      queue.copies = queue.lastGiven === first ? queue.copies + 1 : 0
      queue.lastGiven = first
      let body: Body | undefined = first
      if (queue.copies > 0) {
        body = further[queue.copies] ?? { references: 0 }
        further[queue.copies] = body
      }
      this.#enqueue(message, body, receivers[index]!)
    }
    return SAFE
  }

  #enqueue(message: Message, body: Body, receiver: Receiver): void {
    const queue = receiver.queue as MemoryQueue
    if (queue.isClosed) return
    if (isFull(queue, message) && !this.#makeRoom(queue, message)) {
      this.#listener.lost(queue, message, 'queue-full')
      return
    }
    const qos = Math.min(message.qos, receiver.qos) as QoS
    if (body.references++ === 0) {
      this.#bodies++
      this.#bodyBytes += message.size
    }
    const expiring = message.expiresAt < queue.nextExpiryAt
    queue.push(new MemoryEntry(++this.#lastSeq, message, body, qos, receiver))
    this.#touch(queue)
    if (expiring) this.#listener.expiring(queue)
    if (queue.waiting === 1) this.#listener.available(queue)
  }

  /** Drops the oldest waiting messages until this one fits; in-flight ones are never dropped. */
  #makeRoom(queue: MemoryQueue, message: Message): boolean {
    if (!canMakeRoom(queue, message)) return false
    while (isFull(queue, message)) {
      const oldest = queue.shift()
      if (oldest === undefined) return false
      this.#drop(queue, oldest)
      this.#listener.lost(queue, oldest.message, 'queue-full')
    }
    return true
  }

  fetch(lease: Lease, now: Millis): Entry | undefined {
    const queue = this.#held(lease)
    if (queue === undefined) return undefined
    for (;;) {
      const entry = queue.shift()
      if (entry === undefined) return undefined
      this.#touch(queue)
      if (entry.message.expiresAt > now) return entry
      this.#drop(queue, entry)
      this.#listener.lost(queue, entry.message, 'expired')
    }
  }

  send(lease: Lease, entry: Entry, packetId: PacketId, now: Millis): Ticket {
    if (this.#held(lease) === undefined) return SAFE
    entry.packetId = packetId
    entry.at = 'published'
    entry.sentAt = now
    return SAFE
  }

  release(lease: Lease, entry: Entry): Ticket {
    if (this.#held(lease) !== undefined) entry.at = 'released'
    return SAFE
  }

  acknowledge(lease: Lease, entry: Entry): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    this.#drop(queue, entry as MemoryEntry)
    this.#touch(queue)
    return SAFE
  }

  expire(queue: Queue, now: Millis): void {
    const own = queue as MemoryQueue
    if (own.isClosed) return
    const expired = own.takeOut(entry => entry.message.expiresAt <= now)
    for (const entry of expired) {
      this.#forget(entry)
      this.#listener.lost(own, entry.message, 'expired')
    }
    if (expired.length > 0) this.#touch(own)
  }

  browse(queue: Queue, after: number, limit: number): readonly Owed[] {
    const own = queue as MemoryQueue
    const entries = own.inFlight.filter(entry => entry.seq > after)
    const first = own.indexAfter(after)
    for (let index = first; index < Math.min(own.waiting, first + limit); index++)
      entries.push(own.peek(index)!)
    entries.sort((one, other) => one.seq - other.seq)
    return entries.slice(0, limit).map(({ seq, message: { size }, qos, retain, at, packetId, sentAt }) => ({
      seq,
      size,
      qos,
      retain,
      at,
      packetId,
      sentAt,
    }))
  }

  async read(queue: Queue, seqs: readonly number[]): Promise<ReadonlyMap<number, Message>> {
    const own = queue as MemoryQueue
    const inFlight = new Map(own.inFlight.map(entry => [entry.seq, entry]))
    const found = new Map<number, Message>()
    for (const seq of seqs) {
      const entry = inFlight.get(seq) ?? own.peek(own.indexAfter(seq - 1))
      if (entry?.seq === seq) found.set(seq, entry.message)
    }
    return found
  }

  discard(queue: Queue, seqs: readonly number[] | undefined, reason: LossReason): Ticket {
    const own = queue as MemoryQueue
    if (own.isClosed) return SAFE
    const unwanted = seqs === undefined ? undefined : new Set(seqs)
    for (const entry of own.takeOut(one => unwanted?.has(one.seq) ?? true)) {
      this.#forget(entry)
      this.#listener.lost(own, entry.message, reason)
    }
    this.#touch(own)
    return SAFE
  }

  bury(
    queue: Queue,
    request: BuryRequest,
    times: { readonly now: Millis; readonly purgeAt: Millis },
  ): Buried {
    const kept = this.#sessions.get(queue.clientId)
    assert(kept?.queue === queue, 'what is to be buried is there')
    return { tombstone: this.#tombstones.bury(kept, request, times), ticket: SAFE }
  }

  async restore(id: string, now: Millis): Promise<Restored> {
    return this.#tombstones.restore(id, now)
  }

  purge(id: string): Ticket {
    this.#tombstones.purge(id)
    return SAFE
  }

  tombstones(): Iterable<Tombstone> {
    return this.#tombstones.all()
  }

  keep(lease: Lease, packetId: PacketId): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    queue.receiving ??= new Set()
    queue.receiving.add(packetId)
    return SAFE
  }

  forget(lease: Lease, packetId: PacketId): Ticket {
    this.#held(lease)?.receiving?.delete(packetId)
    return SAFE
  }

  totals(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#bodies, bytes: this.#bodyBytes }
  }

  retain(_topic: Topic, _message: Message | undefined): Ticket {
    return SAFE
  }

  /** The lease's queue, unless a later attach or the session's end has fenced it out. */
  #held(lease: Lease): MemoryQueue | undefined {
    const queue = lease.queue as MemoryQueue
    return queue.epoch === lease.epoch && !queue.isClosed ? queue : undefined
  }

  #isTaken(queue: MemoryQueue, entry: MemoryEntry): boolean {
    return entry.sharedFilter !== undefined && this.#listener.offered(queue, entry) === 'taken'
  }

  #touch(queue: MemoryQueue): void {
    if (queue.isTouched) return
    queue.isTouched = true
    this.#listener.changed(queue)
  }

  #drop(queue: MemoryQueue, entry: MemoryEntry): void {
    queue.settle(entry)
    this.#forget(entry)
  }

  #forget(entry: MemoryEntry): void {
    if (--entry.body.references > 0) return
    this.#bodies--
    this.#bodyBytes -= entry.message.size
  }
}
