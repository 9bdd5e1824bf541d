// What a key with a client id prefix is kept to: its own sessions, in lists as in acts.

import { type Filter, parseFilter } from '../../../shared/filter-grammar.ts'
import { escapeGlob } from '../../../shared/filter-values.ts'
import { problem } from '../api/problem.ts'
import type { Actor } from '../auth/actor.ts'

/** The filter, and that the client id is one that this actor may see: everything a list tells keeps to it. */
export function withinScope({ facts }: Actor, filter: Filter): Filter {
  const { clientIdPrefix } = facts
  if (clientIdPrefix === undefined) return filter
  const values = [`${escapeGlob(clientIdPrefix)}*`]
  return { at: 'filter', terms: [...filter.terms, { of: 'text', key: 'id', not: false, values }] }
}

/** Throws what is wrong with it, and where. */
export function readFilter(text: string): Filter {
  const filter = parseFilter(text)
  if (filter.at === 'filter') return filter
  const { position, length, detail, suggestion } = filter
  throw problem('validation', {
    detail: `The filter is not understood at character ${position + 1}: ${detail}.`,
    errors: [{ pointer: '/query/filter', detail }],
    position,
    length,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
