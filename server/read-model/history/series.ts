// Readings of the broker's totals over the last day, for charts.

import type { Series as SeriesAnswer, SeriesName } from '../../../shared/history.ts'
import { seriesNames } from '../../../shared/history.ts'
import type { Millis } from '../../clock.ts'
import { SAMPLE_MS, SERIES_POINTS_MAX, SERIES_SAMPLES_MAX } from './limits.ts'

/** What is read off the broker at one moment; those that make rates are totals since the start. */
export type Reading = Readonly<Record<SeriesName, number>>

/** Totals whose growth is shown, a second. */
const rates: ReadonlySet<SeriesName> = new Set([
  'messages.in',
  'messages.out',
  'messages.dropped',
  'bytes.in',
  'bytes.out',
  'connects',
])

/** Two readings further apart than this have a gap between them: the broker was down, or asleep. */
const GAP_MS = 4 * SAMPLE_MS

export class Series {
  /** A ring of readings: one column for the time and one for each name; NaN where nothing is known. */
  readonly #at = new Float64Array(SERIES_SAMPLES_MAX)
  readonly #columns = new Map<SeriesName, Float64Array>()
  #count = 0
  #last: { readonly at: Millis; readonly reading: Reading } | undefined = undefined

  constructor() {
    for (const name of seriesNames) this.#columns.set(name, new Float64Array(SERIES_SAMPLES_MAX))
  }

  /** Returns what was measured since the one before; undefined for the first one, which only starts the rates. */
  learn(at: Millis, reading: Reading): Reading | undefined {
    const former = this.#last
    this.#last = { at, reading }
    if (former === undefined || at <= former.at) return undefined
    const seconds = (at - former.at) / 1000
    const measured = Object.fromEntries(
      seriesNames.map(name => [
        name,
        rates.has(name) ? Math.max(0, reading[name] - former.reading[name]) / seconds : reading[name],
      ]),
    ) as Reading
    this.restore(at, measured)
    return measured
  }

  /** Takes over what an earlier process has measured, in the order of time. */
  restore(at: Millis, measured: Readonly<Partial<Record<SeriesName, number>>>): void {
    const place = this.#count++ % SERIES_SAMPLES_MAX
    this.#at[place] = at
    for (const [name, column] of this.#columns) column[place] = measured[name] ?? Number.NaN
  }

  /**
   * Means over steps of `stepMs` from `from` until `to`; null where nothing was measured. The step is made so
   * long that there are no more than SERIES_POINTS_MAX.
   */
  read(names: readonly SeriesName[], from: Millis, to: Millis, stepMs: Millis): SeriesAnswer[] {
    const start = Math.max(from, to - SERIES_SAMPLES_MAX * SAMPLE_MS)
    const shortest = Math.ceil((to - start) / SERIES_POINTS_MAX / 1000) * 1000
    const step = Math.max(SAMPLE_MS, Math.ceil(stepMs / 1000) * 1000, shortest)
    const points = Math.max(0, Math.ceil((to - start) / step))
    return names.map(name => ({
      name,
      from: new Date(start).toISOString(),
      stepSeconds: step / 1000,
      points: this.#means(name, start, step, points),
    }))
  }

  /** A reading stands for the time since the one before it, so a long step and a short one agree. */
  #means(name: SeriesName, start: Millis, step: Millis, points: number): (number | null)[] {
    const column = this.#columns.get(name)!
    const sums = new Float64Array(points)
    const weights = new Float64Array(points)
    const first = Math.max(0, this.#count - SERIES_SAMPLES_MAX)
    for (let index = first; index < this.#count; index++) {
      const at = this.#at[index % SERIES_SAMPLES_MAX]!
      const value = column[index % SERIES_SAMPLES_MAX]!
      if (at <= start || Number.isNaN(value)) continue
      const before = index === first ? at - SAMPLE_MS : this.#at[(index - 1) % SERIES_SAMPLES_MAX]!
      const since = at - before > GAP_MS ? at - SAMPLE_MS : before
      for (let point = Math.max(0, Math.floor((since - start) / step)); point < points; point++) {
        const overlap = Math.min(at, start + (point + 1) * step) - Math.max(since, start + point * step)
        if (overlap <= 0) break
        sums[point]! += value * overlap
        weights[point]! += overlap
      }
    }
    return [...sums].map((sum, point) => (weights[point]! > 0 ? rounded(sum / weights[point]!) : null))
  }
}

/** Charts need no more, and the answer is half as long. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
