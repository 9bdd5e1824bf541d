// The one way to say which sessions are meant: `id:web-* state:offline queued>=100`; docs/FILTERS.md explains it.

import { type FilterKey, factsOf, filterKeyNames, isFilterKey, type KeyOf } from './filter-keys.ts'
import { type FilterValue, formatValue, isWrong, readValue } from './filter-values.ts'
import { nearest } from './nearest.ts'

/** A filter is evaluated a million times over: its length bounds what each time may cost. */
export const FILTER_LENGTH_MAX = 2_000
export const FILTER_TERMS_MAX = 32
export const FILTER_VALUES_MAX = 64

export type Comparison = '=' | '<' | '<=' | '>' | '>='
type TextualKey = KeyOf<'text' | 'word' | 'address' | 'topic'>
type NumericKey = KeyOf<'count' | 'bytes' | 'percent' | 'age' | 'until'>

/** One condition; several values are alternatives. `not` turns the whole of it around. */
export type Term =
  | {
      readonly of: 'text'
      readonly key: TextualKey
      readonly not: boolean
      /** Of kind 'text': globs, with `\*`, `\?` and `\\` for the characters themselves. Empty: has none. */
      readonly values: readonly string[]
    }
  | {
      readonly of: 'number'
      readonly key: NumericKey
      readonly not: boolean
      readonly comparison: Comparison
      /** Milliseconds, bytes, per cent or a count; Infinity is `never`. Several only with '='. */
      readonly values: readonly number[]
    }

/** All terms must hold; without any, every session matches. */
export interface Filter {
  readonly at: 'filter'
  readonly terms: readonly Term[]
}

export interface FilterProblem {
  readonly at: 'problem'
  /** Where in the text, and how much of it, in UTF-16 units. */
  readonly position: number
  readonly length: number
  readonly detail: string
  /** What to put in that place, when something is near enough. */
  readonly suggestion: string | undefined
}

export const everySession: Filter = { at: 'filter', terms: [] }

export function parseFilter(text: string): Filter | FilterProblem {
  if (text.length > FILTER_LENGTH_MAX) {
    const detail = `a filter has at most ${FILTER_LENGTH_MAX} characters, this one has ${text.length}`
    return {
      at: 'problem',
      position: FILTER_LENGTH_MAX,
      length: text.length - FILTER_LENGTH_MAX,
      detail,
      suggestion: undefined,
    }
  }
  const terms: Term[] = []
  let position = skipSpace(text, 0)
  while (position < text.length) {
    const read = readTerm(text, position)
    if (read.at === 'problem') return read
    if (terms.length === FILTER_TERMS_MAX) {
      return problem(position, text.length, `a filter has at most ${FILTER_TERMS_MAX} terms`)
    }
    terms.push(read.term)
    position = skipSpace(text, read.end)
  }
  return { at: 'filter', terms }
}

/** One text for all ways to write the same filter: terms and alternatives sorted, each of them once. */
export function formatFilter({ terms }: Filter): string {
  return sortedOnce(terms.map(formatTerm)).join(' ')
}

export function formatTerm(term: Term): string {
  const values = sortedOnce(term.values.map(value => formatValue(term.key, value)))
  const operator = term.of === 'text' || term.comparison === '=' ? ':' : term.comparison
  return `${term.not ? '-' : ''}${term.key}${operator}${values.join(',')}`
}

type Read<T> = { readonly at: 'read'; readonly end: number } & T
interface RawValue {
  readonly glob: string
  readonly start: number
  readonly end: number
}

/** A key is a word in front of an operator; anything else is looked for in the client identifier. */
const keyAndOperator = /([A-Za-z]+)(:|<=|>=|!=|<|>|=)/y
const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>='])
const numericKinds: ReadonlySet<string> = new Set(['count', 'bytes', 'percent', 'age', 'until'])

function readTerm(text: string, start: number): Read<{ term: Term }> | FilterProblem {
  const not = text[start] === '-'
  keyAndOperator.lastIndex = start + (not ? 1 : 0)
  const match = keyAndOperator.exec(text)
  if (match === null) return readBareTerm(text, start, not)
  const [whole, name = '', operator = ':'] = match
  const valuesAt = match.index + whole.length
  if (!isFilterKey(name)) {
    const suggestion = nearest(name, filterKeyNames)
    const quoted = 'put a client identifier with that in it between double quotes'
    return problem(match.index, match.index + name.length, `there is no key "${name}"; ${quoted}`, suggestion)
  }
  const raw = readValues(text, valuesAt)
  if (raw.at === 'problem') return raw
  const refused = refuseOperator(text, name, operator, { start, valuesAt, end: raw.end })
  if (refused !== undefined) return refused
  const values: FilterValue[] = []
  for (const one of raw.values) {
    const value = readValue(name, one.glob)
    if (isWrong(value)) return problem(one.start, one.end, value.detail, value.suggestion)
    values.push(value)
  }
  return termOf(name, not, operator, values, { start, end: raw.end })
}

function readBareTerm(text: string, start: number, not: boolean): Read<{ term: Term }> | FilterProblem {
  const raw = readValues(text, start + (not ? 1 : 0))
  if (raw.at === 'problem') return raw
  const word = text.slice(start, raw.end)
  if (/^(AND|OR|NOT)$/.test(word)) {
    const detail = `${word} is no operator: terms must all hold, a comma means or, a minus in front means not`
    return problem(start, raw.end, `${detail}; put it between double quotes to look for it`, `"${word}"`)
  }
  const values = raw.values.map(({ glob }) => String(readValue('id', `*${glob}*`)))
  return { at: 'read', end: raw.end, term: { of: 'text', key: 'id', not, values } }
}

interface TermSpan {
  readonly start: number
  readonly valuesAt: number
  readonly end: number
}

function refuseOperator(
  text: string,
  key: FilterKey,
  operator: string,
  span: TermSpan,
): FilterProblem | undefined {
  const { start, valuesAt, end } = span
  const value = text.slice(valuesAt, end)
  const isNumeric = numericKinds.has(factsOf(key).kind)
  if (operator === '!=')
    return problem(start, end, 'not is written with a minus in front', `-${key}:${value}`)
  if (!isNumeric && comparisons.has(operator)) {
    return problem(start, end, `${key} is no number and cannot be more or less`, `${key}:${value}`)
  }
  const second = /^[<>]=?/.exec(value)?.[0]
  if (isNumeric && second !== undefined) {
    return problem(start, end, `${key} has two operators`, `${key}${second}${value.slice(second.length)}`)
  }
  return undefined
}

function termOf(
  key: FilterKey,
  not: boolean,
  operator: string,
  values: readonly FilterValue[],
  { start, end }: { readonly start: number; readonly end: number },
): Read<{ term: Term }> | FilterProblem {
  const { kind } = factsOf(key)
  if (!numericKinds.has(kind)) {
    const term = { of: 'text', key: key as TextualKey, not, values: values as readonly string[] } as const
    return { at: 'read', end, term }
  }
  const numbers = values as readonly number[]
  const comparison: Comparison = comparisons.has(operator) ? (operator as Comparison) : '='
  if (comparison !== '=' && numbers.length > 1) {
    return problem(start, end, `${key}${comparison} takes one value; alternatives need ${key}:`)
  }
  const first = formatValue(key, numbers[0] ?? 0)
  const never = numbers.includes(Number.POSITIVE_INFINITY)
  if (comparison !== '=' && never)
    return problem(start, end, 'never is neither more nor less', `${key}:never`)
  const isSpan =
    kind === 'age' || (kind === 'until' && !numbers.every(one => one === Number.POSITIVE_INFINITY))
  if (comparison === '=' && isSpan) {
    return problem(start, end, `${key} is compared: less than, or more than`, `${key}<${first}`)
  }
  return { at: 'read', end, term: { of: 'number', key: key as NumericKey, not, comparison, values: numbers } }
}

/** Values between commas, up to a space that no quotes hold. */
function readValues(text: string, from: number): Read<{ values: readonly RawValue[] }> | FilterProblem {
  const values: RawValue[] = []
  let position = from
  for (;;) {
    const value = readRawValue(text, position)
    if ('at' in value) return value
    if (value.start === value.end) {
      return problem(from, value.end + 1, 'a value is missing; "" asks for sessions that have none')
    }
    if (values.push(value) > FILTER_VALUES_MAX) {
      return problem(from, value.end, `a term has at most ${FILTER_VALUES_MAX} values`)
    }
    if (text[value.end] !== ',') return { at: 'read', end: value.end, values }
    position = value.end + 1
  }
}

function readRawValue(text: string, start: number): RawValue | FilterProblem {
  let glob = ''
  let quoteAt = -1
  let position = start
  for (; position < text.length; position++) {
    const character = text[position]!
    if (character === '\\') {
      const next = text[++position]
      if (next === undefined)
        return problem(position - 1, position, 'a backslash has nothing to stand for', '\\\\')
      glob += /[\\*?]/.test(next) ? `\\${next}` : next
    } else if (character === '"') quoteAt = quoteAt === -1 ? position : -1
    else if (quoteAt === -1 && /[\s,]/.test(character)) break
    else glob += character
  }
  if (quoteAt !== -1) return problem(quoteAt, text.length, 'a closing quotation mark is missing')
  return { glob, start, end: position }
}

function skipSpace(text: string, from: number): number {
  let position = from
  while (position < text.length && /\s/.test(text[position]!)) position++
  return position
}

function sortedOnce(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}

function problem(start: number, end: number, detail: string, suggestion?: string): FilterProblem {
  return { at: 'problem', position: start, length: end - start, detail, suggestion }
}
