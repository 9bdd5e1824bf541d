// A store under test with its listener, and verbs that wait for tickets, so that the suite fits engines of any pace.

import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Message } from '../../../server/protocol/message.ts'
import type { PacketId } from '../../../server/protocol/packet.ts'
import type {
  Attached,
  AttachRequest,
  Entry,
  Lease,
  LossReason,
  Queue,
  QueueLimits,
  Receiver,
  Recovered,
  SessionChange,
  Store,
  StoreListener,
} from '../../../server/store/store.ts'
import type { Ticket } from '../../../server/store/ticket.ts'

export interface OpenedStore {
  /** Fresh and empty; the suite opens and closes it. */
  readonly store: Store
  /**
   * A new store on the data that `store` (or the one before) left, as the next process would make it; the suite
   * closes the former first. Only engines that outlive their process have it.
   */
  readonly reopen?: (() => Promise<Store>) | undefined
  /** Called when a test is done with it, after the last store was closed: takes temporary data away. */
  readonly dispose?: (() => Promise<void>) | undefined
}

export interface StoreOptions {
  /** The store-wide limit on the bytes of all bodies. */
  readonly bytesMax: number
}

export type OpenStore = (options: StoreOptions) => Promise<OpenedStore>

export interface Lost {
  readonly clientId: string
  readonly payload: string
  readonly reason: LossReason
}

export const NEVER = Number.POSITIVE_INFINITY
export const ROOMY: QueueLimits = { messagesMax: 1_000_000, bytesMax: 1e9, overflow: 'drop-oldest' }
/** The time all tests begin at. */
export const START = 1_700_000_000_000
/** Long for a disk, short for a person. */
const PATIENCE_MS = 5_000

export class Subject implements StoreListener {
  readonly store: Store
  readonly lostMessages: Lost[] = []
  readonly offers: { readonly clientId: string; readonly entry: Entry }[] = []
  readonly availableQueues: Queue[] = []
  readonly expiringQueues: Queue[] = []
  readonly changedQueues: Queue[] = []
  recovered: readonly Recovered[] = []
  retained: readonly Message[] = []
  #closed = false

  private constructor(store: Store) {
    this.store = store
  }

  static async open(store: Store): Promise<Subject> {
    const subject = new Subject(store)
    const found = await store.open(subject)
    subject.recovered = [...found.sessions]
    subject.retained = [...found.retained]
    return subject
  }

  /** Closes the store, once: what closing again would do is nobody's promise. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.store.close()
  }

  available(queue: Queue): void {
    this.availableQueues.push(queue)
  }

  expiring(queue: Queue): void {
    this.expiringQueues.push(queue)
  }

  /** A message whose body is not in memory goes by the name of `?`. */
  lost(queue: Queue, message: Message | undefined, reason: LossReason): void {
    const payload = message?.payload.toString() ?? '?'
    this.lostMessages.push({ clientId: queue.clientId, payload, reason })
  }

  /** Nobody takes what is offered, unless a test says otherwise. */
  offered(queue: Queue, entry: Entry): 'taken' | 'left' {
    this.offers.push({ clientId: queue.clientId, entry })
    return 'left'
  }

  changed(queue: Queue): void {
    this.changedQueues.push(queue)
  }

  async attach(clientId: string, request: Partial<AttachRequest> = {}): Promise<Attached> {
    const attached = await this.store.attach({
      clientId,
      owner: 'ada',
      now: START,
      existing: 'resume',
      limits: ROOMY,
      version: 1,
      connection: undefined,
      expirySeconds: NEVER,
      expirySource: 'client',
      expiryPinned: false,
      will: undefined,
      ...request,
    })
    await safe(attached.ticket)
    return attached
  }

  /** Takes the session and gives the lease alone. */
  async lease(clientId: string, limits: Partial<QueueLimits> = {}): Promise<Lease> {
    return (await this.attach(clientId, { limits: { ...ROOMY, ...limits } })).lease
  }

  /** Resolves with 'safe', or with the name of the fault for which the store refused. */
  async append(message: Message, ...receivers: readonly Receiver[]): Promise<string> {
    const outcome = await this.store.append(message, receivers, receivers.length).outcome()
    return outcome === 'safe' ? 'safe' : outcome.fault
  }

  /** Puts one message a payload into the queue, in order. */
  async fill(queue: Queue, ...messages: readonly Message[]): Promise<void> {
    for (const message of messages) assert.equal(await this.append(message, receiver(queue)), 'safe')
  }

  /** The next entry; waits for its page while something still waits. */
  async fetch(lease: Lease, now = START): Promise<Entry | undefined> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const entry = this.store.fetch(lease, now)
      if (entry !== undefined || lease.queue.waiting === 0) return entry
      const heard = this.availableQueues.length
      while (this.availableQueues.length === heard) {
        assert.ok(performance.now() < deadline, 'something waits, yet available() was not called')
        await nextTurn()
      }
    }
  }

  /** Fetches what there is, and gives the payloads. */
  async fetchAll(lease: Lease, now = START): Promise<string[]> {
    return (await this.fetchEntries(lease, now)).map(payloadOf)
  }

  async fetchEntries(lease: Lease, now = START): Promise<Entry[]> {
    const entries: Entry[] = []
    for (;;) {
      const entry = await this.fetch(lease, now)
      if (entry === undefined) return entries
      entries.push(entry)
    }
  }

  /** Fetches the next entry and binds it to a packet id. */
  async fetchAndSend(lease: Lease, packetId: number, now = START): Promise<Entry> {
    const entry = await this.fetch(lease, now)
    assert.ok(entry !== undefined, 'nothing waits')
    await safe(this.store.send(lease, entry, packetId as PacketId, now))
    return entry
  }

  async release(lease: Lease, entry: Entry): Promise<void> {
    await safe(this.store.release(lease, entry))
  }

  async acknowledge(lease: Lease, ...entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) await safe(this.store.acknowledge(lease, entry))
  }

  async change(lease: Lease, change: SessionChange): Promise<void> {
    await safe(this.store.change(lease, change))
  }

  async end(queue: Queue, reason: 'session-cleaned' | 'session-ended' = 'session-ended'): Promise<void> {
    await safe(this.store.end(queue, reason))
  }

  /** `payload reason` of each message lost since the last call. */
  takeLost(): string[] {
    return this.lostMessages.splice(0).map(one => `${one.payload} ${one.reason}`)
  }

  /** How often `available` named the queue since the last call. */
  takeAvailable(queue: Queue): number {
    return this.availableQueues.splice(0).filter(one => one === queue).length
  }

  takeExpiring(queue: Queue): number {
    return this.expiringQueues.splice(0).filter(one => one === queue).length
  }
}

/** What a queue counts, in one value that a test can compare. */
export function counts(queue: Queue): { messages: number; bytes: number; waiting: number } {
  const { messages, bytes, waiting } = queue
  return { messages, bytes, waiting }
}

export const EMPTY = { messages: 0, bytes: 0, waiting: 0 }

export function receiver(queue: Queue, fields: Partial<Receiver> = {}): Receiver {
  return {
    queue,
    qos: 2,
    retainAsPublished: false,
    subscriptionIdentifiers: undefined,
    sharedFilter: undefined,
    ...fields,
  }
}

export function payloadOf(entry: Entry): string {
  return entry.message.payload.toString()
}

export async function safe(ticket: Ticket): Promise<void> {
  assert.equal(await ticket.outcome(), 'safe')
}

/** For what a verb without a ticket brings about: tries again each turn until it holds. */
export async function eventually(holds: () => void): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      holds()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await nextTurn()
  }
}
