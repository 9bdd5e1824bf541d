// A filter as one function of a row: what lists, counts, facets, exports, plans and their execution all ask.

import type { Comparison, Filter, Term } from '../../../shared/filter-grammar.ts'
import { factsOf, type KeyOf } from '../../../shared/filter-keys.ts'
import type { StuckRule } from '../../../shared/stuck-rule.ts'
import type { Millis } from '../../clock.ts'
import { CONNECTED, type Columns, NEVER } from './columns.ts'
import { fullPercentOf } from './state.ts'
import { compileText } from './text-predicate.ts'
import { compileWord } from './word-predicate.ts'

export type Predicate = (row: number) => boolean

/** What a filter is compiled for: a table, a moment and what counts as stuck then. */
export interface Asked {
  readonly columns: Columns
  readonly now: Millis
  readonly rule: StuckRule
}

type TextTerm = Extract<Term, { of: 'text' }>
type NumberTerm = Extract<Term, { of: 'number' }>

/** True for rows in use that match; good for as long as the moment it was asked for is. */
export function compileFilter(filter: Filter, asked: Asked): Predicate {
  const { columns } = asked
  const terms = filter.terms.toSorted((a, b) => costOf(a) - costOf(b)).map(term => compileTerm(term, asked))
  const { flags } = columns
  return row => {
    if (flags[row] === 0) return false
    for (let index = 0; index < terms.length; index++) if (!terms[index]!(row)) return false
    return true
  }
}

/** Numbers first, then what is known of many rows at once, then texts; subscriptions last, there may be many. */
function costOf({ key, of }: Term): number {
  if (of === 'number') return 0
  if (key === 'sub' || key === 'topic') return 3
  return key === 'id' || key === 'prefix' ? 2 : 1
}

function compileTerm(term: Term, asked: Asked): Predicate {
  const positive = term.of === 'number' ? compileNumber(term, asked) : compileTextual(term, asked)
  return term.not ? row => !positive(row) : positive
}

function compileTextual({ key, values }: TextTerm, asked: Asked): Predicate {
  return isWordKey(key) ? compileWord(key, values, asked) : compileText(key, values, asked.columns)
}

function isWordKey(key: TextTerm['key']): key is KeyOf<'word'> {
  return factsOf(key).kind === 'word'
}

function compileNumber(term: NumberTerm, asked: Asked): Predicate {
  const { key, comparison, values } = term
  const [first = 0] = values
  if (key === 'expires' && first === Number.POSITIVE_INFINITY) {
    const { expirySeconds } = asked.columns
    return row => expirySeconds[row] === NEVER
  }
  const number = numberOf(key, asked)
  if (values.length === 1) return compare(number, comparison, first)
  const wanted = new Set(values)
  return row => wanted.has(number(row))
}

/** NaN where the row has no such number: it is then neither less nor more than anything. */
function numberOf(key: NumberTerm['key'], { columns, now }: Asked): (row: number) => number {
  const { queued, owed, bytes, dropped, subs, createdAt, since, flags, expiresAt } = columns
  switch (key) {
    case 'queued':
      return row => queued[row]!
    case 'bytes':
      return row => bytes[row]!
    case 'inflight':
      return row => owed[row]! - queued[row]!
    case 'dropped':
      return row => dropped[row]!
    case 'subs':
      return row => subs[row]!
    case 'full':
      return row => fullPercentOf(columns, row)
    case 'created':
      return row => now - createdAt[row]!
    case 'seen':
      return row => ((flags[row]! & CONNECTED) === 0 ? now - since[row]! : 0)
    case 'offline':
      return row => ((flags[row]! & CONNECTED) === 0 ? now - since[row]! : Number.NaN)
    case 'online':
      return row => ((flags[row]! & CONNECTED) === 0 ? Number.NaN : now - since[row]!)
    case 'expires':
      return row => {
        const left = expiresAt[row]! - now
        return left === Number.POSITIVE_INFINITY ? Number.NaN : left
      }
  }
}

function compare(number: (row: number) => number, comparison: Comparison, bound: number): Predicate {
  switch (comparison) {
    case '=':
      return row => number(row) === bound
    case '<':
      return row => number(row) < bound
    case '<=':
      return row => number(row) <= bound
    case '>':
      return row => number(row) > bound
    case '>=':
      return row => number(row) >= bound
  }
}
