// What will be lost when nobody comes back and nobody acts: sessions that expire, and the messages they hold.

import type { Forecast, Horizon } from '../../../shared/history.ts'
import { bytesInWords, countInWords } from '../../../shared/plain-words.ts'
import type { Millis } from '../../clock.ts'

const HOUR_MS = 3_600_000

const horizons: readonly (readonly [Horizon, Millis])[] = [
  ['hour', HOUR_MS],
  ['day', 24 * HOUR_MS],
  ['week', 7 * 24 * HOUR_MS],
]

/** Rows looked at before others get the event loop: well under a millisecond. */
const ROWS_PER_SLICE = 20_000

/** The columns of the session table that matter here. */
export interface ForecastSource {
  /** Rows from 0 to below it are looked at. */
  readonly end: number
  /** False for rows that are not in use, and for sessions that have a connection. */
  isOffline(row: number): boolean
  /** Infinity: never. */
  readonly expiresAt: ArrayLike<number>
  /** Messages owed, and their bytes. */
  readonly owed: ArrayLike<number>
  readonly bytes: ArrayLike<number>
}

interface Sum {
  sessions: number
  messages: number
  bytes: number
}

/** `pause` lets others run between two slices; sessions that come and go meanwhile are in it or not. */
export async function forecast(
  source: ForecastSource,
  now: Millis,
  pause: () => Promise<void>,
): Promise<Forecast> {
  const sums = horizons.map((): Sum => ({ sessions: 0, messages: 0, bytes: 0 }))
  const never: Sum = { sessions: 0, messages: 0, bytes: 0 }
  for (let from = 0; from < source.end; from += ROWS_PER_SLICE) {
    if (from > 0) await pause()
    const to = Math.min(source.end, from + ROWS_PER_SLICE)
    for (let row = from; row < to; row++) {
      if (!source.isOffline(row)) continue
      const expiresAt = source.expiresAt[row]!
      if (expiresAt === Number.POSITIVE_INFINITY) add(never, source, row)
      for (let index = 0; index < horizons.length; index++) {
        if (expiresAt - now <= horizons[index]![1]) add(sums[index]!, source, row)
      }
    }
  }
  const answer = horizons.map(([horizon], index) => ({ horizon, ...sums[index]! }))
  return { horizons: answer, never, sentence: inWords(answer, never) }
}

function add(sum: Sum, { owed, bytes }: ForecastSource, row: number): void {
  sum.sessions++
  sum.messages += owed[row]!
  sum.bytes += bytes[row]!
}

/** The nearest horizon in which something is lost, and what stays for ever. */
function inWords(answer: Forecast['horizons'], never: Sum): string {
  const first = answer.find(one => one.sessions > 0)
  const sentences =
    first === undefined
      ? ['No session expires within a week.']
      : [`Next ${first.horizon}: ${sessionsInWords(first)}.`]
  if (never.sessions > 0) {
    const verb = never.sessions === 1 ? 'never expires' : 'never expire'
    sentences.push(`${countInWords(never.sessions, 'offline session')} ${verb}.`)
  }
  return sentences.join(' ')
}

function sessionsInWords({ sessions, messages, bytes }: Sum): string {
  const count = countInWords(sessions, 'session')
  const verb = sessions === 1 ? 'expires' : 'expire'
  if (messages === 0) return `${count} ${verb}, without messages`
  return `${count} ${verb}, and ${countInWords(messages, 'message')} (${bytesInWords(bytes)}) will be lost`
}
