// What was buried in the memory engine: whole sessions, and messages taken out of queues.

import type { Millis } from '../../clock.ts'
import type { PacketId } from '../../protocol/packet.ts'
import type { BuryRequest, LossReason, Restored, SessionRecord, StoreListener, Tombstone } from '../store.ts'
import { type Epitaph, epitaphOf, hasRoom } from '../tombstone.ts'
import type { MemoryEntry, MemoryQueue } from './queue.ts'

export interface Kept {
  readonly queue: MemoryQueue
  record: SessionRecord
}

/** What the store lets its tombstones do to it. */
export interface TombstonesGiven {
  readonly sessions: Map<string, Kept>
  listener(): StoreListener
  /** The entry, which is in no queue, is owed no more. */
  forget(entry: MemoryEntry): void
  /** The entry in flight is owed no more. */
  drop(queue: MemoryQueue, entry: MemoryEntry): void
  /** Whether somebody else owes the entry of a shared subscription from now on. */
  isTaken(queue: MemoryQueue, entry: MemoryEntry): boolean
  touch(queue: MemoryQueue): void
  expire(queue: MemoryQueue, now: Millis): void
}

type Grave =
  | { readonly what: 'session'; readonly epitaph: Epitaph; readonly kept: Kept }
  | {
      readonly what: 'queue'
      readonly epitaph: Epitaph
      readonly queue: MemoryQueue
      readonly entries: readonly MemoryEntry[]
    }

export class MemoryTombstones {
  readonly #given: TombstonesGiven
  readonly #graves = new Map<string, Grave>()

  constructor(given: TombstonesGiven) {
    this.#given = given
  }

  bury(
    kept: Kept,
    request: BuryRequest,
    times: { readonly now: Millis; readonly purgeAt: Millis },
  ): Tombstone {
    const epitaph = epitaphOf(kept.record, request, times)
    const grave = request.what === 'session' ? this.#close(kept, epitaph) : this.#take(kept, epitaph, request)
    this.#graves.set(request.id, grave)
    return tombstoneOf(grave)
  }

  #close(kept: Kept, epitaph: Epitaph): Grave {
    const { queue } = kept
    queue.isClosed = true
    this.#given.sessions.delete(queue.clientId)
    queue.putBackUnsent()
    for (const entry of queue.inFlight) if (this.#given.isTaken(queue, entry)) this.#given.drop(queue, entry)
    for (const entry of queue.takeOut(one => this.#given.isTaken(queue, one))) this.#given.forget(entry)
    return { what: 'session', epitaph, kept }
  }

  #take(
    { queue }: Kept,
    epitaph: Epitaph,
    { seqs }: { readonly seqs?: readonly number[] | undefined },
  ): Grave {
    const wanted = seqs === undefined ? undefined : new Set(seqs)
    const entries = queue.takeOut(entry => wanted?.has(entry.seq) ?? true)
    this.#given.touch(queue)
    return { what: 'queue', epitaph, queue, entries }
  }

  restore(id: string, now: Millis): Restored {
    const grave = this.#graves.get(id)
    if (grave === undefined) return { at: 'unknown' }
    return grave.what === 'session' ? this.#reopen(grave, now) : this.#putBack(grave, now)
  }

  #reopen(grave: Extract<Grave, { what: 'session' }>, now: Millis): Restored {
    const { kept, epitaph } = grave
    const { queue, record } = kept
    const { sessions } = this.#given
    if (sessions.has(queue.clientId)) return { at: 'session-exists' }
    this.#graves.delete(epitaph.id)
    sessions.set(queue.clientId, kept)
    queue.isClosed = false
    queue.epoch++
    this.#given.expire(queue, now)
    this.#given.touch(queue)
    const lease = { queue, epoch: queue.epoch }
    const receiving: PacketId[] = [...(queue.receiving ?? [])]
    const recovered = { lease, record, sending: queue.inFlight, receiving }
    return { at: 'restored', tombstone: tombstoneOf(grave), recovered }
  }

  #putBack(grave: Extract<Grave, { what: 'queue' }>, now: Millis): Restored {
    const { epitaph, queue, entries } = grave
    if (queue.isClosed) return { at: 'session-gone' }
    const alive = entries.filter(entry => entry.message.expiresAt > now)
    if (!hasRoom(queue, alive.length, sizeOf(alive))) return { at: 'no-room' }
    this.#graves.delete(epitaph.id)
    this.#lose(
      queue,
      entries.filter(entry => entry.message.expiresAt <= now),
      'expired',
    )
    const { waiting, nextExpiryAt } = queue
    queue.merge(alive)
    this.#given.touch(queue)
    if (queue.nextExpiryAt < nextExpiryAt) this.#given.listener().expiring(queue)
    if (waiting === 0 && queue.waiting > 0) this.#given.listener().available(queue)
    return { at: 'restored', tombstone: tombstoneOf({ ...grave, entries: alive }) }
  }

  purge(id: string): void {
    const grave = this.#graves.get(id)
    if (grave === undefined) return
    this.#graves.delete(id)
    if (grave.what === 'queue') {
      this.#lose(grave.queue, grave.entries, 'removed')
      return
    }
    const { queue } = grave.kept
    for (const entry of queue.inFlight) {
      this.#given.drop(queue, entry)
      this.#given.listener().lost(queue, entry.message, 'session-cleaned')
    }
    this.#lose(
      queue,
      queue.takeOut(() => true),
      'session-cleaned',
    )
  }

  /** Purges the oldest; false when there is none. */
  purgeOldest(): boolean {
    const [oldest] = this.#graves.keys()
    if (oldest === undefined) return false
    this.purge(oldest)
    return true
  }

  #lose(queue: MemoryQueue, entries: readonly MemoryEntry[], reason: LossReason): void {
    for (const entry of entries) {
      this.#given.forget(entry)
      this.#given.listener().lost(queue, entry.message, reason)
    }
  }

  *all(): Iterable<Tombstone> {
    for (const grave of this.#graves.values()) yield tombstoneOf(grave)
  }

  clear(): void {
    this.#graves.clear()
  }
}

function tombstoneOf(grave: Grave): Tombstone {
  if (grave.what === 'queue')
    return {
      ...grave.epitaph,
      messages: grave.entries.length,
      bytes: sizeOf(grave.entries),
      subscriptions: 0,
    }
  const { queue, record } = grave.kept
  const { messages, bytes } = queue
  return { ...grave.epitaph, messages, bytes, subscriptions: record.subscriptions.length }
}

function sizeOf(entries: readonly MemoryEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.message.size, 0)
}
