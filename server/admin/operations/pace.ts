// How many items may begin now: so many a second by the clock, and no rush after a pause.

import type { Millis } from '../../clock.ts'

/** What could not begin in time is made up for so far back, and no further. */
const BURST_MS = 100

export class Pace {
  readonly #perSecond: number
  readonly #burst: number
  #allowed = 1
  #at: Millis

  constructor(perSecond: number, now: Millis) {
    this.#perSecond = perSecond
    this.#burst = Math.max(1, (perSecond * BURST_MS) / 1000)
    this.#at = now
  }

  /** How many are due; each is to be taken. */
  due(now: Millis): number {
    const earned = (Math.max(0, now - this.#at) * this.#perSecond) / 1000
    this.#allowed = Math.min(this.#burst, this.#allowed + earned)
    this.#at = now
    return Math.floor(this.#allowed)
  }

  take(): void {
    this.#allowed--
  }
}
