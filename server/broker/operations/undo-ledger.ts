// What operators have taken away and may want back: which tombstones there are, what they may cost, when they end.

import type { Clock, Millis } from '../../clock.ts'
import type { BrokerEvent, By } from '../../events.ts'
import { TOMBSTONE_BYTES, TOMBSTONE_SUBSCRIPTION_BYTES } from '../../limits.ts'
import { ulid } from '../../random.ts'
import type { Session } from '../../session/session.ts'
import { Timer, type TimerWheel } from '../../session/timer-wheel.ts'
import type { Buried, Queue, Store, Tombstone } from '../../store/store.ts'
import { SAFE, type Ticket } from '../../store/ticket.ts'

export interface UndoLimits {
  /** Undefined: nothing can be undone. */
  readonly windowMs: Millis | undefined
  /** For all tombstones together. */
  readonly bytesMax: number
}

/** How to have back what was taken away. */
export interface Undo {
  readonly tombstone: string
  readonly until: Millis
}

export interface Claim {
  readonly tombstone: Tombstone
  readonly store: Store
  /** It could not be restored, and is still there. */
  giveBack(): void
}

export interface UndoLedgerGiven {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly stores: readonly Store[]
  emit(event: BrokerEvent): void
}

export interface BurialRequest {
  readonly what: 'session' | 'queue'
  /** What was offered for it. */
  readonly until: Millis
  /** Of messages; undefined: all that wait. */
  readonly seqs?: readonly number[] | undefined
  /** Undefined: it is drawn by lot. */
  readonly id?: string | undefined
}

interface Line {
  readonly tombstone: Tombstone
  readonly store: Store
  readonly cost: number
  readonly timer: Timer
}

/** How long the ledger trusts itself when the budget is spent: a store that is full purges tombstones on its own. */
const RECKON_EVERY_MS = 1_000

export class UndoLedger {
  /** May be changed while the broker runs; tombstones that are there keep their time. */
  limits: UndoLimits
  /** What others keep so that it can be brought back; it counts against the same budget. */
  bytesElsewhere = 0
  readonly #given: UndoLedgerGiven
  readonly #lines = new Map<string, Line>()
  #bytes = 0
  #reckonedAt: Millis = Number.NEGATIVE_INFINITY

  constructor(given: UndoLedgerGiven, limits: UndoLimits) {
    this.#given = given
    this.limits = limits
  }

  /** What all that can be brought back counts as. */
  get bytes(): number {
    return this.#bytes + this.bytesElsewhere
  }

  get count(): number {
    return this.#lines.size
  }

  /** Takes up what the stores hold, when the broker starts. */
  open(): void {
    for (const store of this.#given.stores)
      for (const tombstone of store.tombstones()) this.#enter(store, tombstone)
  }

  /** What may still be taken away so that it can be brought back. */
  get room(): number {
    return this.limits.windowMs === undefined ? 0 : Math.max(0, this.limits.bytesMax - this.#bytes)
  }

  /** Until when an act could be undone that takes `cost` bytes away now; undefined: it could not. */
  offer(cost: number): Millis | undefined {
    const { windowMs, bytesMax } = this.limits
    if (windowMs === undefined || cost > bytesMax) return undefined
    if (this.bytes + cost > bytesMax) this.#reckon()
    return this.bytes + cost > bytesMax ? undefined : this.#given.clock.now() + windowMs
  }

  /** Takes the session, or messages of its queue, out of its store. */
  bury(session: Session, { what, until, seqs, id: named }: BurialRequest): Buried & { readonly undo: Undo } {
    const { store, lease } = session
    const now = this.#given.clock.now()
    const id = named ?? ulid(now)
    const request = what === 'session' ? { id, what } : { id, what, seqs }
    const { tombstone, ticket } = store.bury(lease.queue, request, { now, purgeAt: until })
    this.#enter(store, tombstone)
    return { tombstone, ticket, undo: { tombstone: id, until } }
  }

  /** Undefined when there is none, or its time has come. */
  find(id: string): { readonly tombstone: Tombstone; readonly store: Store } | undefined {
    const line = this.#lines.get(id)
    return line === undefined || line.tombstone.purgeAt <= this.#given.clock.now() ? undefined : line
  }

  /** As the stores have them now, oldest first in each. */
  *all(): IterableIterator<Tombstone> {
    for (const store of this.#given.stores) yield* store.tombstones()
  }

  /** For a restore: its time stands still, and nobody else finds it, until it is given back or done with. */
  claim(id: string): Claim | undefined {
    const found = this.find(id)
    if (found === undefined) return undefined
    this.#forget(id)
    const { tombstone, store } = found
    return { tombstone, store, giveBack: () => this.#enter(store, tombstone) }
  }

  #forget(id: string): void {
    const line = this.#lines.get(id)
    if (line === undefined) return
    this.#given.wheel.cancel(line.timer)
    this.#lines.delete(id)
    this.#bytes -= line.cost
  }

  /** For good. */
  purge(id: string, by: By | undefined): Ticket {
    const line = this.#lines.get(id)
    if (line === undefined) return SAFE
    this.#forget(id)
    const { what, clientId, generation, messages, bytes } = line.tombstone
    const at = this.#given.clock.now()
    this.#given.emit({ kind: 'purged', at, clientId, generation, what, messages, bytes, tombstone: id, by })
    return line.store.purge(id)
  }

  /** A tombstone that turned out to hold nothing. */
  discard(id: string): void {
    const line = this.#lines.get(id)
    this.#forget(id)
    line?.store.purge(id)
  }

  #enter(store: Store, tombstone: Tombstone): void {
    const { id, messages, bytes, subscriptions, purgeAt } = tombstone
    const cost = costOf(bytes, subscriptions)
    const timer = new Timer(() => this.purge(id, undefined))
    this.#lines.set(id, { tombstone: { ...tombstone, messages, bytes, subscriptions }, store, cost, timer })
    this.#bytes += cost
    this.#given.wheel.schedule(timer, purgeAt)
  }

  /** Forgets what the stores have purged on their own. */
  #reckon(): void {
    const now = this.#given.clock.now()
    if (now - this.#reckonedAt < RECKON_EVERY_MS) return
    this.#reckonedAt = now
    const there = new Set<string>()
    for (const { id } of this.all()) there.add(id)
    for (const id of this.#lines.keys()) if (!there.has(id)) this.#forget(id)
  }
}

/** What it would cost to be able to bring the session back. */
export function costOfSession(session: Session): number {
  return costOf(session.lease.queue.bytes, session.subscriptions.length)
}

/** At the most: what is in flight stays. */
export function costOfQueue(queue: Queue): number {
  return costOf(queue.bytes, 0)
}

/** Of a session with so much in its queue, or of messages of that size and no subscription. */
export function costOf(bytes: number, subscriptions: number): number {
  return TOMBSTONE_BYTES + bytes + subscriptions * TOMBSTONE_SUBSCRIPTION_BYTES
}
