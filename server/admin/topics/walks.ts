// Walks through everything there is, one after the other and a slice of each in a turn of the event loop.

import { nextTurn, stopwatch } from '../../clock.ts'

const SLICE_MS = 5
/** To read the time at each of a million steps would cost more than the steps. */
const STEPS_PER_LOOK = 64
/** Walks that wait; the one that comes then would wait for seconds, and is better told at once. */
const WAITING_MAX = 16

export type Walked<T> = { readonly at: 'walked'; readonly found: T } | { readonly at: 'overloaded' }

export class Walks {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** Two at a time would make slices of twice the length. */
  async run<T>(walk: (slices: Slices) => Promise<T>): Promise<Walked<T>> {
    if (this.#waiting >= WAITING_MAX) return { at: 'overloaded' }
    this.#waiting++
    const mine = this.#last.then(() => walk(new Slices()))
    this.#last = mine.catch(() => undefined)
    try {
      return { at: 'walked', found: await mine }
    } finally {
      this.#waiting--
    }
  }
}

/** Lets others have their turn between two steps, every few milliseconds. */
export class Slices {
  #elapsed = stopwatch()
  #steps = 0

  async each<Step>(steps: Iterable<Step>, visit: (step: Step) => void): Promise<void> {
    for (const step of steps) {
      visit(step)
      if (++this.#steps % STEPS_PER_LOOK !== 0 || this.#elapsed() < SLICE_MS) continue
      await nextTurn()
      this.#elapsed = stopwatch()
    }
  }
}
