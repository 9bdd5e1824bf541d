// Values of the filter grammar: read from text, and written back in one form only.

import { formatAddressRange, parseAddressRange } from './address.ts'
import { type FilterKey, type FilterKind, factsOf, wordAliases } from './filter-keys.ts'
import { nearest } from './nearest.ts'
import { formatBytes, formatDurationMs, parseBytes, parseDurationMs } from './units.ts'

export type FilterValue = string | number

export interface WrongValue {
  readonly detail: string
  /** What may have been meant, in place of the value. */
  readonly suggestion: string | undefined
}

const WEEK_DAYS = 7
const PERCENT_MAX = 100

/** `glob` is the value with `\`, `*` and `?` still escaped where they stand for themselves. */
export function readValue(key: FilterKey, glob: string): FilterValue | WrongValue {
  const { kind } = factsOf(key)
  const text = unescapeGlob(glob)
  if (text === '' && kindsThatMayBeAbsent.has(kind)) return ''
  switch (kind) {
    case 'text':
      return glob.replace(/(?<!\\)((?:\\\\)*)\*{2,}/g, '$1*')
    case 'word':
      return readWord(key, text)
    case 'topic':
      return readTopic(text)
    case 'address':
      return readAddress(text)
    case 'count':
      return /^\d{1,15}$/.test(text) ? Number(text) : wrong(`"${text}" is no whole number`)
    case 'bytes':
      return readBytes(text)
    case 'percent':
      return readPercent(text)
    case 'age':
      return readDuration(text)
    case 'until':
      return text === 'never' ? Number.POSITIVE_INFINITY : readDuration(text)
  }
}

export function isWrong(value: FilterValue | WrongValue): value is WrongValue {
  return typeof value === 'object'
}

export function formatValue(key: FilterKey, value: FilterValue): string {
  const { kind } = factsOf(key)
  if (typeof value === 'string') return quoteWhereNeeded(kind === 'text' ? value : escapeGlob(value))
  switch (kind) {
    case 'bytes':
      return formatBytes(value)
    case 'percent':
      return `${value}%`
    case 'age':
    case 'until':
      return value === Number.POSITIVE_INFINITY ? 'never' : formatMs(value)
    default:
      return `${value}`
  }
}

/** `""` asks for sessions that have no such thing. */
const kindsThatMayBeAbsent: ReadonlySet<FilterKind> = new Set(['text', 'word', 'address'])

/** `\*` to `*`, and so on. */
export function unescapeGlob(glob: string): string {
  return glob.replace(/\\([\s\S])/g, '$1')
}

/** A text that stands for itself, whatever characters it has. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

function quoteWhereNeeded(glob: string): string {
  const escaped = glob.replaceAll('"', '\\"')
  return glob === '' || /[\s,]/.test(glob) ? `"${escaped}"` : escaped
}

function readWord(key: FilterKey, text: string): FilterValue | WrongValue {
  const { words = [], meaning } = factsOf(key)
  const word = wordAliases[key]?.[text] ?? text
  if (words.includes(word)) return word
  return wrong(`${key} says ${meaning}; it knows ${words.join(', ')}, not "${text}"`, nearest(text, words))
}

function readTopic(text: string): FilterValue | WrongValue {
  if (text === '') return wrong('a topic name has at least one character')
  if (/[+#]/.test(text)) return wrong(`a topic name has no wildcards; sub:${text} finds that subscription`)
  return text
}

function readAddress(text: string): FilterValue | WrongValue {
  const range = parseAddressRange(text)
  if (range !== undefined) return formatAddressRange(range)
  const known = /^((?:\d{1,3}\.){1,3})\*$/.exec(text)?.[1]?.split('.').slice(0, -1)
  const network =
    known === undefined
      ? undefined
      : parseAddressRange(`${[...known, 0, 0, 0].slice(0, 4).join('.')}/${known.length * 8}`)
  const suggestion = network === undefined ? undefined : formatAddressRange(network)
  return wrong(`"${text}" is no address and no network such as 10.0.0.0/8`, suggestion)
}

function readBytes(text: string): FilterValue | WrongValue {
  const bytes = parseBytes(text)
  if (bytes !== undefined) return bytes
  const decimal = /^(\d+)([kmgt])b?$/i.exec(text)
  const suggestion = decimal === null ? undefined : `${decimal[1]}${decimal[2]?.toUpperCase()}iB`
  return wrong(`"${text}" is no size: a whole number and B, KiB, MiB, GiB or TiB`, suggestion)
}

function readPercent(text: string): FilterValue | WrongValue {
  const percent = Number(/^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1] ?? Number.NaN)
  if (percent <= PERCENT_MAX) return percent
  const suggestion =
    /^\d{1,3}(\.\d{1,3})?$/.test(text) && Number(text) <= PERCENT_MAX ? `${text}%` : undefined
  return wrong(`"${text}" is no share: a number from 0 to ${PERCENT_MAX} and a per cent sign`, suggestion)
}

function readDuration(text: string): FilterValue | WrongValue {
  const weeks = /^(\d{1,6})w$/.exec(text)?.[1]
  const ms = parseDurationMs(weeks === undefined ? text : `${Number(weeks) * WEEK_DAYS}d`)
  if (ms !== undefined && !/^\d+$/.test(text)) return ms
  const [, count, unit = 's'] = /^(\d+)(?!mo)([smhdw])?[a-z]*$/i.exec(text) ?? []
  const suggestion = count === undefined ? undefined : `${count}${unit.toLowerCase()}`
  return wrong(`"${text}" is no span of time: a whole number and s, m, h, d or w`, suggestion)
}

/** Milliseconds have a unit too, so that what is written is read back as the same. */
function formatMs(ms: number): string {
  const text = formatDurationMs(ms)
  if (text === '0') return '0s'
  return /^\d+$/.test(text) ? `${text}ms` : text
}

function wrong(detail: string, suggestion?: string): WrongValue {
  return { detail, suggestion }
}
