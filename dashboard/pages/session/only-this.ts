// The filter that finds one session, whatever stands in its client id.

import { formatTerm } from '../../../shared/filter-grammar.ts'
import { escapeGlob } from '../../../shared/filter-values.ts'

/** A filter has an end; who has a longer client id is found with those that begin alike. */
const CHARACTERS_MAX = 400

export function onlyThis(clientId: string): string {
  const begin = clientId.slice(0, CHARACTERS_MAX)
  const glob = begin === clientId ? escapeGlob(clientId) : `${escapeGlob(begin)}*`
  return formatTerm({ of: 'text', key: 'id', not: false, values: [glob] })
}
