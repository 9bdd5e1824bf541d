// What could be written next in a filter: keys by what they begin with, and the values of keys that have few.

import { type FilterKey, factsOf, filterKeyNames, isFilterKey } from '../../shared/filter-keys.ts'

export interface Suggestion {
  /** What is put in the place. */
  readonly text: string
  readonly meaning: string
}

export interface Suggestions {
  readonly from: number
  readonly to: number
  readonly items: readonly Suggestion[]
}

const SHOWN_MAX = 8

/** How one goes on after a key of that kind, most of the time. */
const operators = {
  text: ':',
  word: ':',
  address: ':',
  topic: ':',
  count: '>=',
  bytes: '>=',
  percent: '>=',
  age: '>',
  until: '<',
} as const

export function suggestionsAt(text: string, caret: number): Suggestions {
  const start = startOfWord(text, caret)
  const written = text.slice(start, caret)
  const from = start + (written.startsWith('-') ? 1 : 0)
  const [, name, values] = /^([A-Za-z]+):(.*)$/s.exec(text.slice(from, caret)) ?? []
  if (values === undefined || name === undefined || !isFilterKey(name))
    return { from, to: caret, items: keysLike(text.slice(from, caret)) }
  const valueFrom = caret - (values.length - values.lastIndexOf(',') - 1)
  return { from: valueFrom, to: caret, items: valuesLike(name, text.slice(valueFrom, caret)) }
}

/** Spaces between double quotes do not end a word. */
function startOfWord(text: string, caret: number): number {
  let start = 0
  let isQuoted = false
  for (let at = 0; at < caret; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    else if (!isQuoted && /\s/.test(text[at]!)) start = at + 1
  }
  return start
}

function keysLike(beginning: string): readonly Suggestion[] {
  const lower = beginning.toLowerCase()
  return filterKeyNames
    .filter(name => name.startsWith(lower) && name.length > lower.length)
    .slice(0, SHOWN_MAX)
    .map(name => ({ text: name + operators[factsOf(name).kind], meaning: factsOf(name).meaning }))
}

function valuesLike(key: FilterKey, beginning: string): readonly Suggestion[] {
  const words = factsOf(key).words ?? []
  return words
    .filter(word => word.startsWith(beginning) && word !== beginning)
    .map(word => ({ text: word, meaning: '' }))
}
