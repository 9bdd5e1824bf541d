// Counts of one kind of thing by its labels.

import type { Labels, Sample } from './family.ts'

export class Tally {
  readonly #counts = new Map<string, { readonly labels: Labels; count: number }>()

  /** What is known beforehand starts at 0, so that the first one is seen as a growth. */
  constructor(known: readonly Labels[] = []) {
    for (const labels of known) this.#counts.set(keyOf(labels), { labels, count: 0 })
  }

  /** Only with label values of which there are few: each new one is kept for good. */
  add(labels: Labels): void {
    const key = keyOf(labels)
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { labels, count: 1 })
    else known.count++
  }

  *samples(): Iterable<Sample> {
    for (const { labels, count } of this.#counts.values()) yield [labels, count]
  }
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join('\n')
}
