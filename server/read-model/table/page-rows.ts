// One page of a list: its rows as they were when the scan began, and how many there are in all.

import type { SessionSummary } from '../../../shared/session-summary.ts'
import type { Order, Place } from './order.ts'
import type { Visitor } from './scan.ts'
import { TopRows } from './top-rows.ts'

export interface PageGiven {
  readonly order: Order
  readonly clientIds: readonly string[]
  readonly limit: number
  readonly after: Place | undefined
  summary(row: number): SessionSummary
}

export class PageRows implements Visitor {
  readonly #given: PageGiven
  readonly #top: TopRows
  /** Of rows that changed after they were visited. */
  readonly #before = new Map<number, SessionSummary>()
  #total = 0

  constructor(given: PageGiven) {
    this.#given = given
    // One more than the page has tells whether there is another page.
    this.#top = new TopRows(given.order, given.clientIds, given.limit + 1, given.after)
  }

  visit(row: number): void {
    this.#total++
    this.#top.offer(row)
  }

  beforeChange(row: number): void {
    if (!this.#before.has(row) && this.#top.holds(row)) this.#before.set(row, this.#given.summary(row))
  }

  /** `next` is the place that another page goes on after. */
  finish(): { rows: readonly SessionSummary[]; total: number; next: Place | undefined } {
    const { limit, summary } = this.#given
    const found = this.#top.finish()
    const listed = found.slice(0, limit)
    const rows = listed.map(({ row }) => this.#before.get(row) ?? summary(row))
    return { rows, total: this.#total, next: found.length > limit ? listed.at(-1) : undefined }
  }
}
