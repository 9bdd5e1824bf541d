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

/** `1,000`. */
export function wordCount(count: number): string {
  return count.toLocaleString('en-GB')
}

/** The time of day as this machine's clock shows it: `12:03:11`. */
export function wordTime(time: Date): string {
  return time.toLocaleTimeString('en-GB')
}
