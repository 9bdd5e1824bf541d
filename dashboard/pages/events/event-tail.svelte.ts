// The newest events and those before them: a list that was fetched, what has happened since in front of it, and a row
// wherever something is missing, until it has been fetched too.

import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'
import type { LiveEvent } from '../../../shared/live-events.ts'
import type { Page } from '../../../shared/shapes.ts'
import { get } from '../../app/api.ts'
import { Paged } from '../../app/paged.svelte.ts'

/** Rows of what has happened since the list was fetched; beyond it the oldest of them become a gap. */
const LIVE_ROWS_MAX = 1_000
/** What is remembered to know it again; a break is over long before so many have come. */
const TOLD_MAX = 10_000
const PAGE_ROWS = 100
/** What fills a gap in one go. */
const GAP_ROWS = 1_000

export interface EventQuestion {
  readonly kinds: readonly TimelineKind[]
  readonly actor: string
}

/** A live event has no number yet. */
export type TailEntry = Omit<TimelineEntry, 'id'>

export interface Gap {
  /** What is missing happened between these two, in ISO 8601. */
  readonly from: string
  readonly to: string
  readonly isFetching: boolean
  readonly problem: unknown
}

export type TailRow =
  | { readonly at: 'entry'; readonly key: string; readonly entry: TailEntry }
  | { readonly at: 'gap'; readonly key: string; readonly gap: Gap }

interface EventPage {
  readonly data: readonly TimelineEntry[]
  readonly page: Page
}

export class EventTail {
  readonly list: Paged<TimelineEntry, EventPage>
  /** The newest first. */
  #live = $state.raw<readonly TailRow[]>([])
  #held = $state.raw<readonly TailRow[]>([])
  readonly #question: () => EventQuestion
  /** What was told already: after a break some of it is told once more. */
  #told = new Set<string>()
  #isHolding = false
  #lastKey = 0

  readonly #listed = $derived.by(() => intervalsOf(this.list.rows))
  readonly rows: readonly TailRow[] = $derived.by(() => [
    ...this.#live.filter(row => row.at === 'gap' || !isIn(this.#listed, row.entry)),
    ...this.list.rows.map(entry => ({ at: 'entry', key: `${entry.id}`, entry }) as const),
  ])

  /** What has happened while nothing was to move. */
  readonly held: number = $derived.by(
    () => this.#held.filter(row => row.at === 'entry' && !isIn(this.#listed, row.entry)).length,
  )

  /** Made while a component is set up. `question` reads state: when it changes, everything is asked for anew. */
  constructor(question: () => EventQuestion) {
    this.#question = question
    this.list = new Paged((cursor, signal) => {
      const { kinds, actor } = question()
      return get<EventPage>('/events', { kind: kinds.join(','), actor, cursor, limit: PAGE_ROWS }, signal)
    })
  }

  /** Another question was asked: what is known from before is no answer to it. */
  forget(): void {
    this.#live = []
    this.#held = []
    this.#told.clear()
  }

  happened(event: LiveEvent): void {
    const { kinds, actor } = this.#question()
    if (kinds.length > 0 && !kinds.includes(event.kind)) return
    if (actor !== '' && event.actor !== actor) return
    const text = JSON.stringify(event)
    if (this.#told.has(text)) return
    if (this.#told.size >= TOLD_MAX) this.#told.clear()
    this.#told.add(text)
    this.#add({ at: 'entry', key: this.#newKey(), entry: { ...event, until: null, count: 1 } })
  }

  /** Some events were not told: looks for them in what the broker has written down. */
  missed(): void {
    const newest = this.#held[0] ?? this.#live[0] ?? this.rows[0]
    const gap: Gap = {
      from: newest === undefined ? new Date(this.list.loadedAt ?? 0).toISOString() : newestOf(newest),
      to: new Date().toISOString(),
      isFetching: false,
      problem: undefined,
    }
    const row = { at: 'gap', key: this.#newKey(), gap } as const
    this.#add(row)
    void this.fill(row.key)
  }

  /** While nothing is to move, what happens waits. */
  hold(isHolding: boolean): void {
    this.#isHolding = isHolding
    if (!isHolding) this.show()
  }

  /** Shows what waits. */
  show(): void {
    if (this.#held.length === 0) return
    this.#live = this.#bounded([...this.#held, ...this.#live])
    this.#held = []
  }

  async fill(key: string): Promise<void> {
    const row = [...this.#held, ...this.#live].find(one => one.key === key)
    if (row?.at !== 'gap' || row.gap.isFetching) return
    const { from, to } = row.gap
    this.#replace(key, [{ ...row, gap: { ...row.gap, isFetching: true } }])
    const { kinds, actor } = this.#question()
    try {
      const { data, page } = await get<EventPage>('/events', {
        kind: kinds.join(','),
        actor,
        from,
        to,
        limit: GAP_ROWS,
      })
      const known = intervalsOf(
        [...this.#held, ...this.#live].flatMap(one => (one.at === 'entry' ? [one.entry] : [])),
      )
      const found = data
        .filter(entry => !isIn(known, entry) && !isIn(this.#listed, entry))
        .map(entry => ({ at: 'entry', key: this.#newKey(), entry }) as const)
      const oldest = data.at(-1)
      const rest =
        page.next === null || oldest === undefined
          ? []
          : [{ ...row, gap: { ...row.gap, to: oldest.at, isFetching: false } }]
      this.#replace(key, [...found, ...rest])
    } catch (problem) {
      this.#replace(key, [{ ...row, gap: { ...row.gap, isFetching: false, problem } }])
    }
  }

  #add(row: TailRow): void {
    if (this.#isHolding) this.#held = this.#bounded([row, ...this.#held])
    else this.#live = this.#bounded([row, ...this.#live])
  }

  #bounded(rows: readonly TailRow[]): readonly TailRow[] {
    const [first, last] = [rows[LIVE_ROWS_MAX], rows.at(-1)]
    if (first === undefined || last === undefined) return rows
    const gap: Gap = { from: oldestOf(last), to: newestOf(first), isFetching: false, problem: undefined }
    return [...rows.slice(0, LIVE_ROWS_MAX - 1), { at: 'gap', key: this.#newKey(), gap }]
  }

  #replace(key: string, by: readonly TailRow[]): void {
    const replaced = (rows: readonly TailRow[]): readonly TailRow[] =>
      rows.flatMap(row => (row.key === key ? by : [row]))
    this.#live = replaced(this.#live)
    this.#held = replaced(this.#held)
  }

  #newKey(): string {
    return `live-${++this.#lastKey}`
  }
}

function newestOf(row: TailRow): string {
  return row.at === 'gap' ? row.gap.to : (row.entry.until ?? row.entry.at)
}

function oldestOf(row: TailRow): string {
  return row.at === 'gap' ? row.gap.from : row.entry.at
}

/** When something happened, by what and to whom; a row that stands for several takes them all in. */
type Intervals = ReadonlyMap<string, readonly (readonly [from: string, to: string])[]>

function intervalsOf(entries: readonly TailEntry[]): Intervals {
  const found = new Map<string, (readonly [string, string])[]>()
  for (const entry of entries) {
    const known = found.get(subjectOf(entry)) ?? []
    known.push([entry.at, entry.until ?? entry.at])
    found.set(subjectOf(entry), known)
  }
  return found
}

function isIn(intervals: Intervals, entry: TailEntry): boolean {
  return intervals.get(subjectOf(entry))?.some(([from, to]) => from <= entry.at && entry.at <= to) === true
}

function subjectOf({ kind, clientId }: TailEntry): string {
  return `${kind} ${clientId ?? ''}`
}
