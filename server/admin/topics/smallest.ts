// The first rows after a place in a list that is ordered by name, found among rows that come in no order.

interface Row<Value> {
  readonly name: string
  readonly value: Value
}

export class Smallest<Value> {
  readonly #limit: number
  readonly #after: string | undefined
  #rows: Row<Value>[] = []
  /** Rows from this name on are not among the first. */
  #end: string | undefined = undefined
  /** All that were offered, before the place too. */
  total = 0

  constructor(limit: number, after: string | undefined) {
    this.#limit = limit
    this.#after = after
  }

  /** A name that comes again takes the place of its earlier row. */
  offer(name: string, value: Value): void {
    this.total++
    if (this.#after !== undefined && name <= this.#after) return
    if (this.#end !== undefined && name > this.#end) return
    this.#rows.push({ name, value })
    if (this.#rows.length >= 2 * this.#limit + 2) this.#trim()
  }

  /** `next` is the name to go on after; undefined at the end. */
  finish(): { readonly rows: readonly Value[]; readonly next: string | undefined } {
    this.#trim()
    const shown = this.#rows.slice(0, this.#limit)
    const next = this.#rows.length > this.#limit ? shown.at(-1)?.name : undefined
    return { rows: shown.map(({ value }) => value), next }
  }

  #trim(): void {
    const byName = new Map(this.#rows.map(row => [row.name, row]))
    const sorted = [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
    // One more than are shown: that there is one is what `next` says.
    this.#rows = sorted.slice(0, this.#limit + 1)
    if (this.#rows.length > this.#limit) this.#end = this.#rows.at(-1)?.name
  }
}
