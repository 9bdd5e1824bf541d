// Brings rows, counts and samples to the side database, in small writes, and tells when that does not work.

import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideStatement } from '../../store/side/side-messages.ts'
import { noteLosses } from './episodes.ts'
import { LOSSES_PER_WRITE, ROWS_PER_WRITE, SAMPLES_PER_WRITE, WRITES_UNDERWAY_MAX } from './limits.ts'
import type { ClientLosses, Losses } from './losses.ts'
import type { Retention } from './retention.ts'
import type { FindSession } from './session-of.ts'
import {
  countStatements,
  dropCountStatements,
  rowStatements,
  sampleStatements,
  stateStatement,
} from './statements.ts'
import type { Timeline } from './timeline.ts'

export interface WriterGiven {
  readonly find: FindSession
  readonly side: SideDatabase
  readonly clock: Clock
  readonly log: Log
  readonly timeline: Timeline
  readonly losses: Losses
  readonly retention: Retention
  /** The highest id that an earlier process has written. */
  readonly behind: number
}

export class HistoryWriter {
  readonly #given: WriterGiven
  readonly #underway = new Set<Promise<void>>()
  #isFailing = false
  /** Sessions that have ended and had lost something. */
  #ended: (readonly [clientId: string, generation: string])[] = []
  /** Rows that could not be written. */
  #failedRows = 0

  constructor(given: WriterGiven) {
    this.#given = given
  }

  /** The counts of a session that has ended are to go. */
  dropCounts(clientId: string, generation: string): void {
    this.#ended.push([clientId, generation])
  }

  /** Writes one batch, unless too many are underway and there is nothing else; resolves when it is on the disk, or lost. */
  async write(...others: readonly SideStatement[]): Promise<void> {
    if (this.#underway.size >= WRITES_UNDERWAY_MAX && others.length === 0) return
    const writing = this.#writeBatch(others)
    this.#underway.add(writing)
    await writing
    this.#underway.delete(writing)
  }

  /** Writes all there is, batch by batch. */
  async writeAll(): Promise<void> {
    const { timeline, losses } = this.#given
    do {
      await Promise.all(this.#underway)
      await this.write()
    } while (!this.#isFailing && (timeline.pending > 0 || losses.dirty > 0 || losses.samples > 0))
  }

  async #writeBatch(others: readonly SideStatement[]): Promise<void> {
    const { side, timeline, losses, retention, behind, clock, find } = this.#given
    this.#noteGap()
    const clients = this.#takeLosses()
    const rows = timeline.take(ROWS_PER_WRITE)
    const created = rows.filter(row => !row.wasTaken)
    const samples = losses.takeSamples(SAMPLES_PER_WRITE, clock.now())
    const statements = [
      ...dropCountStatements(this.#ended.splice(0)),
      ...rowStatements(rows, behind),
      ...countStatements(clients, find),
      ...sampleStatements(samples, clientId => losses.find(clientId), find),
      ...others,
    ]
    if (statements.length === 0) return
    try {
      await side.write([...statements, stateStatement('alive-at', clock.now())])
      retention.wrote(created.length, created.filter(row => row.isPassing).length, samples.length)
      this.#succeeded()
    } catch (error) {
      this.#failed(error, rows.length, clients)
    }
  }

  /** Those whose session is there; of the others nothing is counted any more. */
  #takeLosses(): readonly ClientLosses[] {
    const { timeline, losses, find } = this.#given
    return losses.takeDirty(LOSSES_PER_WRITE).filter(client => {
      const session = find(client.clientId)
      if (session === undefined) losses.forget(client.clientId)
      else noteLosses(timeline, client, session)
      return session !== undefined
    })
  }

  #noteGap(): void {
    if (this.#isFailing) return
    const { timeline, clock } = this.#given
    const rows = timeline.takeLeftOut() + this.#failedRows
    if (rows === 0) return
    this.#failedRows = 0
    timeline.begin(
      {
        kind: 'history.gap',
        at: clock.now(),
        clientId: '',
        generation: undefined,
        actor: undefined,
        data: { rows },
      },
      false,
    )
  }

  #succeeded(): void {
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#given.log.info('the history is kept again', { rowsLost: this.#failedRows })
  }

  /** Sessions go on without their history; counts are whole numbers and are written the next time. */
  #failed(error: unknown, rows: number, clients: readonly ClientLosses[]): void {
    this.#failedRows += rows
    this.#given.losses.writeAgain(clients)
    if (this.#isFailing) return
    this.#isFailing = true
    const reason = error instanceof Error ? error.message : String(error)
    this.#given.log.error('the history is not kept', { reason })
  }
}
