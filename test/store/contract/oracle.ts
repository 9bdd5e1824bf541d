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
  ended = false
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

  get nextExpiryAt(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.waiting.map(entry => entry.body.expiresAt))
  }
}

function sum(entries: readonly OracleEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.body.size, 0)
}

export class Oracle {
  readonly #bytesMax: number
  readonly queues = new Map<string, OracleQueue>()
  /** `client payload reason` for each message lost since it was last emptied. */
  lost: string[] = []

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
    queue.ended = true
    queue.waiting = []
    queue.inFlight = []
    this.queues.delete(queue.clientId)
  }

  append(message: Message, receivers: readonly OracleReceiver[]): 'safe' | 'quota-exceeded' {
    const { size, qos, retain, expiresAt } = message
    const body = { payload: message.payload.toString(), size, qos, retain, expiresAt }
    if (this.totals().bytes + size > this.#bytesMax) return 'quota-exceeded'
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

  totals(): { messages: number; bytes: number } {
    const bodies = new Set([...this.queues.values()].flatMap(queue => queue.owed.map(entry => entry.body)))
    return { messages: bodies.size, bytes: [...bodies].reduce((bytes, body) => bytes + body.size, 0) }
  }

  #lose(queue: OracleQueue, body: OracleBody, reason: LossReason): void {
    this.lost.push(`${queue.clientId} ${body.payload} ${reason}`)
  }
}

function fits(held: readonly OracleEntry[], body: OracleBody, copies: number, limits: QueueLimits): boolean {
  return held.length + copies <= limits.messagesMax && sum(held) + copies * body.size <= limits.bytesMax
}
