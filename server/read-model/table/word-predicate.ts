// Terms with fixed words: states, and what is known of the latest connection.

import type { KeyOf } from '../../../shared/filter-keys.ts'
import type { SessionState } from '../../../shared/session-summary.ts'
import {
  CONFLICT,
  CONNECTED,
  type Columns,
  expirySources,
  HELD,
  NEVER,
  PINNED,
  type Profile,
  SOURCE_MASK,
  SOURCE_SHIFT,
} from './columns.ts'
import { eachOnce } from './interned.ts'
import type { Asked, Predicate } from './predicate.ts'
import { stuckCauseOf } from './state.ts'

type State = SessionState | ''

export function compileWord(key: KeyOf<'word'>, words: readonly string[], asked: Asked): Predicate {
  const { columns, now, rule } = asked
  const isStuck: Predicate = row => stuckCauseOf(columns, row, now, rule) !== undefined
  switch (key) {
    case 'state':
      return anyOf(words.map(word => ofState(word as State, columns, isStuck)))
    case 'stuck':
      return yesOrNo(words, isStuck)
    case 'held':
      return yesOrNo(words, ofFlag(columns, HELD))
    case 'pinned':
      return yesOrNo(words, ofFlag(columns, PINNED))
    case 'expiry':
      return anyOf(words.map(word => ofExpiry(word, columns)))
    case 'clean':
      return ofProfile(columns, words, profile => profile.cleanStart)
    case 'proto':
      return ofProfile(columns, words, profile => profile.protocolVersion)
    case 'transport':
      return ofProfile(columns, words, profile => profile.transport)
  }
}

/** Not the one state that a summary names: an offline session that waits or is stuck is offline all the same. */
function ofState(state: State, columns: Columns, isStuck: Predicate): Predicate {
  const { queued } = columns
  const isConnected = ofFlag(columns, CONNECTED)
  switch (state) {
    case 'online':
      return isConnected
    case 'offline':
      return row => !isConnected(row)
    case 'waiting':
      return row => !isConnected(row) && queued[row]! > 0
    case 'stuck':
      return isStuck
    case 'conflict':
      return ofFlag(columns, CONFLICT)
    case '':
      return never
  }
}

function ofExpiry(word: string, { flags, expirySeconds }: Columns): Predicate {
  if (word === 'never') return row => expirySeconds[row] === NEVER
  const source = (expirySources as readonly string[]).indexOf(word)
  return row => (flags[row]! & SOURCE_MASK) >> SOURCE_SHIFT === source
}

function ofProfile(
  { profiles, profileValues }: Columns,
  words: readonly string[],
  fact: (profile: Profile) => string | number | boolean,
): Predicate {
  const known = eachOnce(profileValues, profile =>
    words.includes(profile === undefined ? '' : `${fact(profile)}`),
  )
  return row => known(profiles[row]!)
}

function ofFlag({ flags }: Columns, flag: number): Predicate {
  return row => (flags[row]! & flag) !== 0
}

function yesOrNo(words: readonly string[], holds: Predicate): Predicate {
  return anyOf(words.map(word => (word === 'true' ? holds : word === 'false' ? row => !holds(row) : never)))
}

function anyOf(predicates: readonly Predicate[]): Predicate {
  const [only] = predicates
  if (predicates.length === 1 && only !== undefined) return only
  return row => predicates.some(holds => holds(row))
}

function never(): boolean {
  return false
}
