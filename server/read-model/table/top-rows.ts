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
  /** Of the row at hand: most rows are passed by, and a million objects would be made for nothing. */
  readonly #place: { -readonly [Key in keyof Place]: Place[Key] } = { value: undefined, clientId: '' }
  #candidates: Candidate[] = []
  #candidateRows = new Set<number>()
  /** Nothing behind it is among the first. */
  #last: Candidate | undefined = undefined

  constructor(order: Order, clientIds: readonly string[], kept: number, after: Place | undefined) {
    this.#order = order
    this.#clientIds = clientIds
    this.#kept = kept
    this.#after = after
  }

  offer(row: number): void {
    const place = this.#place
    place.value = this.#order.valueOf(row)
    place.clientId = this.#clientIds[row]!
    if (this.#last !== undefined && this.#order.compare(place, this.#last) > 0) return
    if (this.#after !== undefined && this.#order.compare(place, this.#after) <= 0) return
    this.#candidates.push({ row, value: place.value, clientId: place.clientId })
    this.#candidateRows.add(row)
    if (this.#candidates.length >= this.#kept + SPARE) this.#cut()
  }

  /** Whether the row may be among the first. */
  holds(row: number): boolean {
    return this.#candidateRows.has(row)
  }

  /** In their order. */
  finish(): readonly Candidate[] {
    this.#cut()
    return this.#candidates
  }

  #cut(): void {
    this.#candidates.sort(this.#order.compare)
    this.#candidates.length = Math.min(this.#candidates.length, this.#kept)
    this.#candidateRows = new Set(this.#candidates.map(({ row }) => row))
    if (this.#candidates.length === this.#kept) this.#last = this.#candidates.at(-1)
  }
}
