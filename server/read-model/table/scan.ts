// One look at all rows, in slices between which the broker goes on; it sees each row as it was when it began.
//
// Whoever changes a row while a scan is under way says so before: a row that the scan has not come to yet is then
// looked at early. So an answer is exact for the moment of its beginning, and nothing has to wait for it.

import { stopwatch } from '../../clock.ts'
import type { Predicate } from './predicate.ts'

export interface Visitor {
  /** Each row that matches, once, with its columns as they were when the scan began. */
  visit(row: number): void
  /** A row that was visited is about to change or to end. */
  beforeChange?(row: number): void
}

/** Rows between two looks at the time. */
const STRIDE = 256

export class Scan {
  readonly #matches: Predicate
  readonly #visitor: Visitor
  readonly #end: number
  #next = 0
  /** Rows still to come that have been looked at already. */
  readonly #early = new Set<number>()

  /** `end`: rows from there on are younger than the scan. */
  constructor(end: number, matches: Predicate, visitor: Visitor) {
    this.#end = end
    this.#matches = matches
    this.#visitor = visitor
  }

  /** Goes on for about that long; true when all rows were looked at. */
  step(sliceMs: number): boolean {
    const elapsed = stopwatch()
    do {
      const stop = Math.min(this.#end, this.#next + STRIDE)
      while (this.#next < stop) {
        const row = this.#next++
        if (this.#early.size > 0 && this.#early.delete(row)) continue
        if (this.#matches(row)) this.#visitor.visit(row)
      }
    } while (this.#next < this.#end && elapsed() < sliceMs)
    return this.#next >= this.#end
  }

  beforeChange(row: number): void {
    if (row >= this.#end) return
    if (row >= this.#next && !this.#early.has(row)) {
      this.#early.add(row)
      if (this.#matches(row)) this.#visitor.visit(row)
    }
    this.#visitor.beforeChange?.(row)
  }
}
