// How many sessions match, of how many, and how many of them each quick facet would leave.

import { formatTerm, parseFilter } from '../../../shared/filter-grammar.ts'
import { get } from '../../app/api.ts'

export interface QuickFacet {
  readonly word: string
  readonly term: string
  readonly meaning: string
}

export const quickFacets: readonly QuickFacet[] = [
  { word: 'Stuck', term: 'stuck:true', meaning: 'What the rule for stuck sessions says' },
  { word: 'Full', term: 'full>=100%', meaning: 'The queue is at its limit: messages are lost' },
  { word: 'No expiry', term: 'expiry:never', meaning: 'They stay until somebody ends them' },
  { word: 'Expiring 1 h', term: 'expires<1h', meaning: 'Offline, and gone within the hour' },
]

export interface Counts {
  readonly matching: number
  readonly all: number
  /** By the term of the facet; among what matches. */
  readonly facets: Readonly<Record<string, number>>
}

export class ListCounts {
  #counts = $state.raw<Counts | undefined>(undefined)
  #asking: AbortController | undefined

  get counts(): Counts | undefined {
    return this.#counts
  }

  /** What was known stays while it is asked, and when nobody answers: the list itself says that. */
  async ask(filter: string): Promise<void> {
    this.#asking?.abort()
    this.#asking = new AbortController()
    const { signal } = this.#asking
    const count = async (text: string): Promise<number> =>
      (await get<{ readonly count: number }>('/sessions:count', { filter: text }, signal)).count
    try {
      const [matching, all, ...facets] = await Promise.all([
        count(filter),
        filter === '' ? undefined : count(''),
        ...quickFacets.map(({ term }) => count(hasTerm(filter, term) ? filter : withTerm(filter, term))),
      ])
      if (signal.aborted || matching === undefined) return
      const byTerm = Object.fromEntries(quickFacets.map(({ term }, index) => [term, facets[index] ?? 0]))
      this.#counts = { matching, all: all ?? matching, facets: byTerm }
    } catch (error) {
      // Figures beside a list that says itself what is wrong: the last ones are good enough until then.
      if (!(error instanceof Error)) throw error
    }
  }
}

/** The terms of a filter as they are written in one form only; undefined for one that cannot be read. */
export function termsOf(filter: string): readonly string[] | undefined {
  const parsed = parseFilter(filter)
  return parsed.at === 'filter' ? parsed.terms.map(formatTerm) : undefined
}

export function hasTerm(filter: string, term: string): boolean {
  return termsOf(filter)?.includes(term) === true
}

export function withTerm(filter: string, term: string): string {
  return filter.trim() === '' ? term : `${filter.trim()} ${term}`
}

export function withoutTerm(filter: string, term: string): string {
  return (termsOf(filter) ?? []).filter(one => one !== term).join(' ')
}
