// The timeline of a client id as far as it was read: the newest rows first, older ones page by page, new ones as they come.

import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'
import type { TimelinePage } from '../../../shared/session-history.ts'
import { get } from '../../app/api.ts'

const ROWS_PER_PAGE = 100

export class TimelineList {
  readonly #path: string
  #kinds: readonly TimelineKind[] = []
  #rows = $state.raw<readonly TimelineEntry[] | undefined>(undefined)
  #next = $state.raw<string | null>(null)
  #problem = $state.raw<unknown>(undefined)
  #isBusy = $state.raw(false)
  /** Something has changed while it was busy. */
  #isDue = false
  #running = new AbortController()

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined until the first page has come. */
  get rows(): readonly TimelineEntry[] | undefined {
    return this.#rows
  }

  get hasOlder(): boolean {
    return this.#next !== null
  }

  get problem(): unknown {
    return this.#problem
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Other kinds than before begin a list of their own; no kinds are all of them. */
  async show(kinds: readonly TimelineKind[]): Promise<void> {
    this.#kinds = kinds
    await this.#ask(undefined, page => {
      this.#rows = page.data
      this.#next = page.page.next
    })
  }

  /** Puts in front what has happened since, and leaves the rest where it is. */
  async refresh(): Promise<void> {
    const before = this.#rows
    this.#isDue = this.#isBusy
    if (before === undefined || this.#isBusy) return
    await this.#ask(undefined, ({ data, page }) => {
      const oldest = data.at(-1)?.id ?? 0
      const older = before.filter(row => row.id < oldest)
      const isJoined = older.length > 0 || before.some(row => row.id === oldest) || before.length === 0
      this.#rows = isJoined ? [...data, ...older] : data
      // Below what was read already there is as much as there was.
      if (!isJoined || older.length === 0) this.#next = page.next
    })
  }

  async older(): Promise<void> {
    const [rows, next] = [this.#rows, this.#next]
    if (rows === undefined || next === null) return
    await this.#ask(next, ({ data, page }) => {
      this.#rows = [...rows, ...data]
      this.#next = page.next
    })
  }

  stop(): void {
    this.#isDue = false
    this.#running.abort()
  }

  async #ask(cursor: string | undefined, take: (page: TimelinePage) => void): Promise<void> {
    this.#running.abort()
    const running = new AbortController()
    this.#running = running
    this.#isBusy = true
    try {
      const kind = this.#kinds.length === 0 ? undefined : this.#kinds.join(',')
      const page = await get<TimelinePage>(this.#path, { kind, cursor, limit: ROWS_PER_PAGE }, running.signal)
      if (running.signal.aborted) return
      take(page)
      this.#problem = undefined
    } catch (problem) {
      if (!running.signal.aborted) this.#problem = problem
    } finally {
      if (this.#running === running) {
        this.#isBusy = false
        if (this.#isDue) void this.refresh()
      }
    }
  }
}
