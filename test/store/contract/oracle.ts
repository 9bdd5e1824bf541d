// The store as a few lines of arrays: slow, and plain enough to believe. The random test compares engines with it.

import type { Message } from '../../../server/protocol/message.ts'
import type { LossReason, QueueLimits } from '../../../server/store/store.ts'

export interface OracleBody {
  readonly payload: string
  readonly size: number
  readonly qos: number
  readonly retain: boolean
  readonly expiresAt: number
}

export interface OracleEntry {
  /** Its place among all entries ever made. */
  readonly order: number
  readonly body: OracleBody
  readonly qos: number
  readonly retain: boolean
  readonly identifier: number
  at: 'waiting' | 'fetched' | 'published' | 'released'
  packetId: number
}

export interface OracleReceiver {
  readonly queue: OracleQueue
  readonly qos: number
  readonly retainAsPublished: boolean
  readonly identifier: number
}

export class OracleQueue {
  readonly clientId: string
  limits: QueueLimits
  waiting: OracleEntry[] = []
  inFlight: OracleEntry[] = []

  constructor(clientId: string, limits: QueueLimits) {
    this.clientId = clientId
    this.limits = limits
  }

  get owed(): readonly OracleEntry[] {
    return [...this.inFlight, ...this.waiting]
  }

  get bytes(): number {
    return sum(this.owed)
  }

  /** Puts entries among those that wait, each in its place. */
  merge(entries: readonly OracleEntry[]): void {
    for (const entry of entries) {
      entry.at = 'waiting'
      entry.packetId = 0
    }
    this.waiting = [...this.waiting, ...entries].sort((one, other) => one.order - other.order)
  }

  /** What `isPicked` picks of what is in flight waits again. */
  putBack(isPicked: (entry: OracleEntry) => boolean): void {
    const picked = this.inFlight.filter(isPicked)
    this.inFlight = this.inFlight.filter(entry => !picked.includes(entry))
    this.merge(picked)
  }

  get nextExpiryAt(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.waiting.map(entry => entry.body.expiresAt))
  }
}

function sum(entries: readonly OracleEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.body.size, 0)
}

/** A queue's messages, or a queue with all it has. */
export interface OracleGrave {
  readonly id: string
  readonly what: 'session' | 'queue'
  readonly queue: OracleQueue
  /** Of messages alone. */
  entries: OracleEntry[]
}

export class Oracle {
  readonly #bytesMax: number
  readonly queues = new Map<string, OracleQueue>()
  /** By id, oldest first. */
  readonly graves = new Map<string, OracleGrave>()
  #made = 0
  /** What was lost since it was last emptied. */
  lost: { readonly clientId: string; readonly payload: string; readonly reason: LossReason }[] = []

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  attach(clientId: string, existing: 'resume' | 'replace', limits: QueueLimits): 'created' | 'resumed' {
    const found = this.queues.get(clientId)
    if (found !== undefined && existing === 'resume') {
      found.limits = limits
      return 'resumed'
    }
    if (found !== undefined) this.end(found, 'session-cleaned')
    this.queues.set(clientId, new OracleQueue(clientId, limits))
    return 'created'
  }

  end(queue: OracleQueue, reason: LossReason): void {
    for (const entry of queue.owed) this.#lose(queue, entry.body, reason)
    queue.waiting = []
    queue.inFlight = []
    this.queues.delete(queue.clientId)
  }

  append(message: Message, receivers: readonly OracleReceiver[]): 'safe' | 'quota-exceeded' {
    const { size, qos, retain, expiresAt } = message
    const body = { payload: message.payload.toString(), size, qos, retain, expiresAt }
    while (this.totals().bytes + size > this.#bytesMax) {
      const [oldest] = this.graves.keys()
      if (oldest === undefined) return 'quota-exceeded'
      this.purge(oldest)
    }
    for (const { queue } of receivers) {
      const copies = receivers.filter(one => one.queue === queue).length
      if (queue.limits.overflow === 'reject' && !fits(queue.owed, body, copies, queue.limits)) {
        return 'quota-exceeded'
      }
    }
    // Second copies share a body of their own, and so do third ones.
    const bodies = [body]
    const copies = new Map<unknown, number>()
    for (const receiver of receivers) {
      const before = copies.get(receiver.queue) ?? 0
      copies.set(receiver.queue, before + 1)
      bodies[before] ??= { ...body }
      this.#enqueue(bodies[before]!, receiver)
    }
    return 'safe'
  }

  #enqueue(body: OracleBody, receiver: OracleReceiver): void {
    const { queue } = receiver
    if (!this.#makeRoom(queue, body)) {
      this.#lose(queue, body, 'queue-full')
      return
    }
    queue.waiting.push({
      order: this.#made++,
      body,
      qos: Math.min(body.qos, receiver.qos),
      retain: body.retain && receiver.retainAsPublished,
      identifier: receiver.identifier,
      at: 'waiting',
      packetId: 0,
    })
  }

  #makeRoom(queue: OracleQueue, body: OracleBody): boolean {
    const { limits } = queue
    if (fits(queue.owed, body, 1, limits)) return true
    if (limits.overflow !== 'drop-oldest' || !fits(queue.inFlight, body, 1, limits)) return false
    while (!fits(queue.owed, body, 1, limits)) this.#lose(queue, queue.waiting.shift()!.body, 'queue-full')
    return true
  }

  fetch(queue: OracleQueue, now: number): OracleEntry | undefined {
    for (;;) {
      const entry = queue.waiting.shift()
      if (entry === undefined) return undefined
      if (entry.body.expiresAt <= now) {
        this.#lose(queue, entry.body, 'expired')
        continue
      }
      entry.at = 'fetched'
      queue.inFlight.push(entry)
      return entry
    }
  }

  acknowledge(queue: OracleQueue, entry: OracleEntry): void {
    queue.inFlight = queue.inFlight.filter(one => one !== entry)
  }

  expire(queue: OracleQueue, now: number): void {
    const expired = queue.waiting.filter(entry => entry.body.expiresAt <= now)
    queue.waiting = queue.waiting.filter(entry => entry.body.expiresAt > now)
    for (const entry of expired) this.#lose(queue, entry.body, 'expired')
  }

  discard(queue: OracleQueue, entries: readonly OracleEntry[]): void {
    queue.waiting = queue.waiting.filter(entry => !entries.includes(entry))
    for (const entry of entries) this.#lose(queue, entry.body, 'removed')
  }

  burySession(id: string, queue: OracleQueue): void {
    queue.putBack(entry => entry.at === 'fetched')
    this.queues.delete(queue.clientId)
    this.graves.set(id, { id, what: 'session', queue, entries: [] })
  }

  buryMessages(id: string, queue: OracleQueue, entries: readonly OracleEntry[]): void {
    queue.waiting = queue.waiting.filter(entry => !entries.includes(entry))
    this.graves.set(id, { id, what: 'queue', queue, entries: [...entries] })
  }

  restore(id: string, now: number): 'restored' | 'session-exists' | 'session-gone' | 'no-room' {
    const grave = this.graves.get(id)!
    const { queue, what } = grave
    const present = this.queues.get(queue.clientId)
    if (what === 'session') {
      if (present !== undefined) return 'session-exists'
      this.queues.set(queue.clientId, queue)
      this.expire(queue, now)
    } else {
      if (present !== queue) return 'session-gone'
      const alive = grave.entries.filter(entry => entry.body.expiresAt > now)
      const { messagesMax, bytesMax } = queue.limits
      if (queue.owed.length + alive.length > messagesMax || queue.bytes + sum(alive) > bytesMax)
        return 'no-room'
      for (const { body } of grave.entries) if (body.expiresAt <= now) this.#lose(queue, body, 'expired')
      queue.merge(alive)
    }
    this.graves.delete(id)
    return 'restored'
  }

  purge(id: string): void {
    const { what, queue, entries } = this.graves.get(id)!
    this.graves.delete(id)
    for (const { body } of entries) this.#lose(queue, body, 'removed')
    if (what === 'queue') return
    for (const { body } of queue.owed) this.#lose(queue, body, 'session-cleaned')
    queue.waiting = []
    queue.inFlight = []
  }

  /** The process has ended and another one begun: only what was in flight at QoS 2 is still in flight. */
  reopen(limits: QueueLimits): void {
    const buried = [...this.graves.values()].map(grave => grave.queue)
    for (const queue of new Set([...this.queues.values(), ...buried])) {
      queue.putBack(entry => entry.qos !== 2 || entry.at === 'fetched')
      queue.limits = limits
    }
  }

  totals(): { messages: number; bytes: number } {
    const buried = [...this.graves.values()].flatMap(({ what, queue, entries }) =>
      what === 'session' ? queue.owed : entries,
    )
    const owed = [...this.queues.values()].flatMap(queue => queue.owed)
    const bodies = new Set([...owed, ...buried].map(entry => entry.body))
    return { messages: bodies.size, bytes: [...bodies].reduce((bytes, body) => bytes + body.size, 0) }
  }

  #lose(queue: OracleQueue, body: OracleBody, reason: LossReason): void {
    this.lost.push({ clientId: queue.clientId, payload: body.payload, reason })
  }
}

function fits(held: readonly OracleEntry[], body: OracleBody, copies: number, limits: QueueLimits): boolean {
  return held.length + copies <= limits.messagesMax && sum(held) + copies * body.size <= limits.bytesMax
}
