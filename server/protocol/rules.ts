// Which topic names, topic filters and shared filters are valid (5.0 sections 4.7 and 4.8).

import type { TopicLimits } from './topic.ts'

/** A shared subscription, `$share/{group}/{filter}` [MQTT5-4.8.2-1] [MQTT5-4.8.2-2]. */
export interface SharedFilter {
  readonly group: string
  readonly filter: string
}

const SHARE_PREFIX = '$share/'

/**
 * Why `topic` is not a topic name, as one sentence, or undefined when it is one: at least one character
 * [MQTT5-4.7.3-1] [MQTT3-4.7.3-1], no U+0000 [MQTT5-4.7.3-2], no wildcards [MQTT5-4.7.0-1], within the limits.
 */
export function topicNameProblem(topic: string, limits: TopicLimits): string | undefined {
  if (topic.includes('+') || topic.includes('#')) return 'the topic name contains a wildcard'
  return sizeProblem('topic name', topic, topic, limits)
}

/**
 * Why `filter`, plain or shared, is not a topic filter, as one sentence, or undefined when it is one:
 * `#` alone in the last level [MQTT5-4.7.1-1], `+` alone in its level [MQTT5-4.7.1-2], a valid share [MQTT5-4.8.2-1].
 */
export function topicFilterProblem(filter: string, limits: TopicLimits): string | undefined {
  const shared = parseSharedFilter(filter)
  if (shared !== undefined && 'problem' in shared) return shared.problem
  const plain = shared === undefined ? filter : shared.filter
  return sizeProblem('topic filter', filter, plain, limits) ?? wildcardProblem(plain)
}

/**
 * The parts of a shared filter; undefined for a plain one; `problem`, one sentence, when it begins as a
 * shared filter and is none. The filter behind the group is not judged beyond being there.
 */
export function parseSharedFilter(filter: string): SharedFilter | { readonly problem: string } | undefined {
  if (!filter.startsWith(SHARE_PREFIX)) return undefined
  const slash = filter.indexOf('/', SHARE_PREFIX.length)
  const group = filter.slice(SHARE_PREFIX.length, slash < 0 ? filter.length : slash)
  if (group === '') return { problem: 'the group of the shared subscription is empty' }
  if (group.includes('+') || group.includes('#')) {
    return { problem: 'the group of the shared subscription contains a wildcard' }
  }
  const behind = slash < 0 ? '' : filter.slice(slash + 1)
  if (behind === '') return { problem: 'the shared subscription has no topic filter behind its group' }
  return { group, filter: behind }
}

function sizeProblem(what: string, whole: string, plain: string, limits: TopicLimits): string | undefined {
  if (plain === '') return `the ${what} is empty`
  // A string has at least as many bytes as UTF-16 units, so that a huge one is not measured.
  if (whole.length > limits.topicBytesMax || Buffer.byteLength(whole) > limits.topicBytesMax) {
    return `the ${what} is longer than ${limits.topicBytesMax} bytes`
  }
  if (whole.includes('\u0000')) return `the ${what} contains U+0000`
  // Strings from the admin side may hold what no wire bytes can spell.
  if (!whole.isWellFormed()) return `the ${what} contains a lone surrogate`
  let levels = 1
  for (let slash = plain.indexOf('/'); slash >= 0; slash = plain.indexOf('/', slash + 1)) levels++
  if (levels > limits.topicLevelsMax) return `the ${what} has more than ${limits.topicLevelsMax} levels`
  return undefined
}

function wildcardProblem(filter: string): string | undefined {
  const last = filter.length - 1
  for (let index = 0; index <= last; index++) {
    const character = filter[index]
    if (character !== '+' && character !== '#') continue
    const opensLevel = index === 0 || filter[index - 1] === '/'
    if (character === '+') {
      const closesLevel = index === last || filter[index + 1] === '/'
      if (!opensLevel || !closesLevel) return 'the topic filter has a + that is not alone in its level'
    } else if (!opensLevel || index !== last) {
      return 'the topic filter has a # that is not alone in the last level'
    }
  }
  return undefined
}
