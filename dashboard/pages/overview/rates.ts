// Readings of the broker as a chart and a table take them: columns over one axis of time.

import type { Series, SeriesName } from '../../../shared/history.ts'

export interface Rates {
  /** Seconds since the epoch; each stands for the end of its step. */
  readonly at: readonly number[]
  /** Null where nothing was measured. */
  readonly in: readonly (number | null)[]
  readonly out: readonly (number | null)[]
  readonly dropped: readonly (number | null)[]
}

interface Now {
  readonly messagesIn: number
  readonly messagesOut: number
  readonly dropped: number
}

export function ratesOf(series: readonly Series[]): Rates {
  const points = (name: SeriesName): readonly (number | null)[] =>
    series.find(one => one.name === name)?.points ?? []
  const [first] = series
  const start = first === undefined ? 0 : Date.parse(first.from) / 1_000
  const at = (first?.points ?? []).map((_, index) => start + (index + 1) * (first?.stepSeconds ?? 0))
  return { at, in: points('messages.in'), out: points('messages.out'), dropped: points('messages.dropped') }
}

/** The last steps may not have been read yet: what is told now stands at the end. */
export function withNow(rates: Rates, now: Now, nowMs: number): Rates {
  const at = nowMs / 1_000
  const length = rates.at.findIndex(time => time >= at)
  const past = length < 0 ? rates.at.length : length
  return {
    at: [...rates.at.slice(0, past), at],
    in: [...rates.in.slice(0, past), now.messagesIn],
    out: [...rates.out.slice(0, past), now.messagesOut],
    dropped: [...rates.dropped.slice(0, past), now.dropped],
  }
}

/** As a number that is read at a glance: `1,204`, `12.5`, `0.2`. */
export function rateInWords(rate: number | null): string {
  if (rate === null) return '–'
  const digits = rate !== 0 && rate < 100 ? 1 : 0
  return rate.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
