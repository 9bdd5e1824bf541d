// How much happens a minute, averaged over the last 1, 5 and 15 minutes as mosquitto does it: each round fades the past.

import type { Millis } from '../clock.ts'

const MINUTE_MS = 60_000
const minutes = [1, 5, 15] as const

interface Load {
  total: number
  /** A minute, one for each of `minutes`. */
  readonly averages: number[]
}

export class LoadAverages {
  readonly #loads = new Map<string, Load>()

  /** `total` is a count since the start; the first round is measured from 0. Returns `[name/1min, average]` and so on. */
  next(name: string, total: number, elapsedMs: Millis): readonly (readonly [string, string])[] {
    let load = this.#loads.get(name)
    if (load === undefined) {
      load = { total: 0, averages: minutes.map(() => 0) }
      this.#loads.set(name, load)
    }
    const rate = elapsedMs > 0 ? ((total - load.total) / elapsedMs) * MINUTE_MS : 0
    if (elapsedMs > 0) load.total = total
    const { averages } = load
    return minutes.map((span, index) => {
      const kept = Math.exp(-elapsedMs / (span * MINUTE_MS))
      averages[index] = rate + kept * (averages[index]! - rate)
      return [`${name}/${span}min`, averages[index]!.toFixed(2)]
    })
  }
}
