// A store on the heap whose tickets settle when the test says so: late, in an odd order, or refused.

import assert from 'node:assert/strict'
import type { Millis } from '../../server/clock.ts'
import { type Fault, fault } from '../../server/protocol/fault.ts'
import type { Message } from '../../server/protocol/message.ts'
import type { PacketId } from '../../server/protocol/packet.ts'
import type { Topic } from '../../server/protocol/topic.ts'
import { MemoryStore } from '../../server/store/memory/memory-store.ts'
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
} from '../../server/store/store.ts'
import { Ticket } from '../../server/store/ticket.ts'

const slowVerbs = [
  'attach',
  'change',
  'end',
  'append',
  'send',
  'release',
  'acknowledge',
  'keep',
  'forget',
  'retain',
] as const
export type SlowVerb = (typeof slowVerbs)[number]

/**
 * pass: as fast as the heap. hold: done at once, safe when the test says so. hold-back: nothing happens before
 * it is safe, and never when it is refused. refuse: refused at once, as an engine does that knows it is full.
 */
export type Pace = 'pass' | 'hold' | 'hold-back' | 'refuse'

/** A ticket that waits for the test. */
export interface Staged {
  readonly verb: SlowVerb
  /** The packet identifier, the payload or the client identifier that it is about. */
  readonly about: string
  settle(outcome?: 'safe' | Fault): void
}

/** What an engine says whose disk is full. */
export const FULL = fault('store-unavailable', 'the disk is full')

const withinMs = 2_000

export class SlowStore implements Store {
  readonly engine = 'slow'
  readonly #inner = new MemoryStore({ bytesMax: 64 * 1024 * 1024 })
  readonly #paces = new Map<SlowVerb, Pace>()
  #staged: Staged[] = []
  #changed = Promise.withResolvers<void>()

  /** How these verbs go from now on; what is staged already stays so. */
  pace(pace: Pace, ...verbs: readonly SlowVerb[]): void {
    for (const verb of verbs) this.#paces.set(verb, pace)
  }

  /** Every verb passes again, and all that waits is safe. */
  reset(): void {
    this.#paces.clear()
    this.settleAll()
  }

  /** What waits, oldest first. */
  get staged(): readonly Staged[] {
    return this.#staged
  }

  /** The staged tickets of a verb, as soon as there are that many. */
  async waitFor(verb: SlowVerb, count = 1): Promise<readonly Staged[]> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = this.#staged.filter(one => one.verb === verb)
      if (found.length >= count) return found
      const leftMs = deadline - performance.now()
      assert.ok(leftMs > 0, `${found.length} of ${count} ${verb} were staged: ${this.#words()}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, leftMs)
      await Promise.race([this.#changed.promise, promise])
      clearTimeout(timer)
    }
  }

  /** Settles what waits, of this verb or of all, oldest first. */
  settleAll(verb?: SlowVerb, outcome: 'safe' | Fault = 'safe'): void {
    for (const one of [...this.#staged]) if (verb === undefined || one.verb === verb) one.settle(outcome)
  }

  open(listener: StoreListener): Promise<Opened> {
    return this.#inner.open(listener)
  }

  close(): Promise<void> {
    this.reset()
    return this.#inner.close()
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const attached = await this.#inner.attach(request)
    return { ...attached, ticket: this.#stage('attach', request.clientId, () => attached.ticket) }
  }

  adopt(lease: Lease, subscriptions: readonly StoredSubscription[]): void {
    this.#inner.adopt(lease, subscriptions)
  }

  change(lease: Lease, change: SessionChange): Ticket {
    return this.#stage('change', lease.queue.clientId, () => this.#inner.change(lease, change))
  }

  detach(lease: Lease, change: SessionChange): Ticket {
    return this.#inner.detach(lease, change)
  }

  end(queue: Queue, reason: 'session-cleaned' | 'session-ended'): Ticket {
    return this.#stage('end', queue.clientId, () => this.#inner.end(queue, reason))
  }

  append(message: Message, receivers: readonly Receiver[], count: number): Ticket {
    // The caller uses the array again for its next message.
    const own = receivers.slice(0, count)
    return this.#stage('append', message.payload.toString(), () => this.#inner.append(message, own, count))
  }

  fetch(lease: Lease, now: Millis): Entry | undefined {
    return this.#inner.fetch(lease, now)
  }

  send(lease: Lease, entry: Entry, packetId: PacketId, now: Millis): Ticket {
    return this.#stage('send', entry.message.payload.toString(), () =>
      this.#inner.send(lease, entry, packetId, now),
    )
  }

  release(lease: Lease, entry: Entry): Ticket {
    return this.#stage('release', `${entry.packetId}`, () => this.#inner.release(lease, entry))
  }

  acknowledge(lease: Lease, entry: Entry): Ticket {
    return this.#stage('acknowledge', `${entry.packetId}`, () => this.#inner.acknowledge(lease, entry))
  }

  expire(queue: Queue, now: Millis): void {
    this.#inner.expire(queue, now)
  }

  browse(queue: Queue, after: number, limit: number): readonly Owed[] {
    return this.#inner.browse(queue, after, limit)
  }

  read(queue: Queue, seqs: readonly number[]): Promise<ReadonlyMap<number, Message>> {
    return this.#inner.read(queue, seqs)
  }

  discard(queue: Queue, seqs: readonly number[] | undefined, reason: LossReason): Ticket {
    return this.#inner.discard(queue, seqs, reason)
  }

  bury(
    queue: Queue,
    request: BuryRequest,
    times: { readonly now: Millis; readonly purgeAt: Millis },
  ): Buried {
    return this.#inner.bury(queue, request, times)
  }

  restore(id: string, now: Millis): Promise<Restored> {
    return this.#inner.restore(id, now)
  }

  purge(id: string): Ticket {
    return this.#inner.purge(id)
  }

  tombstones(): Iterable<Tombstone> {
    return this.#inner.tombstones()
  }

  keep(lease: Lease, packetId: PacketId): Ticket {
    return this.#stage('keep', `${packetId}`, () => this.#inner.keep(lease, packetId))
  }

  forget(lease: Lease, packetId: PacketId): Ticket {
    return this.#stage('forget', `${packetId}`, () => this.#inner.forget(lease, packetId))
  }

  totals(): { readonly messages: number; readonly bytes: number } {
    return this.#inner.totals()
  }

  retain(topic: Topic, message: Message | undefined): Ticket {
    return this.#stage('retain', topic.name, () => this.#inner.retain(topic, message))
  }

  #stage(verb: SlowVerb, about: string, act: () => Ticket): Ticket {
    const pace = this.#paces.get(verb) ?? 'pass'
    if (pace === 'pass') return act()
    if (pace === 'refuse') {
      // By the contract an entry carries its id from `send` on, whatever becomes of the ticket.
      if (verb === 'send') act()
      return new Ticket(FULL)
    }
    const done = pace === 'hold' ? act() : undefined
    const ticket = new Ticket()
    const staged: Staged = {
      verb,
      about,
      settle: (outcome = 'safe') => {
        this.#staged = this.#staged.filter(one => one !== staged)
        const { refusal } = outcome === 'safe' ? (done ?? act()) : { refusal: outcome }
        ticket.settle(refusal ?? 'safe')
      },
    }
    this.#staged.push(staged)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
    return ticket
  }

  #words(): string {
    return this.#staged.map(one => `${one.verb} ${one.about}`).join(', ') || 'nothing is'
  }
}
