// Numbers as people say them in a sentence: spans of time, counts with the right plural, bytes.

/** Made once: to make one takes longer than to use it a hundred times. */
const whole = new Intl.NumberFormat('en-US')
const withFraction = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

const spans: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** `2 d`, `36 h`, `90 min`, `40 s`: whole ones of the largest unit there are at least two of; never less than `0 s`. */
export function spanInWords(ms: number): string {
  return inUnits(ms, Math.floor)
}

/** Of what is still to come, to the nearest: a moment after `7 d` have begun they are not `6 d`. */
export function leftInWords(ms: number): string {
  return inUnits(ms, Math.round)
}

function inUnits(ms: number, whole: (count: number) => number): string {
  const [unit, length] = spans.find(([, length]) => ms >= 2 * length) ?? ['s', 1_000]
  return `${Math.max(0, whole(ms / length))} ${unit}`
}

/** As at the beginning of a line. */
export function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `7,712` */
export function numberInWords(value: number): string {
  return whole.format(Math.round(value))
}

/** `1 message`, `7,712 messages`; `many` where an s at the end is not enough. */
export function countInWords(count: number, one: string, many = `${one}s`): string {
  return `${numberInWords(count)} ${count === 1 ? one : many}`
}

const bytesPerUnit: readonly (readonly [unit: string, bytes: number])[] = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
]

/** `512 B`, `1.5 KiB`, `41 MiB`: about two digits, which is what a sentence needs. */
export function bytesInWords(bytes: number): string {
  const [unit, size] = bytesPerUnit.find(([, size]) => bytes >= size) ?? ['B', 1]
  const value = bytes / size
  const digits = size > 1 && value < 10 ? Number(value.toFixed(1)) : Math.round(value)
  return `${numberInWordsWithFraction(digits)} ${unit}`
}

function numberInWordsWithFraction(value: number): string {
  return withFraction.format(value)
}

/** `a, b and c` */
export function listInWords(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** The day and time in UTC, for what is over soon: `21 Oct 2026 09:00:20 UTC`. */
export function secondInWords(at: number): string {
  return utc(at, 25)
}

/** The day and minute in UTC: `21 Oct 2026 09:00 UTC`. */
export function momentInWords(at: number): string {
  return utc(at, 22)
}

function utc(at: number, end: number): string {
  return `${new Date(at).toUTCString().slice(5, end).replace(/^0/, '')} UTC`
}
