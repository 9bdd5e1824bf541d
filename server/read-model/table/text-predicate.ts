// Terms about texts, addresses and subscriptions: their values are alternatives, and empty means that there is none.

import { isInRange, parseAddress, parseAddressRange } from '../../../shared/address.ts'
import { clientIdPrefix } from '../../../shared/client-id-prefix.ts'
import type { KeyOf } from '../../../shared/filter-keys.ts'
import { unescapeGlob } from '../../../shared/filter-values.ts'
import { matchesTopic } from '../../../shared/topic-match.ts'
import type { Columns, Profile } from './columns.ts'
import { compileGlob, type TextPredicate } from './glob.ts'
import { eachOnce } from './interned.ts'
import type { Predicate } from './predicate.ts'

type TextKey = KeyOf<'text' | 'address' | 'topic'>

export function compileText(key: TextKey, values: readonly string[], columns: Columns): Predicate {
  const { clientIds, owners, ownerTexts, profiles, profileValues } = columns
  const ofProfile = (text: (profile: Profile) => string | undefined): Predicate => {
    const matches = anyGlob(values)
    const known = eachOnce(profileValues, profile => matches((profile && text(profile)) ?? ''))
    return row => known(profiles[row]!)
  }
  switch (key) {
    case 'id': {
      const matches = anyGlob(values)
      return row => matches(clientIds[row]!)
    }
    case 'prefix': {
      const matches = anyGlob(values)
      return row => matches(clientIdPrefix(clientIds[row]!))
    }
    case 'owner': {
      const known = eachOnce(ownerTexts, anyGlob(values))
      return row => known(owners[row]!)
    }
    case 'origin':
      return ofProfile(profile => profile.origin)
    case 'agent':
      return ofProfile(profile => profile.userAgent)
    case 'path':
      return ofProfile(profile => profile.path)
    case 'sub':
      return ofSubscriptions(columns, values)
    case 'topic':
      return withSubscription(columns, topicFilter => values.some(topic => matchesTopic(topicFilter, topic)))
    case 'ip':
      return inAnyRange(columns, values)
  }
}

/** Exact texts are looked up, the others tried one after the other. */
function anyGlob(globs: readonly string[]): TextPredicate {
  if (globs.length === 1) return compileGlob(globs[0]!)
  const exact = new Set<string>()
  const others: TextPredicate[] = []
  for (const glob of globs) {
    const text = unescapeGlob(glob)
    if (/(?<!\\)(?:\\\\)*[*?]/.test(glob)) others.push(compileGlob(glob))
    else exact.add(text)
  }
  return text => exact.has(text) || others.some(matches => matches(text))
}

function ofSubscriptions(columns: Columns, globs: readonly string[]): Predicate {
  const named = globs.filter(glob => glob !== '')
  const matches = named.length === 0 ? () => false : anyGlob(named)
  const some = withSubscription(columns, matches)
  if (named.length === globs.length) return some
  return row => columns.subs[row] === 0 || some(row)
}

function withSubscription({ subscriptions, subs }: Columns, matches: TextPredicate): Predicate {
  return row => {
    const own = subscriptions[row]!
    const count = subs[row]!
    for (let index = 0; index < count; index++) if (matches(own[index]!.topicFilter)) return true
    return false
  }
}

function inAnyRange({ addresses, connections }: Columns, values: readonly string[]): Predicate {
  const ranges = values.flatMap(value => parseAddressRange(value) ?? [])
  const none = values.includes('')
  return row => {
    const v4 = addresses[row]!
    const connection = connections[row]
    if (connection === undefined) return none
    const groups = v4 === 0 ? parseAddress(connection.address) : [v4 >>> 16, v4 & 0xffff]
    return groups !== undefined && ranges.some(range => isInRange(groups, range))
  }
}
