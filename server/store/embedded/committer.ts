// Commits batches back to back in the other thread: one is being written while the next one fills.

import { after, every, type Millis } from '../../clock.ts'
import { type Fault, fault } from '../../protocol/fault.ts'
import type { StoreStatistics } from '../store.ts'
import { Batch, encodedBytes, type Resident } from './batch.ts'
import { StoreProblem } from './database.ts'
import type { Answer, Request } from './messages.ts'
import { SyncTimes } from './sync-times.ts'

/**
 * How long a message may wait for the acknowledgements of connected clients, which make most writing needless.
 * A message that somebody who is away or silent must get is committed at the end of the turn.
 */
const HOLD_MS = 50
/** No timer is set for less: a commit of a few messages costs as much as one of a few hundred. */
const HOLD_STEP_MS = 10
/** Deletions and cursors of QoS 1 may be late: a crash then repeats messages, and loses none. */
const LAZY_MS = 500
/** Between notes that the broker is alive: after a crash it counts as down for so much longer, at most. */
const NOTE_MS = 10_000
/** Between questions whether the disk has room again. */
const RETRY_MS = 1_000

export interface CommitterGiven {
  now(): Millis
  post(request: Request, transfer: readonly ArrayBuffer[]): void
  /** Adds what is written lazily: cursors of queues that have settled something. */
  addCursors(batch: Batch): void
  durable(residents: readonly Resident[]): void
  /** Takes back messages that could not be written, before their tickets say so. */
  withdraw(residents: readonly Resident[], refusal: Fault): void
  /** The disk takes no more messages, or takes them again; said once each. */
  refusing(problem: string | undefined): void
  /** An error after which nobody knows what is on the disk: the process must end [fsyncgate]. */
  fatal(message: string): void
}

export class Committer {
  readonly #given: CommitterGiven
  #filling = new Batch()
  #writing: Batch | undefined = undefined
  #writingSince: Millis = 0
  #endOfTurn = false
  #isDraining = false
  #cancelTimer: (() => void) | undefined = undefined
  #idle: (() => void)[] = []
  /** The error after which nobody knows what is on the disk; nothing is written any more. */
  #failure: string | undefined = undefined
  /** Why the disk takes no messages; undefined while all is well. */
  refusal: Fault | undefined = undefined
  /** Not even changes without messages can be written. */
  #isStuck = false
  /** How much found no room, and must find it before messages are taken again. */
  #refusedBytes = 0
  #isProbeDue = false
  #stopProbing: () => void = () => undefined
  #stopNoting: () => void = () => undefined
  /** Whether the batch that is being written has room for messages to find. */
  #needsRoom = false
  readonly syncTimes = new SyncTimes()
  readonly statistics = { commits: 0, commitsRefused: 0, messagesWritten: 0, fileBytes: 0 }
  disk: StoreStatistics['disk'] = undefined

  constructor(given: CommitterGiven) {
    this.#given = given
  }

  get batch(): Batch {
    return this.#filling
  }

  /** For how long the batch at hand has been with the disk; 0 when none is. */
  get writingMs(): Millis {
    return this.#writing === undefined ? 0 : this.#given.now() - this.#writingSince
  }

  /** The batch must be on disk before somebody can go on. */
  hurry(): void {
    this.#filling.isUrgent = true
    if (this.#endOfTurn || this.#writing !== undefined || this.#isStuck) return
    this.#endOfTurn = true
    setImmediate(() => {
      this.#endOfTurn = false
      this.#commit()
    })
  }

  /** The batch should be on disk soon. */
  touch(what: 'message' | 'lazy'): void {
    if (this.#cancelTimer !== undefined || this.#writing !== undefined) return
    if (!this.#isStuck) this.#schedule(what === 'message' ? HOLD_MS : LAZY_MS)
  }

  /** Writes down now and then that the broker is alive, with a commit that is due anyway where there is one. */
  startNoting(): void {
    this.#note()
    this.#stopNoting = every(NOTE_MS, () => this.#note())
  }

  /** The last note goes with the commit that ends everything. */
  stopNoting(): void {
    this.#stopNoting()
    this.#note()
  }

  #note(): void {
    if (this.#isStuck) return
    this.#filling.statements.push(['alive', this.#given.now()])
    this.touch('lazy')
  }

  /**
   * Resolves when nothing is staged or being written any more, or the disk refuses it. Rejects with StoreProblem after
   * an error that was fatal: whoever waits would wait for ever, for what was written is not known to be on the disk.
   */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#throwFailure()
    this.#given.addCursors(this.#filling)
    if (this.#filling.isEmpty && this.#writing === undefined) return
    if (this.#writing === undefined) this.#commit()
    await new Promise<void>(resolve => this.#idle.push(resolve))
    this.#throwFailure()
    if (!this.#isStuck) await this.drain()
  }

  close(): void {
    this.#stopProbing()
  }

  answer(answer: Extract<Answer, { tell: 'committed' | 'failed' }>): void {
    const batch = this.#writing
    if (batch === undefined) return
    this.#writing = undefined
    if (answer.tell === 'committed') this.#committed(batch, answer)
    else if (answer.kind !== 'full') this.#fail(answer.message)
    else this.#full(batch)
    if (this.#writing === undefined) this.#next()
  }

  #fail(message: string): void {
    this.#failure = message
    // Before the rest: whoever hears of it may throw.
    this.#wakeIdle()
    this.#given.fatal(message)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw new StoreProblem(`the store has failed: ${this.#failure}`)
  }

  #full(batch: Batch): void {
    this.statistics.commitsRefused++
    if (this.#needsRoom) this.#goOnWithoutMessages(batch)
    else this.#stuck(batch)
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
    if (this.#writing !== undefined || this.#failure !== undefined) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const batch = this.#filling
    this.#given.addCursors(batch)
    this.#filling = new Batch()
    // What may still be acknowledged in time stays behind; it is younger than all that is written.
    if (!batch.isUrgent && !this.#isDraining) {
      batch.leaveYoungerThan(this.#given.now() - HOLD_MS, this.#filling)
    }
    if (batch.isEmpty && !this.#isProbeDue) {
      batch.ticket.settle('safe')
      this.#next()
      return
    }
    this.#post(batch, batch.oldest !== undefined || this.#isProbeDue ? this.#refusedBytes : 0)
  }

  #post(batch: Batch, bytesWanted: number): void {
    this.#writing = batch
    this.#writingSince = this.#given.now()
    this.#isProbeDue = false
    const { request, transfer } = batch.toRequest(bytesWanted)
    this.#needsRoom = request.roomBytes > 0
    this.#given.post(request, transfer)
  }

  #committed(batch: Batch, answer: Extract<Answer, { tell: 'committed' }>): void {
    this.#isStuck = false
    if (this.#needsRoom) this.#accept()
    const written = batch.posted.filter(one => one.at === 'posted')
    this.statistics.commits++
    this.statistics.messagesWritten += written.length
    this.syncTimes.record(answer.milliseconds)
    this.statistics.fileBytes = answer.fileBytes
    this.disk = answer.disk
    this.#given.durable(written)
    for (const one of written) one.ticket.settle('safe')
    batch.ticket.settle('safe')
  }

  /** Messages are given back to their publishers; all else is written without them, for it may be what makes room. */
  #goOnWithoutMessages(batch: Batch): void {
    const refusal = this.#refuse(encodedBytes(batch.posted))
    const posted = batch.posted.filter(one => one.at === 'posted')
    this.#given.withdraw(posted, refusal)
    for (const one of posted) one.ticket.settle(refusal)
    if (!batch.isEmpty) this.#post(batch, 0)
    else batch.ticket.settle('safe')
  }

  /** What is not a message is kept and tried again, so that nothing known is lost. */
  #stuck(batch: Batch): void {
    const refusal = this.#refuse(0)
    this.#isStuck = true
    this.#filling.statements = [...batch.statements, ...this.#filling.statements]
    this.#filling.deletes.unshift(...batch.deletes)
    batch.ticket.settle(refusal)
  }

  #refuse(bytes: number): Fault {
    this.#refusedBytes = Math.max(1, this.#refusedBytes, bytes)
    if (this.refusal !== undefined) return this.refusal
    this.refusal = fault('store-unavailable', 'there is no room on the disk: the message was not kept')
    this.#stopProbing = every(RETRY_MS, () => {
      this.#isProbeDue = true
      this.#commit()
    })
    this.#given.refusing(this.refusal.detail)
    return this.refusal
  }

  #accept(): void {
    if (this.refusal === undefined) return
    this.refusal = undefined
    this.#refusedBytes = 0
    this.#stopProbing()
    this.#given.refusing(undefined)
  }

  #next(): void {
    // What is stuck goes along with the next question whether there is room.
    if (!this.#isStuck) this.#scheduleNext()
    if (this.#writing === undefined) this.#wakeIdle()
  }

  #wakeIdle(): void {
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  #scheduleNext(): void {
    if (this.#filling.isUrgent) this.#commit()
    else if (this.#filling.oldest !== undefined) this.#scheduleOldest(this.#filling.oldest)
    else if (!this.#filling.isEmpty) this.#schedule(LAZY_MS)
  }
}
