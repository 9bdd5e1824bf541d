// The durable engine: indexes on the event loop, bodies and all state in a database that a thread of its own writes.

import type { Clock, Millis } from '../../clock.ts'
import { fault } from '../../protocol/fault.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId, QoS } from '../../protocol/packet.ts'
import type { Topic, TopicTable } from '../../protocol/topic.ts'
import { ulid } from '../../random.ts'
import { encodeBody } from '../records.ts'
import { canMakeRoom, isFull, isRejected } from '../room.ts'
import type {
  Attached,
  AttachRequest,
  Entry,
  Lease,
  Queue,
  QueueLimits,
  Receiver,
  Recovered,
  SessionChange,
  SessionRecord,
  Store,
  StoreListener,
} from '../store.ts'
import { bothSafe, SAFE, Ticket } from '../ticket.ts'
import { type Batch, Resident } from './batch.ts'
import { Bodies } from './bodies.ts'
import { Committer } from './committer.ts'
import type { Durability } from './database.ts'
import { Database } from './database-thread.ts'
import type { Damage } from './messages.ts'
import { type EmbeddedEntry, EmbeddedQueue, type Waiting } from './queue.ts'
import { rebuild } from './rebuild.ts'
import { encodeSession, optionsOf } from './session-record.ts'

export interface EmbeddedSettings {
  readonly dataDirectory: string
  readonly durability: Durability
  readonly bytesMax: number
  /** Limits of sessions that were made by an earlier process, until their client is back. */
  readonly limits: QueueLimits
  readonly topics: TopicTable
  readonly clock: Clock
  /** A record that was found damaged and set aside. */
  damaged?(damage: Damage): void
  /** The store has failed in a way it cannot go on from; the process must end. */
  fatal(message: string): void
}

/** A connected client that owes acknowledgements for so long is treated as if it were away. */
const SILENCE_MS = 100

export interface Kept {
  readonly queue: EmbeddedQueue
  record: SessionRecord
}

const QUEUE_FULL = new Ticket(
  fault('quota-exceeded', "a subscriber's queue is full and rejects new messages"),
)
const STORE_FULL = new Ticket(fault('quota-exceeded', 'the message store is full'))

export class EmbeddedStore implements Store {
  readonly engine = 'embedded'
  readonly #settings: EmbeddedSettings
  readonly #sessions = new Map<string, Kept>()
  /** Queues whose cursor on disk is behind. */
  readonly #unwritten = new Set<EmbeddedQueue>()
  readonly #bodies: Bodies
  readonly #committer: Committer
  readonly #database: Database
  #listener: StoreListener = { available: () => undefined, expiring: () => undefined, lost: () => undefined }
  /** Ends of sessions whose messages are still being read for others to take over. */
  readonly #passing = new Set<Promise<void>>()
  #lastSeq = 0
  #lastNumber = 0

  constructor(settings: EmbeddedSettings) {
    this.#settings = settings
    this.#bodies = new Bodies(settings.topics, resident => this.#committer.batch.drop(resident))
    this.#database = new Database(settings, answer => this.#committer.answer(answer))
    this.#committer = new Committer({
      now: () => settings.clock.now(),
      post: (request, transfer) => this.#database.ask(request, transfer),
      addCursors: batch => this.#addCursors(batch),
      durable: residents => this.#bodies.durable(residents),
      withdraw: residents => this.#withdraw(residents),
      fatal: message => settings.fatal(message),
    })
  }

  get statistics() {
    return this.#committer.statistics
  }

  /** Why the disk takes nothing; undefined while all is well. */
  get problem(): string | undefined {
    return this.#committer.refusal?.detail
  }

  async open(
    listener: StoreListener,
  ): Promise<{ sessions: Iterable<Recovered>; retained: Iterable<Message> }> {
    this.#listener = listener
    await this.#database.open()
    const rebuilt = await rebuild(this.#database, this.#settings, this.#bodies)
    this.#lastSeq = rebuilt.lastSeq
    this.#lastNumber = rebuilt.lastNumber
    for (const { queue, record } of rebuilt.sessions) {
      this.#sessions.set(queue.clientId, { queue, record })
    }
    return { sessions: rebuilt.sessions, retained: rebuilt.retained }
  }

  async close(): Promise<void> {
    await Promise.all(this.#passing)
    await this.#committer.drain()
    await this.#database.close()
  }

  backup(directory: string): Promise<void> {
    return this.#database.backup(directory)
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const existing = this.#sessions.get(request.clientId)
    if (existing !== undefined && request.existing === 'resume') return this.#resume(existing, request)
    if (existing !== undefined) this.end(existing.queue, 'session-cleaned')
    const queue = new EmbeddedQueue(request.clientId, ++this.#lastNumber, request.limits)
    queue.epoch = existing?.queue.epoch ?? 0
    const record: SessionRecord = {
      clientId: request.clientId,
      owner: request.owner,
      generation: ulid(request.now),
      createdAt: request.now,
      expirySeconds: request.expirySeconds,
      disconnectedAt: undefined,
      expiresAt: undefined,
      subscriptions: [],
      will: request.will,
      willDueAt: undefined,
    }
    const kept = { queue, record }
    this.#sessions.set(request.clientId, kept)
    return this.#attached(kept, 'created')
  }

  #resume(kept: Kept, request: AttachRequest): Attached {
    kept.queue.limits = request.limits
    const { expirySeconds, will } = request
    const online = { disconnectedAt: undefined, expiresAt: undefined, willDueAt: undefined }
    kept.record = { ...kept.record, ...online, expirySeconds, will }
    return this.#attached(kept, 'resumed')
  }

  #attached(kept: Kept, at: Attached['at']): Attached {
    const { queue, record } = kept
    queue.epoch++
    queue.state = 'online'
    return { at, lease: { queue, epoch: queue.epoch }, record, ticket: this.#writeSession(kept) }
  }

  detach(lease: Lease, change: SessionChange): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    queue.state = 'offline'
    queue.page = undefined
    // What was held back for its acknowledgement must now be written.
    if (queue.messages > 0) this.#committer.hurry()
    return this.change(lease, change)
  }

  change(lease: Lease, change: SessionChange): Ticket {
    const queue = this.#held(lease)
    const kept = queue === undefined ? undefined : this.#sessions.get(queue.clientId)
    if (queue === undefined || kept === undefined) return SAFE
    const { subscribe = [], unsubscribe = [], ...fields } = change
    const { statements } = this.#committer.batch
    for (const filter of unsubscribe) statements.push(['unsubscribe', queue.number, filter])
    for (const one of subscribe) {
      statements.push([
        'subscribe',
        queue.number,
        one.topicFilter,
        optionsOf(one),
        one.subscriptionIdentifier,
      ])
    }
    if (subscribe.length > 0 || unsubscribe.length > 0) {
      const gone = new Set([...unsubscribe, ...subscribe.map(one => one.topicFilter)])
      const stay = kept.record.subscriptions.filter(one => !gone.has(one.topicFilter))
      kept.record = { ...kept.record, subscriptions: [...stay, ...subscribe] }
    }
    if (Object.keys(fields).length === 0) return this.#urgent()
    kept.record = { ...kept.record, ...fields }
    return this.#writeSession(kept)
  }

  end(queue: Queue, reason: 'session-cleaned' | 'session-ended'): Ticket {
    const own = queue as EmbeddedQueue
    if (own.state === 'ended') return SAFE
    own.state = 'ended'
    this.#sessions.delete(own.clientId)
    this.#unwritten.delete(own)
    for (const entry of own.inFlight?.values() ?? []) {
      this.#listener.lost(own, entry.message, reason, entry)
      this.#release(own, entry.seq, entry.size)
    }
    own.inFlight = undefined
    const waiting = own.takeOut(() => true)
    const toPassOn = waiting.filter(one => one.hasDetails)
    for (const one of waiting) {
      if (one.hasDetails) continue
      this.#listener.lost(own, this.#bodies.find(one.seq)?.message, reason, undefined)
      this.#release(own, one.seq, one.size)
    }
    if (toPassOn.length > 0) return this.#passOn(own, toPassOn, reason)
    this.#committer.batch.statements.push(['end-session', own.number])
    return this.#urgent()
  }

  /**
   * Other members of shared groups take over what has to be read first. The session leaves the disk in the same
   * transaction in which its messages reach their new queues, so that a crash between the two loses none.
   */
  #passOn(
    queue: EmbeddedQueue,
    waiting: readonly Waiting[],
    reason: 'session-cleaned' | 'session-ended',
  ): Ticket {
    const ended = new Ticket()
    const seqs = waiting.map(one => one.seq)
    const passing = this.#database.read(queue.number, seqs, 'with-receivers').then(page => {
      for (const one of waiting) {
        const entry = this.#bodies.entry(queue, one, page)
        this.#listener.lost(queue, entry?.message, reason, entry)
        this.#release(queue, one.seq, one.size)
      }
      this.#committer.batch.statements.push(['end-session', queue.number])
      ended.follow(this.#urgent())
      this.#passing.delete(passing)
    })
    this.#passing.add(passing)
    return ended
  }

  append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    if (this.#bodies.bytes + message.size > this.#settings.bytesMax) return STORE_FULL
    if (isRejected(message, receivers, count)) return QUEUE_FULL
    return this.#append(message, receivers, count)
  }

  #append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    const resident = new Resident(++this.#lastSeq, message)
    let isUrgent = false
    /** A session gets a second copy, by a shared subscription beside its own: it has a record to itself. */
    let twice: Receiver[] | undefined
    for (let index = 0; index < count; index++) {
      const receiver = receivers[index]!
      const queue = receiver.queue as EmbeddedQueue
      if (queue.lastSeq === resident.seq) {
        twice ??= []
        twice.push(receiver)
        continue
      }
      if (!this.#enqueue(resident, queue, receiver)) continue
      // QoS 2 is not sent before it is safe, and nobody acknowledges for a client that is away.
      const willAnswer = queue.state === 'online' && this.#answers(queue, message.receivedAt)
      if (!willAnswer || Math.min(message.qos, receiver.qos) === 2) isUrgent = true
    }
    if (resident.receivers.length === 0)
      return twice === undefined ? SAFE : this.#append(message, twice, twice.length)
    this.#bodies.add(resident)
    this.#committer.batch.append(resident)
    if (isUrgent) this.#committer.hurry()
    else this.#committer.touch('message')
    for (const { queue } of resident.receivers) if (queue.waiting === 1) this.#listener.available(queue)
    const ticket = this.#settings.durability === 'memory' ? SAFE : resident.ticket
    return twice === undefined ? ticket : bothSafe(ticket, this.#append(message, twice, twice.length))
  }

  /** A client that owes acknowledgements and has sent none for a while is not waited for. */
  #answers(queue: EmbeddedQueue, now: Millis): boolean {
    return queue.inFlight === undefined || queue.inFlight.size === 0 || now - queue.heardAt < SILENCE_MS
  }

  #enqueue(resident: Resident, queue: EmbeddedQueue, receiver: Receiver): boolean {
    const { message, seq } = resident
    if (queue.state === 'ended' || queue.state === 'buried') return false
    if (isFull(queue, message) && !this.#makeRoom(queue, message)) {
      this.#listener.lost(queue, message, 'queue-full', undefined)
      return false
    }
    const qos = Math.min(message.qos, receiver.qos) as QoS
    const retain = message.retain && receiver.retainAsPublished
    const { subscriptionIdentifiers, sharedFilter } = receiver
    const hasDetails = subscriptionIdentifiers !== undefined || sharedFilter !== undefined
    queue.push({ seq, size: message.size, qos, retain, hasDetails })
    const queueNumber = queue.number
    resident.receivers.push({ queue, queueNumber, qos, retain, subscriptionIdentifiers, sharedFilter })
    if (queue.state === 'online') resident.hasConnectedReceiver = true
    if (message.expiresAt < queue.nextExpiryAt) {
      queue.nextExpiryAt = message.expiresAt
      this.#listener.expiring(queue)
    }
    return true
  }

  #makeRoom(queue: EmbeddedQueue, message: Message): boolean {
    if (!canMakeRoom(queue, message)) return false
    while (isFull(queue, message)) {
      const oldest = queue.shift()
      if (oldest === undefined) return false
      this.#giveUp(queue, oldest, 'queue-full')
    }
    return true
  }

  #giveUp(queue: EmbeddedQueue, waiting: Waiting, reason: 'queue-full' | 'expired' | 'damaged'): void {
    queue.settle(waiting.size)
    this.#listener.lost(queue, this.#bodies.find(waiting.seq)?.message, reason, undefined)
    this.#release(queue, waiting.seq, waiting.size)
  }

  fetch(lease: Lease, now: Millis): Entry | undefined {
    const queue = this.#held(lease)
    if (queue === undefined) return undefined
    for (let first = queue.peek(0); first !== undefined; first = queue.peek(0)) {
      if (this.#bodies.expiresAt(first.seq) <= now) {
        queue.shift()
        this.#giveUp(queue, first, 'expired')
        continue
      }
      const entry = this.#bodies.entry(queue, first, queue.page)
      if (entry === undefined) {
        this.#load(queue)
        return undefined
      }
      queue.shift()
      queue.page?.delete(first.seq)
      queue.inFlight ??= new Map()
      if (queue.inFlight.size === 0) queue.heardAt = now
      queue.inFlight.set(first.seq, entry)
      return entry
    }
    return undefined
  }

  /** Reads the next page of bodies; `available` follows. */
  #load(queue: EmbeddedQueue): void {
    if (queue.isLoading) return
    queue.isLoading = true
    const { epoch } = queue
    const wanted = this.#bodies.missing(queue)
    const withReceivers = wanted.some(one => one.hasDetails) ? 'with-receivers' : 'bodies-only'
    void this.#database
      .read(
        queue.number,
        wanted.map(one => one.seq),
        withReceivers,
      )
      .then(page => {
        queue.isLoading = false
        // The client may have gone, or come back on another connection, while the disk was read.
        if (queue.state === 'ended') return
        const missing = new Set(wanted.filter(one => !page.has(one.seq)).map(one => one.seq))
        for (const one of queue.takeOut(entry => missing.has(entry.seq))) {
          this.#listener.lost(queue, undefined, 'damaged', undefined)
          this.#release(queue, one.seq, one.size)
        }
        if (queue.epoch === epoch && queue.state === 'online') queue.page = page
        this.#listener.available(queue)
      })
  }

  send(lease: Lease, entry: Entry, packetId: PacketId): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    entry.packetId = packetId
    entry.at = 'published'
    if (entry.qos !== 2) return SAFE
    const { seq } = entry as EmbeddedEntry
    this.#committer.batch.statements.push(['send', queue.number, packetId, seq, 0])
    this.#unwritten.add(queue)
    return this.#urgent()
  }

  release(lease: Lease, entry: Entry): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    entry.at = 'released'
    const { seq, packetId } = entry as EmbeddedEntry
    this.#committer.batch.statements.push(['send', queue.number, packetId, seq, 1])
    return this.#urgent()
  }

  acknowledge(lease: Lease, entry: Entry): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    const own = entry as EmbeddedEntry
    if (queue.inFlight?.delete(own.seq) !== true) return SAFE
    queue.settle(own.size)
    queue.heardAt = this.#settings.clock.now()
    // In the same or an earlier commit than the next use of the id, which is all that exactly once needs.
    if (own.qos === 2) this.#committer.batch.statements.push(['sent', queue.number, own.packetId])
    this.#release(queue, own.seq, own.size)
    return SAFE
  }

  expire(queue: Queue, now: Millis): void {
    const own = queue as EmbeddedQueue
    let next = Number.POSITIVE_INFINITY
    const expired = own.takeOut(entry => {
      const expiresAt = this.#bodies.expiresAt(entry.seq)
      if (expiresAt > now) next = Math.min(next, expiresAt)
      return expiresAt <= now
    })
    own.nextExpiryAt = next
    for (const one of expired) {
      this.#listener.lost(own, this.#bodies.find(one.seq)?.message, 'expired', undefined)
      this.#release(own, one.seq, one.size)
    }
  }

  keep(lease: Lease, packetId: PacketId): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    this.#committer.batch.statements.push(['keep', queue.number, packetId])
    return this.#urgent()
  }

  forget(lease: Lease, packetId: PacketId): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    this.#committer.batch.statements.push(['forget', queue.number, packetId])
    return this.#urgent()
  }

  retain(topic: Topic, message: Message | undefined): Ticket {
    const { statements } = this.#committer.batch
    statements.push(
      message === undefined ? ['clear', topic.name] : ['retain', topic.name, encodeBody(message)],
    )
    return this.#urgent()
  }

  totals(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#bodies.count, bytes: this.#bodies.bytes }
  }

  #held(lease: Lease): EmbeddedQueue | undefined {
    const queue = lease.queue as EmbeddedQueue
    return queue.epoch === lease.epoch && queue.state !== 'ended' ? queue : undefined
  }

  /** A queue has settled a message; the record goes with the last one, or was never written. */
  #release(queue: EmbeddedQueue, seq: number, size: number): void {
    const outcome = this.#bodies.release(seq, size)
    if (outcome === 'referred-to') {
      if (queue.state === 'ended') return
      queue.settled ??= new Set()
      queue.settled.add(seq)
      this.#unwritten.add(queue)
    } else if (outcome === 'on-disk') this.#committer.batch.deletes.push(seq)
    else return
    this.#committer.touch('lazy')
  }

  #addCursors(batch: Batch): void {
    for (const queue of this.#unwritten) {
      const oldest = Math.min(queue.oldestOwed, this.#lastSeq + 1)
      const exceptions = [...(queue.settled ?? [])].filter(seq => seq > oldest)
      queue.settled = exceptions.length === 0 ? undefined : new Set(exceptions)
      const bytes = exceptions.length === 0 ? null : new Uint8Array(Float64Array.from(exceptions).buffer)
      batch.statements.push(['cursor', queue.number, oldest - 1, bytes])
    }
    this.#unwritten.clear()
  }

  /** The disk has refused these: whoever has not been sent them yet will not be. */
  #withdraw(residents: readonly Resident[]): void {
    for (const resident of residents) {
      for (const { queue } of resident.receivers) {
        for (const one of queue.takeOut(entry => entry.seq === resident.seq)) {
          this.#bodies.release(one.seq, one.size)
        }
      }
      this.#bodies.refuse(resident)
    }
  }

  #writeSession(kept: Kept): Ticket {
    const { queue, record } = kept
    this.#committer.batch.statements.push([
      'session',
      queue.number,
      queue.clientId,
      encodeSession(record, queue.epoch),
    ])
    return this.#urgent()
  }

  #urgent(): Ticket {
    const { ticket } = this.#committer.batch
    this.#committer.hurry()
    return this.#settings.durability === 'memory' ? SAFE : ticket
  }
}
