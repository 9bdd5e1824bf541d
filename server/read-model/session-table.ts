// The read model of sessions: a table that follows the broker's changes and answers questions about all of them.
//
// It is fed by `fold` alone, and every question folds first, so each answer is exact for its moment. All questions
// ask one predicate (table/predicate.ts): a list and its count cannot disagree.

import type { Filter } from '../../shared/filter-grammar.ts'
import type { Forecast } from '../../shared/history.ts'
import type { FacetKey } from '../../shared/session-facets.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'
import type { StuckRule } from '../../shared/stuck-rule.ts'
import { type Clock, every, type Millis, nextTurn, stopwatch } from '../clock.ts'
import type { BrokerEvent, Emit, SessionEnd } from '../events.ts'
import {
  EXPIRING_COUNTED_MS,
  EXPIRING_SOON_MS,
  FOLD_INTERVAL_MS,
  FOLD_SESSIONS_MAX,
  SCAN_SLICE_MS,
  STUCK_INTERVAL_MS,
} from '../limits.ts'
import { forecast } from './history/forecast.ts'
import type { SessionEnded, SessionFacts, SessionSource } from './session-facts.ts'
import type { FoundFacets, Page, PageQuestion, Walk } from './table/answers.ts'
import type { ChangedSince, Gone } from './table/changes.ts'
import type { Columns } from './table/columns.ts'
import { type CursorProblem, Cursors } from './table/cursor.ts'
import { FacetCounts } from './table/facets.ts'
import { Feed, type Reset, type TableChange } from './table/feed.ts'
import { forecastSource } from './table/forecast-source.ts'
import { orderOf } from './table/order.ts'
import { PageRows } from './table/page-rows.ts'
import { type Asked, compileFilter, type Predicate } from './table/predicate.ts'
import { summaryOf } from './table/row.ts'
import { Rows, type TableTotals } from './table/rows.ts'
import { Scan, type Visitor } from './table/scan.ts'
import { type Overloaded, Scans } from './table/scans.ts'

export interface TableGiven {
  readonly clock: Clock
  readonly source: SessionSource
  /** Told of queues that fill up, and of messages in flight that do not move. */
  readonly emit: Emit
  /** Names this run of the broker: positions and cursors of another run mean nothing here. No dots or dashes. */
  readonly run: string
  readonly cursorKey: Uint8Array
  readonly rule: StuckRule
}

export class SessionTable {
  readonly #given: TableGiven
  readonly #cursors: Cursors
  readonly #scans = new Scans()
  readonly #feed: Feed
  readonly #rows: Rows
  readonly #columns: Columns
  readonly #startedAt: Millis
  /** Why sessions ended whose end is still to be folded, by generation. */
  readonly #ends = new Map<string, SessionEnd>()
  /** Client ids that are fought over since the last fold, or no longer. */
  readonly #conflicts = new Map<string, boolean>()
  #rule: StuckRule
  #isSweeping = false
  #expiring = { at: Number.NEGATIVE_INFINITY, count: 0 }
  #isFoldingSoon = false

  constructor(given: TableGiven) {
    this.#given = given
    this.#rule = given.rule
    this.#startedAt = given.clock.now()
    this.#cursors = new Cursors(given.cursorKey, given.run)
    this.#feed = new Feed(given.run)
    this.#rows = new Rows({
      beforeChange: row => this.#scans.beforeChange(row),
      emit: given.emit,
      rule: () => this.#rule,
    })
    this.#columns = this.#rows.columns
  }

  /** Folds from now on, also while nobody asks; returns how to stop. */
  start(): () => void {
    const { source } = this.#given
    source.watch(() => this.#foldSoon())
    while (source.pending > 0) this.fold()
    const stopFolding = every(FOLD_INTERVAL_MS, () => this.fold())
    const stopSweeping = every(STUCK_INTERVAL_MS, () => void this.sweep())
    return () => {
      stopFolding()
      stopSweeping()
    }
  }

  learn(event: BrokerEvent): void {
    if (event.kind === 'session-ended') this.#ends.set(event.generation, event.why)
    this.#given.source.learn(event)
  }

  /** From the history: the client id is fought over from now on, or no longer. */
  setConflict(clientId: string, isActive: boolean): void {
    this.#conflicts.set(clientId, isActive)
  }

  get stuckRule(): StuckRule {
    return this.#rule
  }

  /** Holds for every question from now on; who has become stuck by it is told as soon as all have been looked at. */
  async setStuckRule(rule: StuckRule): Promise<void> {
    this.#rule = rule
    await this.sweep()
  }

  get asOf(): string {
    return this.#feed.asOf
  }

  get totals(): TableTotals {
    this.fold()
    return this.#rows.totals
  }

  /** How many match `expires<1h`, as it was a few seconds ago at the most. */
  get expiring(): number {
    const now = this.#given.clock.now()
    if (now - this.#expiring.at < EXPIRING_COUNTED_MS) return this.#expiring.count
    this.fold()
    const { flags, expiresAt, end } = this.#columns
    let count = 0
    for (let row = 0; row < end; row++)
      if (flags[row] !== 0 && expiresAt[row]! - now < EXPIRING_SOON_MS) count++
    this.#expiring = { at: now, count }
    return count
  }

  /** Takes up what has changed in the broker; the rest, when it is much, in the turns that follow. */
  fold(): void {
    const now = this.#given.clock.now()
    const up: number[] = []
    const gone: Gone[] = []
    for (const one of this.#given.source.take(FOLD_SESSIONS_MAX)) {
      if ('ended' in one) this.#end(one, gone)
      else up.push(this.#put(one, now, gone))
    }
    for (const [clientId, isActive] of this.#conflicts) {
      const row = this.#rows.setConflict(clientId, isActive)
      if (row !== undefined) up.push(row)
    }
    this.#conflicts.clear()
    this.#feed.tell(up, gone, this.#columns.clientIds, now)
    if (this.#given.source.pending > 0) this.#foldSoon()
  }

  /** Looks who has become stuck with time, or is no longer, and tells it as a change. */
  async sweep(): Promise<void> {
    if (this.#isSweeping) return
    this.#isSweeping = true
    const { flags, clientIds } = this.#columns
    let row = 0
    while (row < this.#columns.end) {
      const elapsed = stopwatch()
      const now = this.#given.clock.now()
      const up: number[] = []
      for (; row < this.#columns.end && (row % SWEEP_STRIDE !== 0 || elapsed() < SCAN_SLICE_MS); row++) {
        if (flags[row] !== 0 && this.#rows.noteStuck(row, now, true)) up.push(row)
      }
      this.#feed.tell(up, [], clientIds, now)
      if (row < this.#columns.end) await nextTurn()
    }
    this.#isSweeping = false
  }

  find(clientId: string): SessionSummary | undefined {
    const row = this.#foldOne(clientId)
    return row === undefined ? undefined : this.summary(row)
  }

  /** Whether there is a session with that client id, and it matches now. */
  matches(filter: Filter, clientId: string): boolean {
    const row = this.#foldOne(clientId)
    return row !== undefined && this.predicate(filter)(row)
  }

  /** As `matches`, for many client ids in one turn of the event loop. */
  matcher(filter: Filter): (clientId: string) => boolean {
    this.fold()
    const predicate = this.predicate(filter)
    return clientId => {
      const row = this.#rows.find(clientId)
      return row !== undefined && predicate(row)
    }
  }

  /** Of rows as listeners get them; the filter is about this moment, and so is the predicate. */
  predicate(filter: Filter): Predicate {
    return compileFilter(filter, this.#ask())
  }

  /** Of a row as listeners get it. */
  clientIdOf(row: number): string {
    return this.#columns.clientIds[row]!
  }

  /** As of the last fold; undefined when there is no such session. */
  rowOf(clientId: string): number | undefined {
    return this.#rows.find(clientId)
  }

  summary(row: number): SessionSummary {
    return summaryOf(this.#columns, row, this.#given.clock.now(), this.#rule)
  }

  /** Told after each fold that changed something, before whoever asked for it has an answer. */
  onFold(listener: (change: TableChange) => void): () => void {
    return this.#feed.listen(listener)
  }

  /** What has changed since an answer was given or a change was told. */
  since(asOf: string): ChangedSince | Reset {
    this.fold()
    return this.#feed.since(asOf, this.#given.clock.now())
  }

  async page(question: PageQuestion): Promise<Page | Overloaded | { readonly at: CursorProblem }> {
    const { filter, sort, limit, cursor } = question
    const now = this.#given.clock.now()
    const from = cursor === undefined ? undefined : this.#cursors.read(cursor, filter, sort, now)
    if (typeof from === 'string') return { at: from }
    return this.#look(filter, from?.asked, asked => {
      const summary = (row: number): SessionSummary => summaryOf(this.#columns, row, asked.now, asked.rule)
      const order = orderOf(sort, asked)
      const { clientIds } = this.#columns
      const page = new PageRows({ order, clientIds, limit, after: from?.place, summary })
      const finish = (asOf: string): Page => {
        const { next: place, ...found } = page.finish()
        const next = place && this.#cursors.write(filter, sort, { place, asked: asked.now }, now)
        return { at: 'found', ...found, next, asOf }
      }
      return { visitor: page, finish }
    })
  }

  count(filter: Filter): Promise<{ at: 'found'; count: number; asOf: string } | Overloaded> {
    return this.#look(filter, undefined, () => {
      let count = 0
      return { visitor: { visit: () => count++ }, finish: asOf => ({ at: 'found', count, asOf }) }
    })
  }

  /** The `limit` largest parts, and what is in the rest of them together. */
  facets(filter: Filter, by: FacetKey, limit: number): Promise<FoundFacets | Overloaded> {
    return this.#look(filter, undefined, asked => {
      const counts = new FacetCounts(by, asked)
      return { visitor: counts, finish: asOf => ({ at: 'found', ...counts.finish(limit), asOf }) }
    })
  }

  /** Of all sessions that match at one moment, in no order. */
  clientIds(
    filter: Filter,
  ): Promise<{ at: 'found'; clientIds: readonly string[]; asOf: string } | Overloaded> {
    const clientIds: string[] = []
    const visit = (row: number): void => void clientIds.push(this.#columns.clientIds[row]!)
    return this.#look(filter, undefined, () => {
      return { visitor: { visit }, finish: asOf => ({ at: 'found', clientIds, asOf }) }
    })
  }

  /** What will be lost with time when nobody comes back and nobody acts. */
  async forecast(): Promise<Forecast> {
    await this.#foldAll()
    return forecast(forecastSource(this.#columns), this.#given.clock.now(), nextTurn)
  }

  /** All sessions that match, in no order, at the pace of the reader. */
  rows(filter: Filter): Promise<Walk | Overloaded> {
    const rows: number[] = []
    const generations: string[] = []
    const visit = (row: number): void => {
      rows.push(row)
      generations.push(this.#columns.generations[row]!)
    }
    return this.#look(filter, undefined, asked => {
      const batches = this.#batches(rows, generations, compileFilter(filter, asked))
      return { visitor: { visit }, finish: asOf => ({ at: 'found', count: rows.length, asOf, batches }) }
    })
  }

  async *#batches(
    rows: readonly number[],
    generations: readonly string[],
    matches: Predicate,
  ): AsyncGenerator<readonly SessionSummary[]> {
    let next = 0
    while (next < rows.length) {
      this.fold()
      const batch: SessionSummary[] = []
      for (const stop = Math.min(rows.length, next + ROWS_PER_BATCH); next < stop; next++) {
        const row = rows[next]!
        if (this.#columns.generations[row] === generations[next] && matches(row))
          batch.push(this.summary(row))
      }
      if (batch.length > 0) yield batch
      await nextTurn()
    }
  }

  /** In a turn of its own: here the broker may be in the middle of a change. */
  #foldSoon(): void {
    if (this.#isFoldingSoon) return
    this.#isFoldingSoon = true
    void nextTurn().then(() => {
      this.#isFoldingSoon = false
      this.fold()
    })
  }

  #ask(now = this.#given.clock.now()): Asked {
    return { columns: this.#columns, now, rule: this.#rule }
  }

  /**
   * One look at all sessions: what `begin` makes visits those that match, and answers when all were visited.
   * `about` is the moment that the filter is about; undefined: when the look begins.
   */
  #look<T>(
    filter: Filter,
    about: Millis | undefined,
    begin: (asked: Asked) => { visitor: Visitor; finish(asOf: string): T },
  ): Promise<T | Overloaded> {
    const prepare = (): Promise<void> => this.#foldAll()
    return this.#scans.run(prepare, () => {
      const { asOf } = this.#feed
      const asked = this.#ask(about)
      const { visitor, finish } = begin(asked)
      const scan = new Scan(this.#columns.end, compileFilter(filter, asked), visitor)
      return { scan, finish: () => finish(asOf) }
    })
  }

  /** What had changed before this was called is taken up when it resolves, for what changed first is taken first. */
  async #foldAll(): Promise<void> {
    let left = this.#given.source.pending
    this.fold()
    for (left -= FOLD_SESSIONS_MAX; left > 0; left -= FOLD_SESSIONS_MAX) {
      await nextTurn()
      this.fold()
    }
  }

  /** The row of one session, up to date even when others wait for their turn. */
  #foldOne(clientId: string): number | undefined {
    this.fold()
    const { source, clock } = this.#given
    const row = this.#rows.find(clientId)
    if (source.pending === 0) return row
    const up: number[] = []
    const gone: Gone[] = []
    const facts = source.find(clientId)
    if (facts !== undefined) up.push(this.#put(facts, clock.now(), gone))
    else if (row !== undefined) this.#end(this.#identity(row), gone)
    this.#feed.tell(up, gone, this.#columns.clientIds, clock.now())
    return up[0]
  }

  #identity(row: number): SessionEnded {
    const { clientIds, generations } = this.#columns
    return { ended: true, clientId: clientIds[row]!, generation: generations[row]! }
  }

  #put(facts: SessionFacts, now: Millis, gone: Gone[]): number {
    const { clientId, generation, createdAt } = facts
    const known = this.#rows.find(clientId)
    if (known !== undefined && this.#columns.generations[known] !== generation) {
      this.#end(this.#identity(known), gone)
    }
    return this.#rows.put(facts, now, createdAt >= this.#startedAt ? 'news' : 'known before')
  }

  #end({ clientId, generation }: SessionEnded, gone: Gone[]): void {
    const why = this.#ends.get(generation) ?? 'cleaned'
    this.#ends.delete(generation)
    const row = this.#rows.find(clientId)
    if (row === undefined || this.#columns.generations[row] !== generation) return
    this.#rows.remove(row)
    gone.push({ clientId, generation, why })
  }
}

/** Rows between two looks at the time, and summaries made in one turn. */
const SWEEP_STRIDE = 1_024
const ROWS_PER_BATCH = 512
