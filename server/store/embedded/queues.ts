// The queues of the durable engine: what is appended, fetched, dropped and settled, and what must be written of it.

import type { Millis } from '../../clock.ts'
import { fault } from '../../protocol/fault.ts'
import type { Message } from '../../protocol/message.ts'
import type { QoS } from '../../protocol/packet.ts'
import { canMakeRoom, isFull, isRejected } from '../room.ts'
import type { Entry, LossReason, Queue, Receiver, StoreListener } from '../store.ts'
import { bothSafe, SAFE, Ticket } from '../ticket.ts'
import { type Batch, Resident } from './batch.ts'
import type { Bodies } from './bodies.ts'
import { Chain } from './chain.ts'
import type { Committer } from './committer.ts'
import type { Database } from './database-thread.ts'
import type { EmbeddedSettings } from './embedded-store.ts'
import type { EmbeddedQueue, Waiting } from './queue.ts'
import { encodeSeqs } from './seqs.ts'

/** A connected client that owes acknowledgements for so long is treated as if it were away. */
const SILENCE_MS = 100

const QUEUE_FULL = new Ticket(
  fault('quota-exceeded', "a subscriber's queue is full and rejects new messages"),
)
const STORE_FULL = new Ticket(fault('quota-exceeded', 'the message store is full'))

export interface QueuesGiven {
  readonly settings: EmbeddedSettings
  readonly bodies: Bodies
  readonly committer: Committer
  readonly database: Database
  listener(): StoreListener
  /** Makes room in a store that is full; false when nothing is buried. */
  purgeOldest(): boolean
  /** Messages that were taken out of this queue and can come back. */
  buriedOf(queue: EmbeddedQueue): Iterable<EmbeddedQueue>
}

export class Queues {
  readonly #given: QueuesGiven
  /** Queues whose cursor on disk is behind. */
  readonly unwritten = new Set<EmbeddedQueue>()
  /** Sequence number of the last message. */
  lastSeq = 0

  constructor(given: QueuesGiven) {
    this.#given = given
  }

  append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    while (this.#given.bodies.bytes + message.size > this.#given.settings.bytesMax) {
      if (!this.#given.purgeOldest()) return STORE_FULL
    }
    if (isRejected(message, receivers, count)) return QUEUE_FULL
    const { refusal } = this.#given.committer
    if (refusal !== undefined && this.#mustBeWritten(message, receivers, count)) {
      if (this.#given.settings.durability !== 'memory') return new Ticket(refusal)
      for (const { queue } of receivers.slice(0, count)) this.#lostToFullDisk(queue, message)
      return SAFE
    }
    return this.#append(message, receivers, count)
  }

  /** Whether there is no hope that all who get it will have acknowledged it before it would be written. */
  #mustBeWritten(message: Message, receivers: readonly Receiver[], count: number): boolean {
    return receivers.slice(0, count).some(receiver => {
      const queue = receiver.queue as EmbeddedQueue
      if (Math.min(message.qos, receiver.qos) === 2) return true
      return queue.state !== 'online' || !this.#answers(queue, message.receivedAt)
    })
  }

  /** Its publisher was promised nothing beyond memory and has its acknowledgement. */
  #lostToFullDisk(queue: Queue, message: Message): void {
    this.#given.listener().lost(queue, message, 'store-full')
  }

  /** Its counts have changed. */
  touch(queue: EmbeddedQueue): void {
    if (queue.isTouched) return
    queue.isTouched = true
    this.#given.listener().changed(queue)
  }

  #append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    const resident = new Resident(++this.lastSeq, message)
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
    this.#given.bodies.add(resident)
    this.#given.committer.batch.append(resident)
    if (isUrgent) this.#given.committer.hurry()
    else this.#given.committer.touch('message')
    for (const { queue } of resident.receivers)
      if (queue.waiting === 1) this.#given.listener().available(queue)
    const ticket = this.#given.settings.durability === 'memory' ? SAFE : resident.ticket
    return twice === undefined ? ticket : bothSafe(ticket, this.#append(message, twice, twice.length))
  }

  /** A client that owes acknowledgements and has sent none for a while is not waited for. */
  #answers(queue: EmbeddedQueue, now: Millis): boolean {
    if (queue.hasAnswered || queue.inFlight === undefined || queue.inFlight.size === 0) {
      queue.hasAnswered = false
      queue.heardAt = now
      return true
    }
    return now - queue.heardAt < SILENCE_MS
  }

  #enqueue(resident: Resident, queue: EmbeddedQueue, receiver: Receiver): boolean {
    const { message, seq } = resident
    if (!queue.isOpen) return false
    if (isFull(queue, message) && !this.#makeRoom(queue, message)) {
      this.#given.listener().lost(queue, message, 'queue-full')
      return false
    }
    const qos = Math.min(message.qos, receiver.qos) as QoS
    const retain = message.retain && receiver.retainAsPublished
    const { subscriptionIdentifiers, sharedFilter } = receiver
    const isShared = sharedFilter !== undefined
    const hasDetails = isShared || subscriptionIdentifiers !== undefined
    queue.push({ seq, size: message.size, qos, retain, hasDetails, isShared })
    this.touch(queue)
    const queueNumber = queue.number
    resident.receivers.push({ queue, queueNumber, qos, retain, subscriptionIdentifiers, sharedFilter })
    if (queue.state === 'online') resident.hasConnectedReceiver = true
    if (message.expiresAt < queue.nextExpiryAt) {
      queue.nextExpiryAt = message.expiresAt
      this.#given.listener().expiring(queue)
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
    const message = this.#given.bodies.find(waiting.seq)?.message
    this.#given.listener().lost(queue, message, reason, waiting)
    this.release(queue, waiting.seq, waiting.size)
  }

  fetch(queue: EmbeddedQueue, now: Millis): Entry | undefined {
    for (let first = queue.peek(0); first !== undefined; first = queue.peek(0)) {
      if (this.#given.bodies.expiresAt(first.seq) <= now) {
        queue.drop()
        this.touch(queue)
        this.#giveUp(queue, first, 'expired')
        continue
      }
      const entry = this.#given.bodies.entry(queue, first, queue.page)
      if (entry === undefined) {
        this.#load(queue)
        return undefined
      }
      queue.drop()
      this.touch(queue)
      queue.page?.delete(first.seq)
      queue.inFlight ??= new Chain()
      queue.inFlight.add(entry)
      return entry
    }
    return undefined
  }

  /** Reads the next page of bodies; `available` follows. */
  #load(queue: EmbeddedQueue): void {
    if (queue.isLoading) return
    queue.isLoading = true
    const { epoch } = queue
    const wanted = this.#given.bodies.missing(queue)
    const withReceivers = wanted.some(one => one.hasDetails) ? 'with-receivers' : 'bodies-only'
    void this.#given.database
      .read(
        queue.number,
        wanted.map(one => one.seq),
        withReceivers,
      )
      .then(page => {
        queue.isLoading = false
        // The client may have gone, or come back on another connection, while the disk was read.
        if (!queue.isOpen) return
        const missing = new Set(wanted.filter(one => !page.has(one.seq)).map(one => one.seq))
        const gone = missing.size === 0 ? [] : queue.takeOut(seq => missing.has(seq))
        this.lose(queue, gone, 'damaged')
        if (queue.epoch === epoch && queue.state === 'online') queue.page = page
        this.#given.listener().available(queue)
      })
  }

  expire(own: EmbeddedQueue, now: Millis): void {
    if (!own.isOpen) return
    let next = Number.POSITIVE_INFINITY
    const expired = own.takeOut(seq => {
      const expiresAt = this.#given.bodies.expiresAt(seq)
      if (expiresAt > now) next = Math.min(next, expiresAt)
      return expiresAt <= now
    })
    own.nextExpiryAt = next
    this.lose(own, expired, 'expired')
  }

  /** Drops waiting entries: all, or those with these numbers. */
  discard(queue: EmbeddedQueue, seqs: readonly number[] | undefined, reason: LossReason): void {
    if (!queue.isOpen) return
    const unwanted = seqs === undefined ? undefined : new Set(seqs)
    this.lose(
      queue,
      queue.takeOut(seq => unwanted?.has(seq) ?? true),
      reason,
    )
  }

  /** What has left the queue will not arrive; `from` is whose cursor has to know it. */
  lose(queue: EmbeddedQueue, gone: readonly Waiting[], reason: LossReason, from = queue): void {
    if (gone.length === 0) return
    if (queue.isOpen) this.touch(queue)
    for (const one of gone) {
      this.#given.listener().lost(queue, this.#given.bodies.find(one.seq)?.message, reason, one)
      this.release(from, one.seq, one.size)
    }
  }

  /** The session leaves the disk, and each message that it is still owed is reported once. */
  erase(queue: EmbeddedQueue, reason: LossReason): void {
    queue.state = 'ended'
    queue.returned = undefined
    this.unwritten.delete(queue)
    for (const entry of queue.inFlight ?? []) {
      this.#given.listener().lost(queue, entry.message, reason)
      this.release(queue, entry.seq, entry.size)
    }
    queue.inFlight = undefined
    this.lose(
      queue,
      queue.takeOut(() => true),
      reason,
    )
    this.#given.committer.batch.statements.push(['end-session', queue.number])
  }

  /** A queue has settled a message; the record goes with the last one, or was never written. */
  release(queue: EmbeddedQueue, seq: number, size: number): void {
    if (queue.returned !== undefined) this.settleReturned(queue, seq)
    const outcome = this.#given.bodies.release(seq, size)
    if (outcome === 'referred-to') {
      if (queue.state === 'ended') return
      queue.settled ??= new Set()
      queue.settled.add(seq)
      this.unwritten.add(queue)
    } else if (outcome === 'on-disk') this.#given.committer.batch.deletes.push(seq)
    else return
    this.#given.committer.touch('lazy')
  }

  /** The entry is no longer one that stands in the queue beside its cursor. */
  settleReturned(queue: EmbeddedQueue, seq: number): void {
    if (queue.returned?.seqs.delete(seq) !== true) return
    if (queue.returned.seqs.size === 0) queue.returned = undefined
    this.#given.committer.batch.statements.push(['settle-returned', queue.number, seq])
  }

  /** Everything before it has been settled, but for what was returned. */
  firstOwed(queue: EmbeddedQueue): number {
    return Math.max(queue.returned?.first ?? 0, Math.min(queue.oldestOwed, this.lastSeq + 1))
  }

  addCursors(batch: Batch): void {
    for (const queue of this.unwritten) {
      const first = this.firstOwed(queue)
      const exceptions = [...(queue.settled ?? [])].filter(seq => seq >= first)
      queue.settled = exceptions.length === 0 ? undefined : new Set(exceptions)
      const bytes = exceptions.length === 0 ? null : encodeSeqs(exceptions)
      batch.statements.push(['cursor', queue.number, first - 1, bytes])
    }
    this.unwritten.clear()
  }

  /** The disk has refused these: whoever has not been sent them yet will not be. */
  withdraw(residents: readonly Resident[]): void {
    for (const resident of residents) {
      // First of all, or the last reference to go would be taken for the last acknowledgement.
      this.#given.bodies.refuse(resident)
      for (const { queue } of resident.receivers) {
        this.#withdrawFrom(queue, queue, resident)
        for (const buried of this.#given.buriedOf(queue)) this.#withdrawFrom(buried, queue, resident)
      }
    }
  }

  #withdrawFrom(queue: EmbeddedQueue, of: EmbeddedQueue, resident: Resident): void {
    for (const one of queue.takeOut(seq => seq === resident.seq)) {
      this.touch(queue)
      this.#given.bodies.release(one.seq, one.size)
      if (this.#given.settings.durability === 'memory') this.#lostToFullDisk(of, resident.message)
    }
  }
}
