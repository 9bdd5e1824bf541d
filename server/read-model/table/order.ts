// The order of a list: what of a row it goes by, and which of two rows comes first.

import { parseAddress } from '../../../shared/address.ts'
import type { SessionSort, SortKey } from '../../../shared/session-sort.ts'
import { sessionStates } from '../../../shared/session-summary.ts'
import { CONNECTED, type Profile } from './columns.ts'
import type { Asked } from './predicate.ts'
import { fullPercentOf, stateOf, stuckCauseOf } from './state.ts'

/** Undefined: the row has no such value, and comes last. */
export type SortValue = number | string | undefined

/** Where a row is in its list; client identifiers make places differ. */
export interface Place {
  readonly value: SortValue
  readonly clientId: string
}

export interface Order {
  valueOf(row: number): SortValue
  /** Below zero when the first comes before the second. */
  compare(a: Place, b: Place): number
}

type ValueOf<T> = (row: number) => T | undefined

export function orderOf(sort: SessionSort, asked: Asked): Order {
  const before = sort.descending ? 1 : -1
  return {
    valueOf: numberOf(sort.key, asked) ?? textOf(sort.key, asked),
    compare: (a, b) => compareValues(a.value, b.value, before) || compareIds(a.clientId, b.clientId),
  }
}

/** `before` is what is said of the smaller one. */
function compareValues(a: SortValue, b: SortValue, before: number): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1
  return a < b ? before : -before
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function numberOf(key: SortKey, asked: Asked): ValueOf<number> | undefined {
  const { columns, now, rule } = asked
  const { queued, owed, bytes, dropped, subs, createdAt, since, flags, expiresAt } = columns
  switch (key) {
    case 'state':
      return row => sessionStates.indexOf(stateOf(columns, row, stuckCauseOf(columns, row, now, rule)))
    case 'queued':
      return row => queued[row]
    case 'bytes':
      return row => bytes[row]
    case 'full':
      return row => fullPercentOf(columns, row)
    case 'inflight':
      return row => owed[row]! - queued[row]!
    case 'dropped':
      return row => dropped[row]
    case 'subs':
      return row => subs[row]
    case 'expires':
      return row => finite(expiresAt[row]!)
    case 'seen':
      return row => ((flags[row]! & CONNECTED) === 0 ? since[row] : now)
    case 'connected':
      return row => ((flags[row]! & CONNECTED) === 0 ? undefined : since[row])
    case 'created':
      return row => createdAt[row]
    case 'ip':
      return row => addressNumber(columns, row)
    default:
      return undefined
  }
}

function textOf(key: SortKey, { columns }: Asked): ValueOf<string> {
  const { clientIds, owners, ownerTexts } = columns
  switch (key) {
    case 'owner':
      return row => named(ownerTexts.value(owners[row]!))
    case 'proto':
      return ofProfile(columns, profile => `${profile.protocolVersion}`)
    case 'transport':
      return ofProfile(columns, profile => profile.transport)
    case 'origin':
      return ofProfile(columns, profile => profile.origin)
    case 'agent':
      return ofProfile(columns, profile => profile.userAgent)
    case 'path':
      return ofProfile(columns, profile => profile.path)
    default:
      return row => clientIds[row]
  }
}

function ofProfile(
  { profiles, profileValues }: Asked['columns'],
  text: (profile: Profile) => string | undefined,
): ValueOf<string> {
  return row => {
    const profile = profileValues.value(profiles[row]!)
    return profile === undefined ? undefined : named(text(profile))
  }
}

/** IPv4 before IPv6, of which the first 48 bits count, the network of one place: more has no room in a number. */
function addressNumber({ addresses, connections }: Asked['columns'], row: number): number | undefined {
  const v4 = addresses[row]!
  if (v4 !== 0) return v4
  const address = connections[row]?.address
  const groups = address === undefined ? undefined : parseAddress(address)
  if (groups === undefined) return undefined
  const [a = 0, b = 0, c = 0] = groups
  return 2 ** 32 + (a * 65_536 + b) * 65_536 + c
}

function named(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function finite(number: number): number | undefined {
  return number === Number.POSITIVE_INFINITY ? undefined : number
}
