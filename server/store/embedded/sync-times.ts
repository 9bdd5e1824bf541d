// How long commits take: the last one, the mean, and what 99 of 100 stay below, in a few numbers.

/** From 1/64 ms on, each bound is a quarter of an octave above the one before: 2^(1/4) is 19 %. */
const FIRST_MS = 1 / 64
const STEPS_AN_OCTAVE = 4
const BUCKETS = 100
const FIRST_TOLD_MS = 1 / 4
const LAST_TOLD_MS = 8192

export interface TimesWithin {
  readonly boundMs: number
  readonly times: number
}

export class SyncTimes {
  readonly #buckets = new Uint32Array(BUCKETS)
  #count = 0
  lastMs = 0
  sumMs = 0

  record(milliseconds: number): void {
    const octaves = Math.log2(Math.max(milliseconds, FIRST_MS) / FIRST_MS)
    this.#buckets[Math.min(BUCKETS - 1, Math.ceil(octaves * STEPS_AN_OCTAVE))]!++
    this.#count++
    this.sumMs += milliseconds
    this.lastMs = milliseconds
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.sumMs / this.#count
  }

  /** How many took no longer than each bound, a bound an octave from 1/4 ms to 8 s; exact, for each ends a bucket. */
  within(): readonly TimesWithin[] {
    let times = 0
    const all: TimesWithin[] = []
    for (let index = 0; index < BUCKETS; index++) {
      times += this.#buckets[index]!
      const boundMs = FIRST_MS * 2 ** (index / STEPS_AN_OCTAVE)
      const isTold = index % STEPS_AN_OCTAVE === 0 && boundMs >= FIRST_TOLD_MS && boundMs <= LAST_TOLD_MS
      if (isTold) all.push({ boundMs, times })
    }
    return all
  }

  /** The bound of the bucket in which the share is reached: at most 19 % too high. */
  percentile(share: number): number {
    let left = this.#count * share
    for (let index = 0; index < BUCKETS && this.#count > 0; index++) {
      left -= this.#buckets[index]!
      if (left <= 0) return FIRST_MS * 2 ** (index / STEPS_AN_OCTAVE)
    }
    return 0
  }
}
