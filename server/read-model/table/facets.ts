// How matching sessions divide by one of their facts; each part comes with the filter that selects it.

import { formatAddressRange, parseAddressRange } from '../../../shared/address.ts'
import { clientIdPrefix } from '../../../shared/client-id-prefix.ts'
import { formatTerm } from '../../../shared/filter-grammar.ts'
import { escapeGlob } from '../../../shared/filter-values.ts'
import type { Facet, FacetKey } from '../../../shared/session-facets.ts'
import { FACET_VALUES_MAX } from '../../limits.ts'
import { expirySources, NEVER, PINNED, type Profile, SOURCE_MASK, SOURCE_SHIFT } from './columns.ts'
import type { Asked } from './predicate.ts'
import type { Visitor } from './scan.ts'
import { stateOf, stuckCauseOf } from './state.ts'

/** Null where the session has none. */
type FacetOf = (row: number) => string | null

export class FacetCounts implements Visitor {
  readonly #by: FacetKey
  readonly #facetOf: FacetOf
  readonly #counts = new Map<string | null, number>()
  #total = 0

  constructor(by: FacetKey, asked: Asked) {
    this.#by = by
    this.#facetOf = facetOf(by, asked)
  }

  visit(row: number): void {
    const value = this.#facetOf(row)
    const count = this.#counts.get(value)
    this.#total++
    if (count !== undefined) this.#counts.set(value, count + 1)
    else if (this.#counts.size < FACET_VALUES_MAX) this.#counts.set(value, 1)
  }

  /** The largest first; `other` is what the rest of the values have together. */
  finish(limit: number): { total: number; facets: readonly Facet[]; other: number } {
    const sorted = [...this.#counts].sort((a, b) => b[1] - a[1] || ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
    const facets = sorted
      .slice(0, limit)
      .map(([value, count]) => ({ value, count, filter: filterFor(this.#by, value) }))
    const listed = facets.reduce((sum, { count }) => sum + count, 0)
    return { total: this.#total, facets, other: this.#total - listed }
  }
}

function facetOf(by: FacetKey, { columns, now, rule }: Asked): FacetOf {
  const { clientIds, owners, ownerTexts, profiles, profileValues, connections, flags, expirySeconds } =
    columns
  const ofProfile = (fact: (profile: Profile) => string | number | boolean | undefined): FacetOf => {
    return row => {
      const profile = profileValues.value(profiles[row]!)
      return profile === undefined ? null : textOrNull(fact(profile))
    }
  }
  switch (by) {
    case 'state':
      return row => stateOf(columns, row, stuckCauseOf(columns, row, now, rule))
    case 'proto':
      return ofProfile(profile => profile.protocolVersion)
    case 'clean':
      return ofProfile(profile => profile.cleanStart)
    case 'transport':
      return ofProfile(profile => profile.transport)
    case 'origin':
      return ofProfile(profile => profile.origin)
    case 'agent':
      return ofProfile(profile => profile.userAgent)
    case 'path':
      return ofProfile(profile => profile.path)
    case 'prefix':
      return row => textOrNull(clientIdPrefix(clientIds[row]!))
    case 'owner':
      return row => textOrNull(ownerTexts.value(owners[row]!))
    case 'ip':
      return row => addressOf(connections[row]?.address)
    case 'expiry':
      return row => {
        if (expirySeconds[row] === NEVER) return 'never'
        return expirySources[(flags[row]! & SOURCE_MASK) >> SOURCE_SHIFT]!
      }
    case 'pinned':
      return row => `${(flags[row]! & PINNED) !== 0}`
  }
}

/** Filters name overlapping groups (what is stuck may be offline, too), facets do not. */
const exclusive: Readonly<Partial<Record<FacetKey, Readonly<Record<string, string>>>>> = {
  state: {
    conflict: 'state:conflict',
    stuck: 'state:stuck -state:conflict',
    online: 'state:online -state:conflict,stuck',
    waiting: 'state:waiting -state:conflict,stuck',
    offline: 'state:offline -state:conflict,stuck,waiting',
  },
  expiry: {
    never: 'expiry:never',
    client: 'expiry:client -expiry:never',
    policy: 'expiry:policy -expiry:never',
    operator: 'expiry:operator -expiry:never',
  },
}

function filterFor(by: FacetKey, value: string | null): string {
  const known = exclusive[by]?.[value ?? '']
  return known ?? formatTerm({ of: 'text', key: by, not: false, values: [escapeGlob(value ?? '')] })
}

function addressOf(address: string | undefined): string | null {
  const range = address === undefined ? undefined : parseAddressRange(address)
  return range === undefined ? null : formatAddressRange(range)
}

function textOrNull(fact: string | number | boolean | undefined): string | null {
  return fact === undefined || fact === '' ? null : `${fact}`
}
