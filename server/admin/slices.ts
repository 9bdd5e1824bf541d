// Long work in short slices, so that the broker's messages do not wait for what an operator asked.

import { stopwatch } from '../clock.ts'

/** Two of them in one turn still leave 60 turns a second. */
const SLICE_MS = 5
/** To read the time for each of a million steps would cost more than the steps. */
const STEPS_PER_LOOK = 64

export class Slices {
  #elapsed = stopwatch()
  #steps = 0
  /** The longest slice so far, in milliseconds. */
  longestMs = 0

  /** To be asked after each small step: true when it is time to `await next()`. */
  isOver(): boolean {
    this.#steps++
    return this.#steps % STEPS_PER_LOOK === 0 && this.#elapsed() >= SLICE_MS
  }

  /** As `isOver`, for steps that may take a millisecond each. */
  isOverNow(): boolean {
    return this.#elapsed() >= SLICE_MS
  }

  /** Lets everything else have its turn. */
  async next(): Promise<void> {
    this.longestMs = Math.max(this.longestMs, this.#elapsed())
    await new Promise<void>(resolve => setImmediate(resolve))
    this.#elapsed = stopwatch()
  }

  /** After something else has had its turn, in slices of its own. */
  restart(): void {
    this.#elapsed = stopwatch()
  }

  /** Waits for something else, which is a turn for everybody too. */
  async until<T>(something: Promise<T>): Promise<T> {
    this.longestMs = Math.max(this.longestMs, this.#elapsed())
    try {
      return await something
    } finally {
      this.#elapsed = stopwatch()
    }
  }
}
