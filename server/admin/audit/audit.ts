// What is recorded of acts, when, and what becomes of acts when the record cannot be kept.

import type { AuditEntry, AuditRecord } from '../../../shared/audit.ts'
import { type Clock, every, type Millis } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { AuditLog } from './audit-log.ts'
import { type RefusalSummary, Refusals } from './refusals.ts'
import { CUT_VERB } from './verify-chain.ts'

const TIDY_MS = 60_000

export interface AuditGiven {
  readonly side: SideDatabase
  readonly clock: Clock
  readonly log: Log
  readonly limits: () => AuditLimits
}

export interface AuditLimits {
  /** Undefined: records are kept for ever. */
  readonly ageMs: Millis | undefined
  readonly recordsMax: number
}

/** What an act says of itself; when it was is known here. */
export type AuditAct = Omit<AuditEntry, 'at'>

export class Audit {
  readonly records: AuditLog
  readonly #given: AuditGiven
  readonly #refusals = new Refusals()
  /** Acts that were done and could not be recorded, since it last worked. */
  #unrecorded = 0

  constructor(given: AuditGiven) {
    this.#given = given
    this.records = new AuditLog(given.side)
  }

  /** Says in the log where the chain stands: who keeps the log elsewhere can tell whether its end was cut off. */
  async open(): Promise<void> {
    await this.records.open()
    const { sequence, hash } = this.records.last
    this.#given.log.info('the audit goes on', { sequence, hash })
  }

  /** Returns how to stop. */
  start(): () => Promise<void> {
    const stop = every(TIDY_MS, () => void this.#tidy())
    return async () => {
      stop()
      await this.#tell(this.#refusals.take())
    }
  }

  /**
   * Before an act: whether it will be recorded. Rejects with SideProblem while records cannot be written; when they
   * can again, the first one says how many are missing.
   */
  async ready(): Promise<void> {
    if (this.records.isFull) throw new Error('too many acts wait for their record')
    const missing = this.#unrecorded
    if (missing === 0) return
    await this.records.append(this.#own('audit.gap', 'failed', { missing }))
    this.#unrecorded -= missing
  }

  /** Resolves when it is on the disk. */
  async record(act: AuditAct): Promise<AuditRecord> {
    try {
      return await this.records.append({ at: this.#now(), ...act })
    } catch (error) {
      this.#unrecorded++
      this.#given.log.error('an act could not be recorded', {
        verb: act.verb,
        requestId: act.requestId,
        reason: (error as Error).message,
      })
      throw error
    }
  }

  /** As `record`, or counted with others when there are many; never rejects. `subject` is who was refused. */
  async refuse(subject: string, act: AuditAct): Promise<void> {
    const now = this.#given.clock.now()
    const summary = this.#refusals.summary(now)
    const isSingle = this.#refusals.isSingle(subject, now)
    try {
      await this.#tell(summary)
      if (isSingle) await this.record(act)
    } catch (error) {
      // Its record is missed, and will be counted; it is in the log already.
      this.#given.log.debug('a refusal is not in the audit', { reason: (error as Error).message })
    }
  }

  /** What is counted and not yet told is told first. */
  async flush(): Promise<void> {
    await this.#tell(this.#refusals.take())
  }

  async #tidy(): Promise<void> {
    try {
      await this.#tell(this.#refusals.summary(this.#given.clock.now()))
      await this.#cut()
    } catch (error) {
      this.#given.log.warn('the audit could not be tidied', { reason: (error as Error).message })
    }
  }

  async #cut(): Promise<void> {
    const { ageMs, recordsMax } = this.#given.limits()
    const olderThan =
      ageMs === undefined ? undefined : new Date(this.#given.clock.now() - ageMs).toISOString()
    const through = await this.records.beyond({ olderThan, recordsMax })
    if (through === undefined) return
    // In the chain itself: what it begins with now is what this record says was last removed.
    await this.records.append(
      this.#own(CUT_VERB, 'done', { throughSequence: through.sequence, hash: through.hash }),
    )
    await this.records.cut(through)
  }

  async #tell(summary: RefusalSummary | undefined): Promise<void> {
    if (summary === undefined) return
    const since = new Date(summary.since).toISOString()
    const detail = { count: summary.count, since, most: summary.most }
    await this.record(this.#own('audit.refusals', 'refused', detail))
  }

  #own(verb: string, result: AuditEntry['result'], detail: AuditEntry['detail']): AuditEntry {
    const actor = { kind: 'none', name: '', role: null } as const
    return {
      at: this.#now(),
      actor,
      address: '',
      requestId: '',
      verb,
      target: '',
      reason: null,
      result,
      detail,
    }
  }

  #now(): string {
    return new Date(this.#given.clock.now()).toISOString()
  }
}
