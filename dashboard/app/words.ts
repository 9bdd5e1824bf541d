// Numbers and times as the pages say them.

import { formatBytes, formatDurationMs } from '../../shared/units.ts'

const unitWords: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' }

/** `7 days`, `90 minutes`. */
export function wordDuration(seconds: number): string {
  const [, count = '0', unit = 's'] = /^(\d+)([a-z]+)$/.exec(formatDurationMs(seconds * 1000)) ?? []
  return `${wordCount(Number(count))} ${unitWords[unit] ?? unit}${count === '1' ? '' : 's'}`
}

/** `16 MiB`. */
export function wordBytes(bytes: number): string {
  return formatBytes(bytes).replace(/(?<=\d)(?=[A-Z])/, '\u00a0')
}

/** Made once: a list says thousands of numbers a second. */
const counts = new Intl.NumberFormat('en-GB')

/** `1,000`. */
export function wordCount(count: number): string {
  return counts.format(count)
}

/** The time of day as this machine's clock shows it: `12:03:11`. */
export function wordTime(time: Date): string {
  return time.toLocaleTimeString('en-GB')
}

/** Day and time as this machine's clock shows them: `26/11/2026, 12:03:11`. */
export function wordMoment(time: Date): string {
  return time.toLocaleString('en-GB')
}

/** Why a part of the console is not there, and what helps. */
export const FILE_DID_NOT_ARRIVE =
  'Its file did not arrive. If the broker was replaced by another version meanwhile, reload.'

/** `912`, `1k`, `12.4k`: where a row has no room for more, beside a title that has all of it. */
export function shortCount(count: number): string {
  if (count < 1_000) return `${count}`
  const [unit, size] = count < 1_000_000 ? (['k', 1_000] as const) : (['M', 1_000_000] as const)
  const value = count / size
  return `${value < 100 ? Math.floor(value * 10) / 10 : Math.floor(value)}${unit}`
}
