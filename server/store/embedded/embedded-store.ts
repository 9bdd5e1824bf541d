// The durable engine: indexes on the event loop, bodies and all state in a database that a thread of its own writes.

import { assert } from '../../assert.ts'
import type { Clock, Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId } from '../../protocol/packet.ts'
import type { Topic, TopicTable } from '../../protocol/topic.ts'
import { newSession, resumedSession } from '../new-session.ts'
import { NO_LISTENER } from '../no-listener.ts'
import { encodeBody } from '../records.ts'
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
  QueueLimits,
  Receiver,
  Restored,
  SessionChange,
  SessionRecord,
  Store,
  StoredSubscription,
  StoreListener,
  StoreStatistics,
  Tombstone,
} from '../store.ts'
import { SAFE, Ticket } from '../ticket.ts'
import { Bodies } from './bodies.ts'
import { browse, read } from './browse.ts'
import { Committer } from './committer.ts'
import type { Durability } from './database.ts'
import { Database } from './database-thread.ts'
import type { Damage } from './messages.ts'
import { Passing } from './passing.ts'
import { type EmbeddedEntry, EmbeddedQueue } from './queue.ts'
import { Queues } from './queues.ts'
import { rebuild } from './rebuild.ts'
import { encodeSession, optionsOf } from './session-record.ts'
import { Tombstones } from './tombstones.ts'

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
  /** The disk is full and takes no messages; undefined: it takes them again. */
  refusing?(problem: string | undefined): void
  /** The store has failed in a way it cannot go on from; the process must end. */
  fatal(message: string): void
}

export interface Kept {
  readonly queue: EmbeddedQueue
  record: SessionRecord
}

/** Numbers of queues begin with 1; bodies alone are the same for all of them. */
const NO_QUEUE = 0

export class EmbeddedStore implements Store {
  readonly engine = 'embedded'
  readonly #settings: EmbeddedSettings
  readonly #sessions = new Map<string, Kept>()
  readonly #bodies: Bodies
  readonly #committer: Committer
  readonly #database: Database
  readonly #queues: Queues
  #listener: StoreListener = NO_LISTENER
  readonly #passing: Passing
  readonly #tombstones: Tombstones
  #lastNumber = 0

  constructor(settings: EmbeddedSettings) {
    this.#settings = settings
    this.#bodies = new Bodies(settings.topics, resident => this.#committer.batch.drop(resident))
    this.#database = new Database(settings, answer => this.#committer.answer(answer))
    this.#committer = new Committer({
      now: () => settings.clock.now(),
      post: (request, transfer) => this.#database.ask(request, transfer),
      addCursors: batch => this.#queues.addCursors(batch),
      durable: residents => this.#bodies.durable(residents),
      withdraw: residents => this.#queues.withdraw(residents),
      refusing: problem => settings.refusing?.(problem),
      fatal: message => settings.fatal(message),
    })
    this.#queues = new Queues({
      settings,
      bodies: this.#bodies,
      committer: this.#committer,
      database: this.#database,
      listener: () => this.#listener,
      purgeOldest: () => this.#tombstones.purgeOldest(),
      buriedOf: queue => this.#tombstones.buriedOf(queue),
    })
    const given = {
      bodies: this.#bodies,
      committer: this.#committer,
      database: this.#database,
      queues: this.#queues,
      listener: () => this.#listener,
    }
    this.#passing = new Passing(given)
    this.#tombstones = new Tombstones({
      ...given,
      sessions: this.#sessions,
      passing: this.#passing,
      writeSession: kept => void this.#writeSession(kept),
      urgent: () => this.#urgent(),
    })
  }

  get statistics(): StoreStatistics {
    const { statistics, syncTimes } = this.#committer
    return {
      ...statistics,
      disk: this.#committer.disk,
      writingMs: this.#committer.writingMs,
      lastSyncMs: syncTimes.lastMs,
      meanSyncMs: syncTimes.meanMs,
      percentile99SyncMs: syncTimes.percentile(0.99),
      sumSyncMs: syncTimes.sumMs,
      syncsWithin: syncTimes.within(),
    }
  }

  get problem(): string | undefined {
    return this.#committer.refusal?.detail
  }

  async open(listener: StoreListener): Promise<Opened> {
    this.#listener = listener
    await this.#database.open()
    const rebuilt = await rebuild(this.#database, this.#settings, this.#bodies)
    this.#queues.lastSeq = rebuilt.lastSeq
    this.#lastNumber = rebuilt.lastNumber
    for (const { queue, record } of rebuilt.sessions) {
      this.#sessions.set(queue.clientId, { queue, record })
    }
    this.#tombstones.recover(rebuilt.graves)
    this.#committer.startNoting()
    const { sessions, retained, aliveAt } = rebuilt
    return { sessions, retained, aliveAt }
  }

  async close(): Promise<void> {
    try {
      await this.#passing.finish()
      this.#committer.stopNoting()
      await this.#committer.drain()
    } finally {
      this.#committer.close()
      await this.#database.close()
    }
  }

  backup(directory: string): Promise<void> {
    return this.#database.backup(directory)
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const { clientId } = request
    let epoch = 0
    for (;;) {
      const existing = this.#sessions.get(clientId)
      if (existing !== undefined && request.existing === 'resume') return this.#resume(existing, request)
      if (existing !== undefined) {
        epoch = existing.queue.epoch
        this.end(existing.queue, 'session-cleaned')
      }
      // The former one is on the disk until its messages have gone to others.
      const passing = this.#passing.of(clientId)
      if (passing === undefined) break
      await passing
    }
    const queue = new EmbeddedQueue(clientId, ++this.#lastNumber, request.limits)
    queue.epoch = epoch
    const record = newSession(request)
    const kept = { queue, record }
    this.#sessions.set(clientId, kept)
    return this.#attached(kept, 'created')
  }

  #resume(kept: Kept, request: AttachRequest): Attached {
    kept.queue.limits = request.limits
    kept.record = resumedSession(kept.record, request)
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

  adopt(lease: Lease, subscriptions: readonly StoredSubscription[]): void {
    const queue = this.#held(lease)
    const kept = queue === undefined ? undefined : this.#sessions.get(queue.clientId)
    if (kept !== undefined) kept.record = { ...kept.record, subscriptions }
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
    if (!own.isOpen) return SAFE
    this.#sessions.delete(own.clientId)
    const ended = new Ticket()
    this.#passing.pass(own, () => {
      this.#queues.erase(own, reason)
      ended.follow(this.#urgent())
    })
    return ended
  }

  append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    return this.#queues.append(message, receivers, count)
  }

  fetch(lease: Lease, now: Millis): Entry | undefined {
    const queue = this.#held(lease)
    return queue === undefined ? undefined : this.#queues.fetch(queue, now)
  }

  expire(queue: Queue, now: Millis): void {
    this.#queues.expire(queue as EmbeddedQueue, now)
  }

  send(lease: Lease, entry: Entry, packetId: PacketId, now: Millis): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    entry.packetId = packetId
    entry.at = 'published'
    entry.sentAt = now
    if (entry.qos !== 2) return SAFE
    const { seq } = entry as EmbeddedEntry
    this.#committer.batch.statements.push(['send', queue.number, packetId, seq, 0])
    this.#queues.unwritten.add(queue)
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
    if (queue.inFlight?.remove(own) !== true) return SAFE
    queue.settle(own.size)
    this.#queues.touch(queue)
    queue.hasAnswered = true
    // In the same or an earlier commit than the next use of the id, which is all that exactly once needs.
    if (own.qos === 2) this.#committer.batch.statements.push(['sent', queue.number, own.packetId])
    this.#queues.release(queue, own.seq, own.size)
    return SAFE
  }

  browse(queue: Queue, after: number, limit: number): readonly Owed[] {
    return browse(queue as EmbeddedQueue, after, limit)
  }

  read(queue: Queue, seqs: readonly number[]): Promise<ReadonlyMap<number, Message>> {
    return read(queue as EmbeddedQueue, seqs, this.#bodies, this.#database)
  }

  async look(seq: number): Promise<Message | undefined> {
    const page = await this.#database.read(NO_QUEUE, [seq], 'bodies-only')
    return page.get(seq)?.message
  }

  discard(queue: Queue, seqs: readonly number[] | undefined, reason: LossReason): Ticket {
    this.#queues.discard(queue as EmbeddedQueue, seqs, reason)
    return this.#urgent()
  }

  bury(
    queue: Queue,
    request: BuryRequest,
    times: { readonly now: Millis; readonly purgeAt: Millis },
  ): Buried {
    const kept = this.#sessions.get(queue.clientId)
    assert(kept?.queue === queue, 'what is to be buried is there')
    return this.#tombstones.bury(kept, request, times)
  }

  restore(id: string, now: Millis): Promise<Restored> {
    return this.#tombstones.restore(id, now)
  }

  purge(id: string): Ticket {
    return this.#tombstones.purge(id)
  }

  tombstones(): Iterable<Tombstone> {
    return this.#tombstones.all()
  }

  keep(lease: Lease, packetId: PacketId): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    queue.receiving ??= new Set()
    queue.receiving.add(packetId)
    this.#committer.batch.statements.push(['keep', queue.number, packetId])
    return this.#urgent()
  }

  forget(lease: Lease, packetId: PacketId): Ticket {
    const queue = this.#held(lease)
    if (queue === undefined) return SAFE
    queue.receiving?.delete(packetId)
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
    return queue.epoch === lease.epoch && queue.isOpen ? queue : undefined
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
