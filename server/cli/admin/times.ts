// Points in time as a person at a terminal reads them: how far from now, or in the calendar.

import { spanInWords } from '../../../shared/plain-words.ts'

export type TimeStyle = 'relative' | 'utc'

/** `3 min ago`, `in 7 d`, or `2026-10-21 09:00:02Z`; `-` for none. Takes what the API writes, ISO 8601. */
export function timeText(at: string | null | undefined, now: number, style: TimeStyle): string {
  if (at === null || at === undefined) return '-'
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return at
  if (style === 'utc')
    return new Date(ms)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, 'Z')
  const away = ms - now
  if (Math.abs(away) < 1000) return 'now'
  return away > 0 ? `in ${spanInWords(away)}` : `${spanInWords(-away)} ago`
}
