// Lost messages: how many each session has lost and why, and the first and last of each minute one by one.

import type { Millis } from '../../clock.ts'
import type { MessageLost } from '../../events.ts'
import type { Message } from '../../protocol/message.ts'
import {
  LAST_SAMPLES_MAX,
  LOOK_BYTES_MAX,
  LOOKS_PER_MINUTE,
  SAMPLES_FIRST,
  SAMPLES_LAST,
  SAMPLES_PER_MINUTE,
} from './limits.ts'

const MINUTE_MS = 60_000
/** A message that could not be read by then enters the ledger without its topic. */
const LOOK_MS = 2_000
/** What an operator does is told after the messages it has cost, in the same turn. */
const BLAME_MS = 1_000

/** With these a session has ended, or an operator has emptied it: nothing the living session has to answer for. */
const deliberate: ReadonlySet<string> = new Set(['session-ended', 'session-cleaned', 'removed'])

export function isDeliberate(reason: string): boolean {
  return deliberate.has(reason)
}

/** One message that was lost; filled in place, for there may be a hundred thousand a second. */
export interface LostSample {
  at: Millis
  clientId: string
  reason: string
  topic: string | undefined
  publisher: string | undefined
  qos: number | undefined
  size: number | undefined
  actor: string | undefined
  /** Its message is being read from the disk. */
  isLooking: boolean
}

/** Reads a message that has been lost in this very turn, by its number in the store. */
export type Look = (seq: number) => Promise<Pick<Message, 'topic' | 'publisher'> | undefined>

/** What one session has lost for one reason; small, for a fan-out may overflow a hundred thousand queues at once. */
export class LossCount {
  readonly reason: string
  count: number
  bytes: number
  lastAt: Millis
  /** What stands in the timeline. */
  noted: number
  notedBytes: number
  /** The row of the timeline that grows while it goes on. */
  episode: Episode | undefined = undefined
  /** The minute for which the first and last are remembered, and how many there were in it. */
  minute = -1
  inMinute = 0
  /** The last of this minute, as a ring; undefined while the first ones are not used up. */
  lasts: LostSample[] | undefined = undefined

  constructor(reason: string, count = 0, bytes = 0, lastAt = 0) {
    this.reason = reason
    this.count = count
    this.bytes = bytes
    this.lastAt = lastAt
    this.noted = count
    this.notedBytes = bytes
  }
}

export interface Episode {
  readonly id: number
  readonly since: Millis
  until: Millis
  count: number
  bytes: number
}

export class ClientLosses {
  readonly clientId: string
  counts: readonly LossCount[] = []
  /** In the list of those that are to be written. */
  isDirty = false
  /** Single losses in the ledger since its oldest were deleted. */
  samples = 0

  constructor(clientId: string) {
    this.clientId = clientId
  }

  /** Messages that did not reach the session, for reasons that nobody chose. */
  get dropped(): number {
    let sum = 0
    for (const { reason, count } of this.counts) if (!isDeliberate(reason)) sum += count
    return sum
  }

  of(reason: string): LossCount {
    for (const one of this.counts) if (one.reason === reason) return one
    const count = new LossCount(reason)
    this.add(count)
    return count
  }

  /** An array of just that length: one that grows has room for 17. */
  add(count: LossCount): void {
    this.counts = this.counts.length === 0 ? [count] : [...this.counts, count]
  }
}

export class Losses {
  readonly #look: Look
  #looks = 0
  /** As many as there are sessions that have lost something: `forget` takes them away with their session. */
  readonly #clients = new Map<string, ClientLosses>()
  #dirty: ClientLosses[] = []
  #samples: LostSample[] = []
  /** Those whose last losses are remembered; flushed when their minute is over. */
  readonly #withLasts = new Set<LossCount>()
  #minute = -1
  #sampledInMinute = 0
  #latest: ClientLosses | undefined = undefined

  constructor(look: Look) {
    this.#look = look
  }

  /** Clients with losses that are not written. */
  get dirty(): number {
    return this.#dirty.length
  }

  /** Single losses that are not written. */
  get samples(): number {
    return this.#samples.length
  }

  /** Hot: a full queue loses a message for each one that arrives. */
  learn(event: MessageLost): void {
    const client = this.#clientOf(event.clientId)
    const count = client.of(event.reason)
    count.count++
    count.bytes += event.size ?? 0
    count.lastAt = event.at
    if (!client.isDirty) {
      client.isDirty = true
      this.#dirty.push(client)
    }
    this.#sample(event, count)
  }

  /** What was known before the start. */
  restore(clientId: string, count: LossCount): void {
    const client = this.#clients.get(clientId) ?? new ClientLosses(clientId)
    this.#clients.set(clientId, client)
    const known = client.counts.find(one => one.reason === count.reason)
    if (known === undefined) {
      client.add(count)
      return
    }
    // Lost since the start, before this was read.
    known.count += count.count
    known.noted += count.count
    known.bytes += count.bytes
    known.notedBytes += count.bytes
  }

  /** Its session has ended: what was lost before is no longer counted. */
  forget(clientId: string): void {
    this.#clients.delete(clientId)
    if (this.#latest?.clientId === clientId) this.#latest = undefined
  }

  find(clientId: string): ClientLosses | undefined {
    return this.#clients.get(clientId)
  }

  /** Those lost for such a reason in this turn were lost by this operator. */
  blame(clientId: string, actor: string, at: Millis): void {
    const isTheirs = (one: LostSample): boolean =>
      one.clientId === clientId && one.at >= at - BLAME_MS && isDeliberate(one.reason)
    for (let index = this.#samples.length - 1; index >= 0; index--) {
      const sample = this.#samples[index]!
      if (sample.clientId !== clientId) break
      if (isTheirs(sample)) sample.actor = actor
    }
    for (const { lasts } of this.#clients.get(clientId)?.counts ?? []) {
      for (const sample of lasts ?? []) if (isTheirs(sample)) sample.actor = actor
    }
  }

  takeDirty(clientsMax: number): readonly ClientLosses[] {
    const taken = this.#dirty.slice(0, clientsMax)
    this.#dirty = this.#dirty.slice(clientsMax)
    for (const client of taken) client.isDirty = false
    return taken
  }

  writeAgain(clients: readonly ClientLosses[]): void {
    for (const client of clients) {
      if (client.isDirty) continue
      client.isDirty = true
      this.#dirty.push(client)
    }
  }

  /** Single losses for the ledger: the first ones of this minute, and the last ones of those that are over. */
  takeSamples(samplesMax: number, now: Millis): readonly LostSample[] {
    const minute = Math.floor(now / MINUTE_MS)
    for (const count of this.#withLasts) if (count.minute !== minute) this.#releaseLasts(count)
    // One that is being read can wait a second; its place in the ledger is that of its time.
    const waits = this.#samples.findIndex(one => one.isLooking && now - one.at < LOOK_MS)
    const count = waits === -1 ? samplesMax : Math.min(samplesMax, waits)
    const samples = this.#samples.slice(0, count)
    this.#samples = this.#samples.slice(count)
    return samples
  }

  /** At the end: the last ones of this minute as well, and those that are being read as they are. */
  releaseAll(): void {
    for (const count of this.#withLasts) this.#releaseLasts(count)
    for (const sample of this.#samples) sample.isLooking = false
  }

  #clientOf(clientId: string): ClientLosses {
    if (this.#latest?.clientId === clientId) return this.#latest
    let client = this.#clients.get(clientId)
    if (client === undefined) {
      client = new ClientLosses(clientId)
      this.#clients.set(clientId, client)
    }
    this.#latest = client
    return client
  }

  #sample(event: MessageLost, count: LossCount): void {
    const minute = Math.floor(event.at / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#sampledInMinute = 0
      this.#looks = 0
    }
    if (minute !== count.minute) {
      this.#releaseLasts(count)
      count.minute = minute
      count.inMinute = 0
    }
    const index = count.inMinute++
    if (index < SAMPLES_FIRST) {
      if (this.#sampledInMinute++ < SAMPLES_PER_MINUTE) this.#samples.push(this.#lookUp(event))
      return
    }
    if (count.lasts === undefined) {
      if (this.#withLasts.size >= LAST_SAMPLES_MAX) return
      count.lasts = []
      this.#withLasts.add(count)
    }
    const slot = (index - SAMPLES_FIRST) % SAMPLES_LAST
    count.lasts[slot] = fill(count.lasts[slot] ?? emptySample(), event)
  }

  /** The body may lie on the disk alone, for moments: the store is about to delete it. */
  #lookUp(event: MessageLost): LostSample {
    const sample = fill(emptySample(), event)
    const { seq, size = 0 } = event
    if (seq === undefined || size > LOOK_BYTES_MAX || this.#looks >= LOOKS_PER_MINUTE) return sample
    this.#looks++
    sample.isLooking = true
    void this.#look(seq).then(message => {
      sample.isLooking = false
      sample.topic = message?.topic.name
      sample.publisher = message?.publisher
    })
    return sample
  }

  #releaseLasts(count: LossCount): void {
    if (count.lasts === undefined) return
    // The ring may begin anywhere; the ledger is in the order of time.
    for (const sample of count.lasts.sort((one, other) => one.at - other.at)) this.#samples.push(sample)
    count.lasts = undefined
    this.#withLasts.delete(count)
  }
}

function emptySample(): LostSample {
  return {
    at: 0,
    clientId: '',
    reason: '',
    topic: undefined,
    publisher: undefined,
    qos: undefined,
    size: undefined,
    actor: undefined,
    isLooking: false,
  }
}

function fill(sample: LostSample, event: MessageLost): LostSample {
  sample.at = event.at
  sample.clientId = event.clientId
  sample.reason = event.reason
  sample.topic = event.topic
  sample.publisher = event.publisher
  sample.qos = event.qos
  sample.size = event.size
  return sample
}
