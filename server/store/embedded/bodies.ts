// Bodies in memory, and what is known of all messages that are not: references, expiry, bytes.

import type { Message } from '../../protocol/message.ts'
import type { TopicTable } from '../../protocol/topic.ts'
import type { Entry } from '../store.ts'
import type { Resident } from './batch.ts'
import { EmbeddedEntry, type EmbeddedQueue, type Waiting } from './queue.ts'
import { References } from './references.ts'
import { Residents } from './residents.ts'

/** Bodies on disk that stay in memory as well, for clients that are only a little behind. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024
/** What is read for a queue at a time. */
const PAGE_MESSAGES_MAX = 256
const PAGE_BYTES_MAX = 1024 * 1024

/** A body read back, with its receivers where the entry's details stand there. */
export interface PageEntry {
  readonly message: Message
  readonly details: Pick<Entry, 'subscriptionIdentifiers' | 'sharedFilter'> | undefined
}

export type Page = Map<number, PageEntry>

const NEVER = Number.POSITIVE_INFINITY
const NO_DETAILS = { subscriptionIdentifiers: undefined, sharedFilter: undefined }

export class Bodies {
  readonly topics: TopicTable
  readonly #residents = new Residents()
  readonly #references = new References()
  readonly #expiries = new Map<number, number>()
  #keptBytes = 0
  bytes = 0
  count = 0

  readonly #dropped: (resident: Resident) => void

  /** `dropped` hears of messages that need not be written any more. */
  constructor(topics: TopicTable, dropped: (resident: Resident) => void) {
    this.topics = topics
    this.#dropped = dropped
  }

  add(resident: Resident): void {
    const { seq, message, receivers } = resident
    this.#residents.add(resident)
    resident.references = receivers.length
    this.#count(seq, message.size, message.expiresAt)
  }

  /** Counts a message that an earlier process wrote, or one more reference to it. */
  recovered(seq: number, size: number, expiresAt: number, references: number): void {
    const before = this.#references.count(seq)
    this.#references.set(seq, before + references)
    if (before === 0) this.#count(seq, size, expiresAt)
  }

  #count(seq: number, size: number, expiresAt: number): void {
    this.count++
    this.bytes += size
    if (expiresAt !== Number.POSITIVE_INFINITY) this.#expiries.set(seq, expiresAt)
  }

  find(seq: number): Resident | undefined {
    return this.#residents.get(seq)
  }

  expiresAt(seq: number): number {
    return this.#expiries.size === 0 ? NEVER : (this.#expiries.get(seq) ?? NEVER)
  }

  /** The waiting entry with its body, if that is in memory or on the page. */
  entry(queue: EmbeddedQueue, waiting: Waiting, page: Page | undefined): EmbeddedEntry | undefined {
    const resident = this.#residents.get(waiting.seq)
    if (resident !== undefined) {
      const details = waiting.hasDetails ? resident.receiver(queue.number) : undefined
      return new EmbeddedEntry(waiting, resident.message, details ?? NO_DETAILS)
    }
    const read = page?.get(waiting.seq)
    if (read === undefined) return undefined
    return new EmbeddedEntry(waiting, read.message, read.details ?? NO_DETAILS)
  }

  /** The next entries of the queue whose bodies have to be read. */
  missing(queue: EmbeddedQueue): Waiting[] {
    const missing: Waiting[] = []
    let bytes = 0
    for (let index = 0; missing.length < PAGE_MESSAGES_MAX && bytes < PAGE_BYTES_MAX; index++) {
      const waiting = queue.peek(index)
      if (waiting === undefined) break
      if (this.#residents.get(waiting.seq) !== undefined) continue
      missing.push(waiting)
      bytes += waiting.size
    }
    return missing
  }

  /** Takes one reference away; says what is left to do about the record. */
  release(seq: number, size: number): 'referred-to' | 'on-disk' | 'never-written' {
    const resident = this.#residents.get(seq)
    const left = resident === undefined ? this.#references.release(seq) : --resident.references
    if (left > 0) return 'referred-to'
    this.count--
    this.bytes -= size
    if (this.#expiries.size > 0) this.#expiries.delete(seq)
    if (resident === undefined) return 'on-disk'
    this.#residents.delete(seq)
    if (resident.at === 'durable') this.#keptBytes -= size
    const { at } = resident
    if (at === 'durable' || at === 'dropped') return at === 'dropped' ? 'never-written' : 'on-disk'
    // Every receiver has acknowledged it before it was on disk: that is as safe as it can be.
    resident.ticket.settle('safe')
    if (at === 'posted') return 'on-disk'
    resident.at = 'dropped'
    this.#dropped(resident)
    return 'never-written'
  }

  /** These are on disk; the ones that somebody still waits for stay in memory while there is room. */
  durable(residents: readonly Resident[]): void {
    for (const resident of residents) {
      resident.at = 'durable'
      if (resident.references === 0) continue
      if (!resident.hasConnectedReceiver) {
        this.#leave(resident)
        continue
      }
      this.#keptBytes += resident.message.size
      resident.message.own()
    }
    for (const resident of this.#residents.all()) {
      if (this.#keptBytes <= KEPT_BYTES_MAX) return
      if (resident.at !== 'durable') continue
      this.#keptBytes -= resident.message.size
      this.#leave(resident)
    }
  }

  /** Only the number of those who wait for it stays in memory. */
  #leave(resident: Resident): void {
    this.#residents.delete(resident.seq)
    this.#references.set(resident.seq, resident.references)
  }

  /** The disk did not take it: what is still in flight of it is only in memory. */
  refuse(resident: Resident): void {
    resident.at = 'dropped'
  }
}
