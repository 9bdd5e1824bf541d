// The last events of the broker in their order, for streams that were cut off and come back.

import type { Millis } from '../../clock.ts'
import { LIVE_EVENTS_AGE_MS_MAX, LIVE_EVENTS_KEPT_MAX } from '../../limits.ts'

export interface Numbered<T> {
  readonly number: number
  readonly at: Millis
  readonly value: T
}

export class EventRing<T> {
  /** The oldest is at `#head` once it is full. */
  readonly #ring: Numbered<T>[] = []
  #head = 0
  #last = 0

  /** Number of the newest event; 0 before the first. */
  get last(): number {
    return this.#last
  }

  add(at: Millis, value: T): Numbered<T> {
    const event = { number: ++this.#last, at, value }
    if (this.#ring.length < LIVE_EVENTS_KEPT_MAX) this.#ring.push(event)
    else {
      this.#ring[this.#head] = event
      this.#head = (this.#head + 1) % LIVE_EVENTS_KEPT_MAX
    }
    return event
  }

  /** All after that number, oldest first; undefined when some of them are forgotten, or the number is from elsewhere. */
  since(number: number, now: Millis): readonly Numbered<T>[] | undefined {
    if (number > this.#last) return undefined
    const wanted = this.#last - number
    if (wanted > this.#ring.length) return undefined
    const found: Numbered<T>[] = []
    for (let index = this.#ring.length - wanted; index < this.#ring.length; index++)
      found.push(this.#ring[(this.#head + index) % this.#ring.length]!)
    const [oldest] = found
    return oldest !== undefined && now - oldest.at > LIVE_EVENTS_AGE_MS_MAX ? undefined : found
  }
}
