// Refusals in the audit: the first few of each minute one by one, the rest as one record, so that nobody can bury what
// was done under what was tried.

import type { Millis } from '../../clock.ts'

const WINDOW_MS = 60_000
/** Of one user, key or address. */
const SINGLE_MAX = 10
/** Of all together. */
const SINGLE_IN_ALL_MAX = 40
/** Of whom the summary tells by name. */
const NAMED_MAX = 5
/** Whose refusals are counted apart; the rest is counted together. */
const SUBJECTS_MAX = 1_000

export interface RefusalSummary {
  readonly count: number
  readonly since: Millis
  /** Of those who were refused most, with how often. */
  readonly most: Readonly<Record<string, number>>
}

export class Refusals {
  #since: Millis = 0
  #single = 0
  #count = 0
  readonly #bySubject = new Map<string, { single: number; more: number }>()

  /** Whether this one gets a record of its own. */
  isSingle(subject: string, now: Millis): boolean {
    if (this.#single === 0 && this.#count === 0) this.#since = now
    const counts = this.#countsOf(subject)
    if (counts !== undefined && counts.single < SINGLE_MAX && this.#single < SINGLE_IN_ALL_MAX) {
      counts.single++
      this.#single++
      return true
    }
    if (counts !== undefined) counts.more++
    this.#count++
    return false
  }

  /** Once a window is over: what had no record of its own, if anything. */
  summary(now: Millis): RefusalSummary | undefined {
    if (now - this.#since < WINDOW_MS) return undefined
    return this.take()
  }

  /** At once, and the next window begins. */
  take(): RefusalSummary | undefined {
    const count = this.#count
    const most = [...this.#bySubject]
      .filter(([, { more }]) => more > 0)
      .sort(([, one], [, other]) => other.more - one.more)
      .slice(0, NAMED_MAX)
      .map(([subject, { more }]) => [subject, more] as const)
    this.#single = 0
    this.#count = 0
    this.#bySubject.clear()
    return count === 0 ? undefined : { count, since: this.#since, most: Object.fromEntries(most) }
  }

  #countsOf(subject: string): { single: number; more: number } | undefined {
    const known = this.#bySubject.get(subject)
    if (known !== undefined || this.#bySubject.size >= SUBJECTS_MAX) return known
    const counts = { single: 0, more: 0 }
    this.#bySubject.set(subject, counts)
    return counts
  }
}
