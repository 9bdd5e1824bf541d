// What was buried in the durable engine: whole sessions, and messages taken out of queues.

import type { Millis } from '../../clock.ts'
import type { Buried, BuryRequest, Recovered, Restored, StoreListener, Tombstone } from '../store.ts'
import { SAFE, Ticket } from '../ticket.ts'
import { type Epitaph, epitaphOf, hasRoom } from '../tombstone.ts'
import type { Bodies } from './bodies.ts'
import type { Committer } from './committer.ts'
import type { Kept } from './embedded-store.ts'
import type { Statement } from './messages.ts'
import type { Passing } from './passing.ts'
import { EmbeddedQueue, type Waiting } from './queue.ts'
import type { Queues } from './queues.ts'
import { encodeSeqs } from './seqs.ts'
import { encodeTombstone } from './tombstone-record.ts'

export interface TombstonesGiven {
  readonly sessions: Map<string, Kept>
  readonly bodies: Bodies
  readonly committer: Committer
  readonly queues: Queues
  readonly passing: Passing
  listener(): StoreListener
  writeSession(kept: Kept): void
  /** The word on everything staged so far. */
  urgent(): Ticket
}

/** A queue's messages stand in a queue of their own, which has the number of the one they were taken from. */
export type Grave =
  | {
      readonly what: 'session'
      readonly epitaph: Epitaph
      readonly queue: EmbeddedQueue
      readonly kept: Kept
    }
  | { readonly what: 'queue'; readonly epitaph: Epitaph; readonly queue: EmbeddedQueue }

export interface Times {
  readonly now: Millis
  readonly purgeAt: Millis
}

export class Tombstones {
  readonly #given: TombstonesGiven
  /** In the order in which they were buried. */
  readonly #graves = new Map<string, Grave>()

  constructor(given: TombstonesGiven) {
    this.#given = given
  }

  recover(graves: readonly Grave[]): void {
    for (const grave of graves) this.#graves.set(grave.epitaph.id, grave)
  }

  bury(kept: Kept, request: BuryRequest, times: Times): Buried {
    const epitaph = epitaphOf(kept.record, request, times)
    return request.what === 'session'
      ? this.#burySession(kept, epitaph)
      : this.#buryMessages(kept.queue, epitaph, request.seqs)
  }

  #burySession(kept: Kept, epitaph: Epitaph): Buried {
    const { queue } = kept
    this.#given.sessions.delete(queue.clientId)
    queue.putBackUnsent()
    const grave: Grave = { what: 'session', epitaph, queue, kept }
    this.#graves.set(epitaph.id, grave)
    const ticket = new Ticket()
    this.#given.passing.pass(queue, () => {
      queue.state = 'buried'
      this.#stage([
        'bury',
        epitaph.id,
        queue.number,
        'session',
        encodeTombstone(queue.number, epitaph, null),
        null,
      ])
      ticket.follow(this.#given.urgent())
    })
    return { tombstone: tombstoneOf(grave), ticket }
  }

  #buryMessages(from: EmbeddedQueue, epitaph: Epitaph, seqs: readonly number[] | undefined): Buried {
    const wanted = seqs === undefined ? undefined : new Set(seqs)
    const taken = from.takeOut(seq => wanted?.has(seq) ?? true)
    for (const { seq } of taken) this.#given.queues.settleReturned(from, seq)
    this.#given.queues.touch(from)
    const queue = new EmbeddedQueue(from.clientId, from.number, from.limits)
    queue.state = 'buried'
    for (const one of taken) queue.push(one)
    const grave: Grave = { what: 'queue', epitaph, queue }
    this.#graves.set(epitaph.id, grave)
    const blob = encodeSeqs(taken.map(one => one.seq))
    this.#stage([
      'bury',
      epitaph.id,
      queue.number,
      'queue',
      encodeTombstone(queue.number, epitaph, blob),
      blob,
    ])
    return { tombstone: tombstoneOf(grave), ticket: this.#given.urgent() }
  }

  async restore(id: string, now: Millis): Promise<Restored> {
    const { passing } = this.#given
    let grave = this.#graves.get(id)
    // Two sessions of one client must not be on the disk, whatever happens next.
    while (grave !== undefined && passing.of(grave.epitaph.clientId) !== undefined) {
      await passing.of(grave.epitaph.clientId)
      grave = this.#graves.get(id)
    }
    if (grave === undefined) return { at: 'unknown' }
    const restored = grave.what === 'session' ? this.#reopen(grave, now) : this.#putBack(grave, now)
    // Refused: the disk is full of something else. It is kept in memory, and tried again.
    if (restored.at === 'restored') await this.#given.urgent().outcome()
    return restored
  }

  #reopen(grave: Extract<Grave, { what: 'session' }>, now: Millis): Restored {
    const { kept, queue } = grave
    const { sessions, queues } = this.#given
    if (sessions.has(queue.clientId)) return { at: 'session-exists' }
    this.#close(grave)
    sessions.set(queue.clientId, kept)
    queue.state = 'offline'
    queue.epoch++
    this.#given.writeSession(kept)
    queues.expire(queue, now)
    queues.touch(queue)
    const recovered: Recovered = {
      lease: { queue, epoch: queue.epoch },
      record: kept.record,
      sending: [...(queue.inFlight ?? [])],
      receiving: [...(queue.receiving ?? [])],
    }
    return { at: 'restored', tombstone: tombstoneOf(grave), recovered }
  }

  #putBack(grave: Extract<Grave, { what: 'queue' }>, now: Millis): Restored {
    const { queues, bodies } = this.#given
    const queue = this.#given.sessions.get(grave.queue.clientId)?.queue
    if (queue?.number !== grave.queue.number) return { at: 'session-gone' }
    const expired = (seq: number): boolean => bodies.expiresAt(seq) <= now
    const { alive, bytes, nextExpiryAt } = this.#aliveIn(grave.queue, now)
    if (!hasRoom(queue, alive.length, bytes)) return { at: 'no-room' }
    this.#close(grave)
    queues.lose(queue, grave.queue.takeOut(expired), 'expired')
    const first = queues.firstOwed(queue)
    const passed = alive.map(one => one.seq).filter(seq => seq < first)
    if (passed.length > 0) {
      queue.returned = { first, seqs: new Set([...(queue.returned?.seqs ?? []), ...passed]) }
      this.#stage(['return', queue.number, encodeSeqs(passed)])
    }
    const { waiting } = queue
    queue.merge(alive)
    queues.touch(queue)
    const listener = this.#given.listener()
    if (nextExpiryAt < queue.nextExpiryAt) {
      queue.nextExpiryAt = nextExpiryAt
      listener.expiring(queue)
    }
    if (waiting === 0 && queue.waiting > 0) listener.available(queue)
    return { at: 'restored', tombstone: tombstoneOf(grave) }
  }

  #aliveIn(queue: EmbeddedQueue, now: Millis): { alive: Waiting[]; bytes: number; nextExpiryAt: Millis } {
    const alive: Waiting[] = []
    let bytes = 0
    let nextExpiryAt = Number.POSITIVE_INFINITY
    for (let index = 0; index < queue.waiting; index++) {
      const one = queue.peek(index)!
      const expiresAt = this.#given.bodies.expiresAt(one.seq)
      if (expiresAt <= now) continue
      alive.push(one)
      bytes += one.size
      nextExpiryAt = Math.min(nextExpiryAt, expiresAt)
    }
    return { alive, bytes, nextExpiryAt }
  }

  purge(id: string): Ticket {
    const grave = this.#graves.get(id)
    if (grave === undefined) return SAFE
    const passing = this.#given.passing.of(grave.epitaph.clientId)
    if (grave.queue.state === 'leaving' && passing !== undefined) {
      const purged = new Ticket()
      void passing.then(() => purged.follow(this.purge(id)))
      return purged
    }
    this.#close(grave)
    const { queue } = grave
    if (grave.what === 'queue') {
      const from = this.#originOf(queue)
      if (from === undefined) queue.state = 'ended'
      this.#given.queues.lose(
        queue,
        queue.takeOut(() => true),
        'removed',
        from,
      )
    } else this.#given.queues.erase(queue, 'session-cleaned')
    return this.#given.urgent()
  }

  /** Whose cursor has to know what becomes of these messages; undefined when the session is gone. */
  #originOf({ clientId, number }: EmbeddedQueue): EmbeddedQueue | undefined {
    const present = this.#given.sessions.get(clientId)?.queue
    if (present?.number === number) return present
    for (const grave of this.#graves.values())
      if (grave.what === 'session' && grave.queue.number === number) return grave.queue
    return undefined
  }

  /** Purges the oldest; false when there is none. */
  purgeOldest(): boolean {
    for (const { epitaph, queue } of this.#graves.values()) {
      if (queue.state === 'leaving') continue
      this.purge(epitaph.id)
      return true
    }
    return false
  }

  *buriedOf(queue: EmbeddedQueue): Iterable<EmbeddedQueue> {
    for (const grave of this.#graves.values())
      if (grave.what === 'queue' && grave.queue.number === queue.number) yield grave.queue
  }

  *all(): Iterable<Tombstone> {
    for (const grave of this.#graves.values()) yield tombstoneOf(grave)
  }

  #close({ epitaph: { id } }: Grave): void {
    this.#graves.delete(id)
    this.#stage(['unbury', id])
  }

  #stage(statement: Statement): void {
    this.#given.committer.batch.statements.push(statement)
  }
}

function tombstoneOf({ what, epitaph, queue, ...rest }: Grave): Tombstone {
  const { messages, bytes } = queue
  const subscriptions = 'kept' in rest ? rest.kept.record.subscriptions.length : 0
  return { ...epitaph, what, messages, bytes, subscriptions }
}
