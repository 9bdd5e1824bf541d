// What the table of sessions is asked, and what it answers.

import type { Filter } from '../../../shared/filter-grammar.ts'
import type { Facet } from '../../../shared/session-facets.ts'
import type { SessionSort } from '../../../shared/session-sort.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'

export interface PageQuestion {
  readonly filter: Filter
  readonly sort: SessionSort
  readonly limit: number
  /** From `next` of an earlier page of the same list. */
  readonly cursor?: string | undefined
}

export interface Page {
  readonly at: 'found'
  readonly rows: readonly SessionSummary[]
  /** Undefined on the last page. */
  readonly next: string | undefined
  /** Sessions that match, on all pages. */
  readonly total: number
  readonly asOf: string
}

export interface FoundFacets {
  readonly at: 'found'
  readonly facets: readonly Facet[]
  readonly other: number
  readonly total: number
  readonly asOf: string
}

export interface Walk {
  readonly at: 'found'
  /** Sessions that matched when it began. */
  readonly count: number
  readonly asOf: string
  /** As they are when they are read: who has ended or matches no longer is left out, and nobody comes twice. */
  readonly batches: AsyncIterable<readonly SessionSummary[]>
}
