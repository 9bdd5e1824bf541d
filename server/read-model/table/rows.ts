// The rows of the table: which session is in which, what they come to together, and what happens when one changes.

import type { StuckRule } from '../../../shared/stuck-rule.ts'
import type { Millis } from '../../clock.ts'
import type { BrokerEvent } from '../../events.ts'
import type { SessionFacts } from '../session-facts.ts'
import { CONFLICT, CONNECTED, Columns, STUCK_SEEN } from './columns.ts'
import { levelOf, stepReached } from './queue-level.ts'
import { beginRow, endRow, writeRow } from './row.ts'
import { fullPercentOf, sentAtOf, stuckCauseOf } from './state.ts'

/** Of all sessions, kept up with each change. */
export interface TableTotals {
  readonly sessions: number
  readonly online: number
  /** Messages that wait, and bytes of all that is owed. */
  readonly queued: number
  readonly bytes: number
  readonly stuck: number
}

export interface RowsGiven {
  /** Before a row changes, ends or is taken. */
  beforeChange(row: number): void
  emit(event: BrokerEvent): void
  rule(): StuckRule
}

export class Rows {
  readonly columns = new Columns()
  readonly #given: RowsGiven
  readonly #byClientId = new Map<string, number>()
  readonly #conflicts = new Set<string>()
  readonly #sums = { online: 0, queued: 0, bytes: 0, stuck: 0 }

  constructor(given: RowsGiven) {
    this.#given = given
  }

  get totals(): TableTotals {
    return { sessions: this.#byClientId.size, ...this.#sums }
  }

  find(clientId: string): number | undefined {
    return this.#byClientId.get(clientId)
  }

  /** The row of the session, whose client id has no row of another generation. `news`: what it is is worth a word. */
  put(facts: SessionFacts, now: Millis, news: 'news' | 'known before'): number {
    const { columns } = this
    const known = this.#byClientId.get(facts.clientId)
    const row = known ?? columns.allocate()
    this.#given.beforeChange(row)
    if (known === undefined) {
      beginRow(columns, row, facts)
      this.#byClientId.set(columns.clientIds[row]!, row)
      if (this.#conflicts.has(facts.clientId)) columns.flags[row]! |= CONFLICT
    } else this.#count(row, -1)
    writeRow(columns, row, facts)
    this.#count(row, 1)
    const isNews = known !== undefined || news === 'news'
    this.#setLevel(row, now, isNews)
    this.noteStuck(row, now, isNews)
    return row
  }

  remove(row: number): void {
    this.#given.beforeChange(row)
    this.#count(row, -1)
    this.#byClientId.delete(this.columns.clientIds[row]!)
    endRow(this.columns, row)
  }

  /** Undefined when there is no such session, or nothing new about it. */
  setConflict(clientId: string, isActive: boolean): number | undefined {
    if (isActive) this.#conflicts.add(clientId)
    else this.#conflicts.delete(clientId)
    const row = this.#byClientId.get(clientId)
    if (row === undefined) return undefined
    const { flags } = this.columns
    if (((flags[row]! & CONFLICT) !== 0) === isActive) return undefined
    this.#given.beforeChange(row)
    flags[row]! ^= CONFLICT
    return row
  }

  /** Remembers whether the row is stuck; true when that has changed since somebody last looked. */
  noteStuck(row: number, now: Millis, isNews: boolean): boolean {
    const { flags } = this.columns
    const cause = stuckCauseOf(this.columns, row, now, this.#given.rule())
    if (((flags[row]! & STUCK_SEEN) !== 0) === (cause !== undefined)) return false
    flags[row]! ^= STUCK_SEEN
    this.#sums.stuck += cause === undefined ? -1 : 1
    if (cause === 'inflight-unmoved' && isNews) this.#tellUnmoved(row, now)
    return true
  }

  #tellUnmoved(row: number, at: Millis): void {
    const { owed, queued } = this.columns
    const inFlight = owed[row]! - queued[row]!
    const sentAt = sentAtOf(this.columns, row)
    this.#given.emit({ kind: 'in-flight-stuck', at, ...this.#identity(row), sentAt, inFlight })
  }

  #setLevel(row: number, at: Millis, isNews: boolean): void {
    const { levels, queued, owed, bytes, flags } = this.columns
    const before = levels[row]!
    const level = levelOf(before, queued[row]!, fullPercentOf(this.columns, row))
    levels[row] = level
    const percent = stepReached(before, level, (flags[row]! & CONNECTED) !== 0)
    if (percent === undefined || !isNews) return
    const identity = this.#identity(row)
    this.#given.emit({
      kind: 'queue-level',
      at,
      ...identity,
      percent,
      messages: owed[row]!,
      bytes: bytes[row]!,
    })
  }

  #identity(row: number): { readonly clientId: string; readonly generation: string } {
    return { clientId: this.columns.clientIds[row]!, generation: this.columns.generations[row]! }
  }

  #count(row: number, sign: 1 | -1): void {
    const { flags, queued, bytes } = this.columns
    this.#sums.online += (flags[row]! & CONNECTED) === 0 ? 0 : sign
    this.#sums.queued += queued[row]! * sign
    this.#sums.bytes += bytes[row]! * sign
    // A row that is written keeps the mark until `noteStuck` looks at it anew.
    this.#sums.stuck += (flags[row]! & STUCK_SEEN) === 0 ? 0 : sign
  }
}
