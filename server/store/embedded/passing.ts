// Offers what a leaving session owes as a member of shared groups to the others, before it is buried or ends.

import type { StoreListener } from '../store.ts'
import type { Bodies } from './bodies.ts'
import type { Committer } from './committer.ts'
import type { Database } from './database-thread.ts'
import type { EmbeddedEntry, EmbeddedQueue, Waiting } from './queue.ts'
import type { Queues } from './queues.ts'

/** Bodies in memory at a time, of a queue that may be larger than memory. */
const PAGE_MESSAGES_MAX = 256
const PAGE_BYTES_MAX = 1024 * 1024

export interface PassingGiven {
  readonly bodies: Bodies
  readonly committer: Committer
  readonly database: Database
  readonly queues: Queues
  listener(): StoreListener
}

export class Passing {
  readonly #given: PassingGiven
  /** One at a time for each client id: the next session, or the same one again, waits for it. */
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(given: PassingGiven) {
    this.#given = given
  }

  /** What must end before anything new is written of this client. */
  of(clientId: string): Promise<void> | undefined {
    return this.#underWay.get(clientId)
  }

  async finish(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values())
  }

  /**
   * A message leaves the queue in the transaction in which it reaches another one, so a crash loses none and repeats
   * none: the session is then still there with the rest. Runs `then` at once when nothing has to be read.
   */
  pass(queue: EmbeddedQueue, then: () => void): void {
    queue.state = 'leaving'
    queue.page = undefined
    for (const entry of queue.inFlight ?? []) {
      if (!this.#isTaken(queue, entry)) continue
      queue.inFlight?.remove(entry)
      queue.settle(entry.size)
      this.#given.queues.release(queue, entry.seq, entry.size)
      this.#given.committer.hurry()
    }
    if (this.#nextShared(queue, 0).length === 0) {
      then()
      return
    }
    const passing = this.#passWaiting(queue).then(() => {
      this.#underWay.delete(queue.clientId)
      then()
    })
    this.#underWay.set(queue.clientId, passing)
  }

  async #passWaiting(queue: EmbeddedQueue): Promise<void> {
    // From here on the disk has all of it, or has refused it.
    this.#given.committer.hurry()
    await this.#given.committer.batch.ticket.outcome()
    const taken = new Set<number>()
    let page = this.#nextShared(queue, 0)
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      for (const entry of await this.#read(queue, page)) {
        if (!this.#isTaken(queue, entry)) continue
        taken.add(entry.seq)
        this.#given.queues.release(queue, entry.seq, entry.size)
      }
      this.#given.committer.hurry()
      page = this.#nextShared(queue, last.seq)
    }
    if (taken.size > 0) queue.takeOut(seq => taken.has(seq))
  }

  #nextShared(queue: EmbeddedQueue, after: number): Waiting[] {
    const page: Waiting[] = []
    let bytes = 0
    for (let index = queue.indexAfter(after); index < queue.waiting; index++) {
      const waiting = queue.peek(index)!
      if (!waiting.isShared) continue
      page.push(waiting)
      bytes += waiting.size
      if (page.length === PAGE_MESSAGES_MAX || bytes >= PAGE_BYTES_MAX) break
    }
    return page
  }

  async #read(queue: EmbeddedQueue, page: readonly Waiting[]): Promise<EmbeddedEntry[]> {
    const { bodies, database } = this.#given
    // What is in memory may leave it while the disk is read.
    const resident = page.map(one => bodies.entry(queue, one, undefined))
    const seqs = page.filter((_, index) => resident[index] === undefined).map(one => one.seq)
    const read = seqs.length === 0 ? undefined : await database.read(queue.number, seqs, 'with-receivers')
    return page.flatMap((one, index) => resident[index] ?? bodies.entry(queue, one, read) ?? [])
  }

  #isTaken(queue: EmbeddedQueue, entry: EmbeddedEntry): boolean {
    return entry.isShared && this.#given.listener().offered(queue, entry) === 'taken'
  }
}
