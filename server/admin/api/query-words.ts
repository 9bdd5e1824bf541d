// What several routes take in their query beyond what a schema reads: lists of words, times, places in a list.

import { nearest } from '../../../shared/nearest.ts'
import type { Page } from '../../../shared/shapes.ts'
import type { Millis } from '../../clock.ts'
import type { Slices, Walks } from '../topics/walks.ts'
import { invalid } from './invalid.ts'
import { writeListCursor } from './list-cursor.ts'
import { problem } from './problem.ts'

/** `a,b`: each must be one of `known`; undefined when nothing is asked for. */
export function readWords<Word extends string>(
  name: string,
  text: string | undefined,
  known: readonly Word[],
): readonly Word[] | undefined {
  if (text === undefined) return undefined
  return text.split(',').map(word => {
    const found = known.find(one => one === word.trim())
    if (found !== undefined) return found
    const close = nearest(word, known)
    const hint = close === undefined ? `must be among ${known.join(', ')}` : `did you mean "${close}"?`
    throw invalid(`/query/${name}`, `does not know "${word}": ${hint}`)
  })
}

/** Of a text that its schema has found to be a time. */
export function readTime(text: string | undefined): Millis | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

/** Of a list by numbers that only grow: a place in it is the number that came last. */
export function readNumberCursor(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(text)) throw invalid('/query/cursor', 'is none that this list has given')
  return Number(text)
}

/** Nobody counts what was not asked for. */
export function uncountedPage(next: number | string | undefined): Page {
  return {
    next: next === undefined ? null : `${next}`,
    hasMore: next !== undefined,
    total: null,
    totalIsExact: false,
  }
}

/** What a walk through everything has found, when its turn has come. */
export async function walked<T>(walks: Walks, walk: (slices: Slices) => Promise<T>): Promise<T> {
  const outcome = await walks.run(walk)
  if (outcome.at === 'walked') return outcome.found
  throw problem('broker-unavailable', {
    detail: 'As many questions about all topics as may wait are waiting already.',
    headers: { 'retry-after': '2' },
  })
}

/** Of a list that was counted. */
export function countedPage(list: readonly unknown[], next: string | undefined, total: number): Page {
  const cursor = next === undefined ? null : writeListCursor(list, next)
  return { next: cursor, hasMore: next !== undefined, total, totalIsExact: true }
}
