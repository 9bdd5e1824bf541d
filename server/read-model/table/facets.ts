// How matching sessions divide by one of their facts; each part comes with the filter that selects it.

import { formatAddressRange, parseAddressRange } from '../../../shared/address.ts'
import { clientIdPrefixLength } from '../../../shared/client-id-prefix.ts'
import { formatTerm } from '../../../shared/filter-grammar.ts'
import { escapeGlob } from '../../../shared/filter-values.ts'
import type { Facet, FacetKey } from '../../../shared/session-facets.ts'
import { FACET_VALUES_MAX } from '../../limits.ts'
import { expirySources, NEVER, PINNED, type Profile, SOURCE_MASK, SOURCE_SHIFT } from './columns.ts'
import type { Asked } from './predicate.ts'
import type { Visitor } from './scan.ts'
import { stateOf, stuckCauseOf } from './state.ts'

/** Null where the session has none. A number is an IPv4 address, which becomes a text when all were counted. */
type FacetValue = string | number | null
type FacetOf = (row: number) => FacetValue

export class FacetCounts implements Visitor {
  readonly #by: FacetKey
  readonly #facetOf: FacetOf
  readonly #counts = new Map<FacetValue, number>()
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
    const facets = this.#largest(limit).map(([value, count]) => {
      const text = textOf(value)
      return { value: text, count, filter: filterFor(this.#by, text) }
    })
    const listed = facets.reduce((sum, { count }) => sum + count, 0)
    return { total: this.#total, facets, other: this.#total - listed }
  }

  /** Without sorting all: there may be 50,000. */
  #largest(limit: number): readonly Counted[] {
    const largest: Counted[] = []
    let last: Counted | undefined
    for (const counted of this.#counts) {
      if (last !== undefined && compareCounts(counted, last) > 0) continue
      largest.push(counted)
      if (largest.length < 2 * limit) continue
      largest.sort(compareCounts)
      largest.length = limit
      last = largest.at(-1)
    }
    return largest.sort(compareCounts).slice(0, limit)
  }
}

type Counted = readonly [value: FacetValue, count: number]

/** The larger first, equal ones by value. */
function compareCounts([a, countOfA]: Counted, [b, countOfB]: Counted): number {
  if (countOfA !== countOfB) return countOfB - countOfA
  if (a === null || b === null) return a === null ? -1 : 1
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : 1
}

function facetOf(by: FacetKey, { columns, now, rule }: Asked): FacetOf {
  const {
    clientIds,
    owners,
    ownerTexts,
    profiles,
    profileValues,
    connections,
    addresses,
    flags,
    expirySeconds,
  } = columns
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
      return prefixOf(clientIds)
    case 'owner':
      return row => textOrNull(ownerTexts.value(owners[row]!))
    case 'ip':
      return row => addresses[row] || addressOf(connections[row]?.address)
    case 'expiry':
      return row => {
        if (expirySeconds[row] === NEVER) return 'never'
        return expirySources[(flags[row]! & SOURCE_MASK) >> SOURCE_SHIFT]!
      }
    case 'pinned':
      return row => `${(flags[row]! & PINNED) !== 0}`
  }
}

/** Hands out the same string for most rows of one family: to make and to hash a new one costs more than all else. */
function prefixOf(clientIds: readonly string[]): FacetOf {
  const latestOfLength: string[] = []
  return row => {
    const clientId = clientIds[row]!
    const length = clientIdPrefixLength(clientId)
    if (length === 0) return null
    const latest = latestOfLength[length]
    if (latest !== undefined && clientId.startsWith(latest)) return latest
    const prefix = clientId.slice(0, length)
    latestOfLength[length] = prefix
    return prefix
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

function textOf(value: FacetValue): string | null {
  if (typeof value !== 'number') return value
  return formatAddressRange({ family: 4, groups: [value >>> 16, value & 0xffff], prefixLength: 32 })
}

function addressOf(address: string | undefined): string | null {
  const range = address === undefined ? undefined : parseAddressRange(address)
  return range === undefined ? null : formatAddressRange(range)
}

function textOrNull(fact: string | number | boolean | undefined): string | null {
  return fact === undefined || fact === '' ? null : `${fact}`
}
