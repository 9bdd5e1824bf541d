// Client ids that are there and begin as one that is not: what somebody who mistyped it may have meant.

import { clientIdPrefix } from '../../../shared/client-id-prefix.ts'
import { everySession, type Filter } from '../../../shared/filter-grammar.ts'
import { escapeGlob } from '../../../shared/filter-values.ts'
import { byClientId } from '../../../shared/session-sort.ts'
import type { ApiContext } from '../api/context.ts'
import type { Actor } from '../auth/actor.ts'
import { withinScope } from './scope.ts'

const NAMED_MAX = 5
/** A glob of more says no more, and is looked for in every client id. */
const PREFIX_LENGTH_MAX = 128

/** Those with the longest beginning in common come first; none where the table has too much to do. */
export async function findNearest(
  { table }: ApiContext,
  actor: Actor,
  clientId: string,
): Promise<readonly string[]> {
  for (const prefix of beginnings(clientId)) {
    const filter = withinScope(actor, startsWith(prefix))
    const page = await table.page({ filter, sort: byClientId, limit: NAMED_MAX })
    if (page.at !== 'found') return []
    if (page.rows.length > 0) return page.rows.map(row => row.clientId)
  }
  return []
}

/** All of it, less and less of it, and what its family has in common: each a look at all sessions. */
function beginnings(clientId: string): readonly string[] {
  const whole = clientId.slice(0, PREFIX_LENGTH_MAX)
  const parts = [1, 0.75, 0.5, 0.25].map(part => whole.slice(0, Math.ceil(whole.length * part)))
  const longestFirst = [...parts, clientIdPrefix(clientId)].toSorted((a, b) => b.length - a.length)
  return [...new Set(longestFirst)].filter(prefix => prefix !== '')
}

function startsWith(prefix: string): Filter {
  const values = [`${escapeGlob(prefix)}*`]
  return { ...everySession, terms: [{ of: 'text', key: 'id', not: false, values }] }
}
