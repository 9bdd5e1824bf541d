// How often something took how long, in buckets that can be added up over time and over brokers.

import type { Distribution, Labels } from './family.ts'

export class Buckets {
  readonly #bounds: readonly number[]
  /** One more than there are bounds: the last one takes what is beyond them. */
  readonly #counts: Float64Array
  #sum = 0
  #count = 0

  /** Bounds must rise. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  record(value: number): void {
    let index = 0
    while (index < this.#bounds.length && value > this.#bounds[index]!) index++
    this.#counts[index]!++
    this.#sum += value
    this.#count++
  }

  distribution(labels: Labels = {}): Distribution {
    let count = 0
    const within = this.#bounds.map((bound, index) => {
      count += this.#counts[index]!
      return { bound, count }
    })
    return { labels, within, sum: this.#sum, count: this.#count }
  }
}
