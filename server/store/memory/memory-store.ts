// The engine that keeps everything on the heap: the oracle of the contract suite, and what volatile sessions use.

import type { Millis } from '../../clock.ts'
import { fault } from '../../protocol/fault.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId, QoS } from '../../protocol/packet.ts'
import type { Topic } from '../../protocol/topic.ts'
import { newSession, resumedSession } from '../new-session.ts'
import { canMakeRoom, isFull, isRejected } from '../room.ts'
import type {
  Attached,
  AttachRequest,
  Entry,
  Lease,
  Queue,
  Receiver,
  Recovered,
  SessionChange,
  SessionRecord,
  Store,
  StoreListener,
} from '../store.ts'
import { SAFE, Ticket } from '../ticket.ts'
import { type Body, MemoryEntry, MemoryQueue } from './queue.ts'

interface Kept {
  readonly queue: MemoryQueue
  record: SessionRecord
}

const QUEUE_FULL = new Ticket(
  fault('quota-exceeded', "a subscriber's queue is full and rejects new messages"),
)
const STORE_FULL = new Ticket(fault('quota-exceeded', 'the message store is full'))

export class MemoryStore implements Store {
  readonly engine = 'memory'
  readonly #sessions = new Map<string, Kept>()
  readonly #bytesMax: number
  #listener: StoreListener = {
    available: () => undefined,
    expiring: () => undefined,
    lost: () => undefined,
  }
  /** Bytes of bodies that at least one queue refers to, each counted once. */
  #bodyBytes = 0
  #bodies = 0

  constructor(limits: { readonly bytesMax: number }) {
    this.#bytesMax = limits.bytesMax
  }

  async open(
    listener: StoreListener,
  ): Promise<{ sessions: Iterable<Recovered>; retained: Iterable<Message> }> {
    this.#listener = listener
    return { sessions: [], retained: [] }
  }

  async close(): Promise<void> {
    this.#sessions.clear()
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
    if (own.ended) return SAFE
    own.ended = true
    this.#sessions.delete(own.clientId)
    while (own.shift() !== undefined);
    const owed: MemoryEntry[] = []
    for (let entry = own.inFlight; entry !== undefined; entry = entry.next) owed.push(entry)
    // The newest stands first in the list, and others may take these over in their order.
    for (const entry of owed.toReversed()) {
      this.#drop(own, entry)
      this.#listener.lost(own, entry.message, reason, entry)
    }
    return SAFE
  }

  append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    if (this.#bodyBytes + message.size > this.#bytesMax) return STORE_FULL
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
    if (queue.ended) return
    if (isFull(queue, message) && !this.#makeRoom(queue, message)) {
      this.#listener.lost(queue, message, 'queue-full', undefined)
      return
    }
    const qos = Math.min(message.qos, receiver.qos) as QoS
    if (body.references++ === 0) {
      this.#bodies++
      this.#bodyBytes += message.size
    }
    const expiring = message.expiresAt < queue.nextExpiryAt
    queue.push(new MemoryEntry(message, body, qos, receiver))
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
      this.#listener.lost(queue, oldest.message, 'queue-full', oldest)
    }
    return true
  }

  fetch(lease: Lease, now: Millis): Entry | undefined {
    const queue = this.#held(lease)
    if (queue === undefined) return undefined
    for (;;) {
      const entry = queue.shift()
      if (entry === undefined || entry.message.expiresAt > now) return entry
      this.#drop(queue, entry)
      this.#listener.lost(queue, entry.message, 'expired', entry)
    }
  }

  send(lease: Lease, entry: Entry, packetId: PacketId): Ticket {
    if (this.#held(lease) === undefined) return SAFE
    entry.packetId = packetId
    entry.at = 'published'
    return SAFE
  }

  release(lease: Lease, entry: Entry): Ticket {
    if (this.#held(lease) !== undefined) entry.at = 'released'
    return SAFE
  }

  acknowledge(lease: Lease, entry: Entry): Ticket {
    const queue = this.#held(lease)
    if (queue !== undefined) this.#drop(queue, entry as MemoryEntry)
    return SAFE
  }

  expire(queue: Queue, now: Millis): void {
    const own = queue as MemoryQueue
    for (const entry of own.takeExpired(now)) {
      this.#forget(entry)
      this.#listener.lost(own, entry.message, 'expired', entry)
    }
  }

  keep(_lease: Lease, _packetId: PacketId): Ticket {
    return SAFE
  }

  forget(_lease: Lease, _packetId: PacketId): Ticket {
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
    return queue.epoch === lease.epoch && !queue.ended ? queue : undefined
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
