// Commits batches back to back in the other thread: one is being written while the next one fills.

import { after, type Millis } from '../../clock.ts'
import { type Fault, fault } from '../../protocol/fault.ts'
import { Batch, type Resident } from './batch.ts'
import type { Answer, Request } from './messages.ts'

/**
 * How long a message may wait for the acknowledgements of connected clients, which make most writing needless.
 * A message that somebody who is away or silent must get is committed at the end of the turn.
 */
const HOLD_MS = 50
/** No timer is set for less: a commit of a few messages costs as much as one of a few hundred. */
const HOLD_STEP_MS = 10
/** Deletions and cursors of QoS 1 may be late: a crash then repeats messages, and loses none. */
const LAZY_MS = 500
/** Between attempts while the disk does not take anything. */
const RETRY_MS = 1_000

export interface CommitterGiven {
  now(): Millis
  post(request: Request, transfer: readonly ArrayBuffer[]): void
  /** Adds what is written lazily: cursors of queues that have settled something. */
  addCursors(batch: Batch): void
  durable(residents: readonly Resident[]): void
  /** Takes back messages that could not be written, before their tickets say so. */
  withdraw(residents: readonly Resident[], refusal: Fault): void
  /** An error after which nobody knows what is on the disk: the process must end [fsyncgate]. */
  fatal(message: string): void
}

export interface CommitStatistics {
  commits: number
  messagesWritten: number
  lastMilliseconds: number
  fileBytes: number
}

export class Committer {
  readonly #given: CommitterGiven
  #filling = new Batch()
  #writing: Batch | undefined = undefined
  #endOfTurn = false
  #isDraining = false
  #cancelTimer: (() => void) | undefined = undefined
  #idle: (() => void)[] = []
  /** Why the disk takes nothing; undefined while all is well. */
  refusal: Fault | undefined = undefined
  readonly statistics: CommitStatistics = {
    commits: 0,
    messagesWritten: 0,
    lastMilliseconds: 0,
    fileBytes: 0,
  }

  constructor(given: CommitterGiven) {
    this.#given = given
  }

  get batch(): Batch {
    return this.#filling
  }

  /** The batch must be on disk before somebody can go on. */
  hurry(): void {
    this.#filling.isUrgent = true
    if (this.#endOfTurn || this.#writing !== undefined || this.refusal !== undefined) return
    this.#endOfTurn = true
    setImmediate(() => {
      this.#endOfTurn = false
      this.#commit()
    })
  }

  /** The batch should be on disk soon. */
  touch(what: 'message' | 'lazy'): void {
    if (this.#cancelTimer !== undefined || this.#writing !== undefined) return
    if (this.refusal !== undefined) this.#schedule(RETRY_MS)
    else this.#schedule(what === 'message' ? HOLD_MS : LAZY_MS)
  }

  /** Resolves when nothing is staged or being written any more, or the disk refuses it. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#given.addCursors(this.#filling)
    if (this.#filling.isEmpty && this.#writing === undefined) return
    if (this.#writing === undefined) this.#commit()
    await new Promise<void>(resolve => this.#idle.push(resolve))
    if (this.refusal === undefined) await this.drain()
  }

  answer(answer: Extract<Answer, { tell: 'committed' | 'failed' }>): void {
    const batch = this.#writing
    if (batch === undefined) return
    this.#writing = undefined
    if (answer.tell === 'committed') this.#committed(batch, answer)
    else this.#failed(batch, answer)
    this.#next()
  }

  #scheduleOldest(oldest: Resident): void {
    this.#schedule(Math.max(HOLD_STEP_MS, oldest.message.receivedAt + HOLD_MS - this.#given.now()))
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = after(delayMs, () => {
      this.#cancelTimer = undefined
      this.#commit()
    })
  }

  #commit(): void {
    if (this.#writing !== undefined) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const batch = this.#filling
    this.#given.addCursors(batch)
    this.#filling = new Batch()
    // What may still be acknowledged in time stays behind; it is younger than all that is written.
    if (!batch.isUrgent && !this.#isDraining) {
      for (const one of batch.takeYoungerThan(this.#given.now() - HOLD_MS)) this.#filling.append(one)
    }
    if (batch.isEmpty) {
      batch.ticket.settle('safe')
      this.#next()
      return
    }
    this.#writing = batch
    const { request, transfer } = batch.toRequest()
    this.#given.post(request, transfer)
  }

  #committed(batch: Batch, answer: Extract<Answer, { tell: 'committed' }>): void {
    this.refusal = undefined
    const written = batch.appends.filter(one => one.at === 'posted')
    this.statistics.commits++
    this.statistics.messagesWritten += written.length
    this.statistics.lastMilliseconds = answer.milliseconds
    this.statistics.fileBytes = answer.fileBytes
    this.#given.durable(written)
    for (const one of written) one.ticket.settle('safe')
    batch.ticket.settle('safe')
  }

  /** Messages are given back to their publishers; all else is kept and tried again, so that nothing known is lost. */
  #failed(batch: Batch, answer: Extract<Answer, { tell: 'failed' }>): void {
    if (answer.kind !== 'full') {
      this.#given.fatal(answer.message)
      return
    }
    const refusal = fault('store-unavailable', 'there is no room on the disk: the message was not kept')
    this.refusal = refusal
    const lost = batch.appends.filter(one => one.at === 'posted')
    this.#given.withdraw(lost, refusal)
    this.#filling.statements = [...batch.statements, ...this.#filling.statements]
    this.#filling.deletes.unshift(...batch.deletes)
    for (const one of lost) one.ticket.settle(refusal)
    batch.ticket.settle(refusal)
  }

  #next(): void {
    if (this.refusal !== undefined) this.#schedule(RETRY_MS)
    else if (this.#filling.isUrgent) this.#commit()
    else if (this.#filling.oldest !== undefined) this.#scheduleOldest(this.#filling.oldest)
    else if (!this.#filling.isEmpty) this.#schedule(LAZY_MS)
    if (this.#writing !== undefined) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}
