// The rows of the list: pages of the broker's answer in a frozen order, kept up to date in place by the live stream.
//
// The rows are plain objects in a plain array, and one counter says that some of them have changed: to make a hundred
// thousand of them reactive would cost more than to show them.

import type { SessionsDelta } from '../../../shared/live-events.ts'
import { parseSort, type SessionSort } from '../../../shared/session-sort.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'
import type { Page } from '../../../shared/shapes.ts'
import { get } from '../../app/api.ts'
import { changedColumns, type Entry, entryOf, withLifelineOf } from './entry.ts'
import { compareSessions } from './sort-values.ts'

/** Enough for any screen, and soon there. */
const FIRST_ROWS = 200
/** Of the pages after it; and of the first one when a longer list is loaded anew. */
const PAGE_ROWS = 500
const PAGE_ROWS_MAX = 1_000
/** Deltas that wait for a frame: a tab that nobody sees has none. */
const DELTAS_WAITING_MAX = 20
/** New matches are counted, and beyond this many only said to be more. */
export const FRESH_MAX = 10_000

export interface ListQuery {
  readonly filter: string
  readonly sort: string
}

export type RowsState =
  | { readonly at: 'loading' }
  | { readonly at: 'loaded' }
  /** Rows that were there stay. */
  | { readonly at: 'failed'; readonly problem: unknown }

interface SessionRowsPage {
  readonly data: readonly SessionSummary[]
  readonly page: Page
  readonly asOf: string
}

export class SessionRows {
  #entries: Entry[] = []
  #indexOf = new Map<string, number>()
  readonly #fresh = new Set<string>()
  #version = $state(0)
  #state = $state.raw<RowsState>({ at: 'loading' })
  #asOf = $state.raw<string | undefined>(undefined)
  #total = $state(0)
  #left = 0
  #query: ListQuery = { filter: '', sort: 'id' }
  #next: string | null = null
  /** The last row that was loaded, as it was then: what sorts before it belongs among the rows. */
  #edge: SessionSummary | undefined
  #sortedAt = $state.raw<Date | undefined>(undefined)
  #moreProblem = $state.raw<unknown>(undefined)
  #asking: AbortController | undefined
  #isAskingMore = false
  #waiting: SessionsDelta[] = []

  get state(): RowsState {
    return this.#state
  }

  /** Grows when rows have changed; `entries` is the same array all the time. */
  get version(): number {
    return this.#version
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  get length(): number {
    void this.#version
    return this.#entries.length
  }

  /** Where the stream goes on from; undefined until there is a list. */
  get asOf(): string | undefined {
    return this.#asOf
  }

  /** How many matched when the list was loaded. */
  get total(): number {
    return this.#total
  }

  /** How many have come to match since, and would stand among the rows. */
  get fresh(): number {
    void this.#version
    return this.#fresh.size
  }

  /** Rows that are shown and do not match any more. */
  get left(): number {
    void this.#version
    return this.#left
  }

  get sortedAt(): Date | undefined {
    return this.#sortedAt
  }

  get hasMore(): boolean {
    void this.#version
    return this.#next !== null
  }

  get moreProblem(): unknown {
    return this.#moreProblem
  }

  at(index: number): Entry | undefined {
    return this.#entries[index]
  }

  indexOf(clientId: string): number | undefined {
    return this.#indexOf.get(clientId)
  }

  /** The first page; rows of an earlier list stay until it is there. */
  async load(query: ListQuery): Promise<void> {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    this.#isAskingMore = false
    this.#state = { at: 'loading' }
    const isSame = query.filter === this.#query.filter && query.sort === this.#query.sort
    const limit = isSame && this.#entries.length > FIRST_ROWS ? PAGE_ROWS_MAX : FIRST_ROWS
    try {
      const page = await this.#fetch(query, limit, undefined, asking.signal)
      if (asking.signal.aborted) return
      this.#query = query
      this.#waiting = []
      this.#fresh.clear()
      this.#left = 0
      this.#entries = []
      this.#indexOf = new Map()
      this.#append(page)
      this.#asOf = page.asOf
      this.#total = page.page.total ?? page.data.length
      this.#sortedAt = new Date()
      this.#moreProblem = undefined
      this.#state = { at: 'loaded' }
    } catch (problem) {
      if (!asking.signal.aborted) this.#state = { at: 'failed', problem }
    }
  }

  /** The next page, when the end of the rows comes into sight. */
  async more(): Promise<void> {
    const { signal } = this.#asking ?? {}
    if (this.#next === null || this.#isAskingMore || this.#state.at !== 'loaded' || signal === undefined)
      return
    this.#isAskingMore = true
    try {
      const page = await this.#fetch(this.#query, PAGE_ROWS, this.#next, signal)
      if (signal.aborted) return
      this.#append(page)
      this.#moreProblem = undefined
    } catch (problem) {
      if (!signal.aborted) this.#moreProblem = problem
    }
    if (!signal.aborted) this.#isAskingMore = false
  }

  /** Once for each frame that is drawn, however often it is called. */
  learn(delta: SessionsDelta): void {
    this.#waiting.push(delta)
    if (this.#waiting.length >= DELTAS_WAITING_MAX) this.#applyWaiting()
    else if (this.#waiting.length === 1) requestAnimationFrame(() => this.#applyWaiting())
  }

  #applyWaiting(): void {
    const deltas = this.#waiting
    if (deltas.length === 0) return
    this.#waiting = []
    const now = performance.now()
    for (const delta of deltas) this.#apply(delta, now)
    this.#version++
  }

  #apply({ up, gone, unmatched }: SessionsDelta, now: number): void {
    for (const { clientId, generation, why } of gone) {
      const entry = this.#entryOf(clientId)
      if (entry === undefined) this.#fresh.delete(clientId)
      else if (entry.session.generation === generation) this.#replace({ ...entry, standing: 'ended', why })
    }
    for (const session of up) {
      const entry = this.#entryOf(session.clientId)
      if (entry === undefined) this.#noteFresh(session)
      else {
        const merged = withLifelineOf(session, entry.session)
        const changed = changedColumns(entry.session, merged)
        this.#replace({ session: merged, standing: 'here', why: undefined, changed, changedAt: now })
      }
    }
    for (const clientId of unmatched) {
      const entry = this.#entryOf(clientId)
      if (entry === undefined) this.#fresh.delete(clientId)
      else if (entry.standing === 'here') this.#replace({ ...entry, standing: 'unmatched' })
    }
  }

  #entryOf(clientId: string): Entry | undefined {
    const index = this.#indexOf.get(clientId)
    return index === undefined ? undefined : this.#entries[index]
  }

  #replace(entry: Entry): void {
    const index = this.#indexOf.get(entry.session.clientId)!
    if (this.#entries[index]!.standing !== 'here') this.#left--
    if (entry.standing !== 'here') this.#left++
    this.#entries[index] = entry
  }

  #noteFresh(session: SessionSummary): void {
    if (this.#fresh.size >= FRESH_MAX) return
    const isBeyond = this.#next !== null && this.#edge !== undefined && this.#compare(session, this.#edge) > 0
    if (!isBeyond) this.#fresh.add(session.clientId)
  }

  #compare(one: SessionSummary, other: SessionSummary): number {
    return compareSessions(one, other, sortOf(this.#query.sort))
  }

  #append({ data, page }: SessionRowsPage): void {
    for (const session of data) {
      // It may have moved from a later place to this one between two pages, or the other way round.
      if (this.#indexOf.has(session.clientId)) continue
      this.#fresh.delete(session.clientId)
      this.#indexOf.set(session.clientId, this.#entries.length)
      this.#entries.push(entryOf(session))
    }
    this.#next = page.next
    this.#edge = data.at(-1) ?? this.#edge
    this.#version++
  }

  async #fetch(
    { filter, sort }: ListQuery,
    limit: number,
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<SessionRowsPage> {
    const query = { filter, sort, limit, cursor, lifeline: '24h' }
    return get<SessionRowsPage>('/sessions', query, signal)
  }
}

/** A sort that is none is refused by the broker, which says so better. */
function sortOf(text: string): SessionSort {
  const sort = parseSort(text)
  return 'at' in sort ? { key: 'id', descending: false } : sort
}
