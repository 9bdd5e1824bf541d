// Selects the first rows of a list without sorting all of it: what comes after the last one kept is passed by.

import type { Order, Place } from './order.ts'

export interface Candidate extends Place {
  readonly row: number
}

/** Candidates that gather beyond those that are kept, before they are sorted and cut: it spreads the cost of sorting. */
const SPARE = 1_024

export class TopRows {
  readonly #order: Order
  readonly #clientIds: readonly string[]
  readonly #kept: number
  /** The list goes on after this place. */
  readonly #after: Place | undefined
  #candidates: Candidate[] = []
  /** Nothing behind it is among the first. */
  #last: Candidate | undefined = undefined

  constructor(order: Order, clientIds: readonly string[], kept: number, after: Place | undefined) {
    this.#order = order
    this.#clientIds = clientIds
    this.#kept = kept
    this.#after = after
  }

  offer(row: number): void {
    const candidate = { row, value: this.#order.valueOf(row), clientId: this.#clientIds[row]! }
    if (this.#last !== undefined && this.#order.compare(candidate, this.#last) > 0) return
    if (this.#after !== undefined && this.#order.compare(candidate, this.#after) <= 0) return
    this.#candidates.push(candidate)
    if (this.#candidates.length >= this.#kept + SPARE) this.#cut()
  }

  /** Whether the row may be among the first. */
  holds(row: number): boolean {
    return this.#candidates.some(candidate => candidate.row === row)
  }

  /** In their order. */
  finish(): readonly Candidate[] {
    this.#cut()
    return this.#candidates
  }

  #cut(): void {
    this.#candidates.sort(this.#order.compare)
    this.#candidates.length = Math.min(this.#candidates.length, this.#kept)
    if (this.#candidates.length === this.#kept) this.#last = this.#candidates.at(-1)
  }
}
