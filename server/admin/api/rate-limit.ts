// How often somebody may ask: a bucket for each, that fills again while they wait.

import type { Clock, Millis } from '../../clock.ts'

export interface Pace {
  readonly burst: number
  readonly perSecond: number
}

/** A console with ten tabs, or a script that walks through lists, stays far below. */
export const knownPace: Pace = { burst: 600, perSecond: 60 }
/** Who is not logged in can only log in; an office may share one address. */
export const strangerPace: Pace = { burst: 300, perSecond: 30 }

/** Buckets that are remembered; the one that was quiet for longest goes first, and would be nearly full again. */
const BUCKETS_MAX = 20_000

interface Bucket {
  tokens: number
  at: Millis
}

export class RateLimit {
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes `cost`, and returns 0; or takes nothing, and returns the milliseconds until there is enough. */
  take(who: string, pace: Pace, cost: number): Millis {
    const now = this.#clock.now()
    const found = this.#buckets.get(who)
    const filled =
      found === undefined ? pace.burst : found.tokens + ((now - found.at) / 1000) * pace.perSecond
    const tokens = Math.min(pace.burst, filled)
    const isEnough = tokens >= cost
    // Behind the others again, so that the first in the map is the quietest.
    this.#buckets.delete(who)
    this.#buckets.set(who, { tokens: isEnough ? tokens - cost : tokens, at: now })
    if (this.#buckets.size > BUCKETS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
    return isEnough ? 0 : Math.ceil(((cost - tokens) / pace.perSecond) * 1000)
  }
}
