// How long the history reaches back: the oldest rows go first, by age and by number.

import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideValue } from '../../store/side/side-messages.ts'
import { PASSING_SHARE, ROWS_PER_DELETE, SAMPLES_MAX } from './limits.ts'

/** Below the ceiling by this much, so that not each write has to delete. */
const ROOM = 0.02

export interface RetentionLimits {
  readonly rowsMax: number
  readonly ageMs: Millis
}

/** An upper bound for a number of rows: what was counted, and what was written since. */
interface Estimate {
  rows: number
  /** Of these the oldest go; the condition is that of an index. */
  readonly where: string
  readonly rowsMax: number
}

export class Retention {
  readonly #side: SideDatabase
  readonly #limits: RetentionLimits
  readonly #all: Estimate
  readonly #passing: Estimate
  #samples = 0
  #underway: Promise<void> | undefined = undefined
  #isStopped = false

  constructor(side: SideDatabase, limits: RetentionLimits) {
    this.#side = side
    this.#limits = limits
    this.#all = { rows: 0, where: 'true', rowsMax: limits.rowsMax }
    const passingMax = Math.floor(limits.rowsMax * PASSING_SHARE)
    this.#passing = { rows: 0, where: 'passing = 1', rowsMax: passingMax }
  }

  async open(): Promise<void> {
    this.#all.rows = await this.#count('history_event')
    this.#passing.rows = await this.#count('history_event WHERE passing = 1')
    this.#samples = await this.#count('history_lost')
  }

  wrote(rows: number, passing: number, samples: number): void {
    this.#all.rows += rows
    this.#passing.rows += passing
    this.#samples += samples
  }

  /** Deletes what is too old or too much; one round at a time, each in small writes with room for others between. */
  tidy(now: Millis): Promise<void> {
    this.#underway ??= this.#tidy(now).finally(() => {
      this.#underway = undefined
    })
    return this.#underway
  }

  /** Resolves when nothing is underway. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#underway
  }

  async #tidy(now: Millis): Promise<void> {
    await this.#deleteOld(now - this.#limits.ageMs)
    await this.#deleteExcess(this.#passing)
    await this.#deleteExcess(this.#all)
    await this.#deleteSamples(now - this.#limits.ageMs)
  }

  async #deleteOld(before: Millis): Promise<void> {
    while (!this.#isStopped) {
      const old = await this.#number(
        `SELECT max(id) AS value FROM
          (SELECT id FROM history_event WHERE at < ? ORDER BY at LIMIT ${ROWS_PER_DELETE})`,
        before,
      )
      if (old === undefined) return
      // The plus keeps it from walking over all that is old for each slice of it.
      await this.#deleteUpTo(old, '+at < ?', before)
    }
  }

  async #deleteExcess(estimate: Estimate): Promise<void> {
    if (estimate.rows <= estimate.rowsMax) return
    const { where, rowsMax } = estimate
    // The bound is high by what was trimmed and deleted meanwhile.
    estimate.rows = await this.#count(`history_event WHERE ${where}`)
    if (estimate.rows <= rowsMax) return
    let excess = estimate.rows - Math.floor(rowsMax * (1 - ROOM))
    while (excess > 0 && !this.#isStopped) {
      const rows = Math.min(excess, ROWS_PER_DELETE)
      const last = await this.#number(
        `SELECT id AS value FROM history_event WHERE ${where} ORDER BY id LIMIT 1 OFFSET ?`,
        rows - 1,
      )
      if (last === undefined) return
      await this.#deleteUpTo(last, where)
      excess -= rows
      estimate.rows -= rows
    }
  }

  /** With the clients that have no other rows: their number is bounded by that of the rows. */
  async #deleteUpTo(id: number, where: string, ...parameters: SideValue[]): Promise<void> {
    await this.#side.write([
      [
        `DELETE FROM history_client WHERE id IN
          (SELECT client FROM history_event WHERE id <= ? AND ${where})
          AND NOT EXISTS (SELECT 1 FROM history_event WHERE client = history_client.id AND NOT (id <= ? AND ${where}))`,
        id,
        ...parameters,
        id,
        ...parameters,
      ],
      [`DELETE FROM history_event WHERE id <= ? AND ${where}`, id, ...parameters],
    ])
  }

  async #deleteSamples(before: Millis): Promise<void> {
    await this.#side.write([
      [
        `DELETE FROM history_lost WHERE id IN
          (SELECT id FROM history_lost ORDER BY id LIMIT ${ROWS_PER_DELETE}) AND at < ?`,
        before,
      ],
    ])
    if (this.#samples <= SAMPLES_MAX) return
    this.#samples = await this.#count('history_lost')
    while (this.#samples > SAMPLES_MAX && !this.#isStopped) {
      const rows = Math.min(this.#samples - SAMPLES_MAX, ROWS_PER_DELETE)
      await this.#side.write([
        ['DELETE FROM history_lost WHERE id IN (SELECT id FROM history_lost ORDER BY id LIMIT ?)', rows],
      ])
      this.#samples -= rows
    }
  }

  async #count(from: string): Promise<number> {
    return (await this.#number(`SELECT count(*) AS value FROM ${from}`)) ?? 0
  }

  async #number(sql: string, ...parameters: SideValue[]): Promise<number | undefined> {
    const [row] = await this.#side.read(sql, ...parameters)
    const value = row?.['value']
    return typeof value === 'number' ? value : undefined
  }
}
