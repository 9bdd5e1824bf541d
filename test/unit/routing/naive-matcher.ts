// Section 4.7 word by word, and random filters and topics to hold quicker matchers against it.

import type { SeededRandom } from '../../fuzz/seeded-random.ts'

/** Whether the topic filter matches the topic name: slow, and short enough to be seen to be right. */
export function matchesNaively(topicFilter: string, topicName: string): boolean {
  if (topicName.startsWith('$') && /^[+#]/.test(topicFilter)) return false
  return levelsMatch(topicFilter.split('/'), topicName.split('/'))
}

function levelsMatch(filter: readonly string[], topic: readonly string[]): boolean {
  const [level, ...rest] = filter
  if (level === '#') return true
  if (level === undefined || topic.length === 0) return level === undefined && topic.length === 0
  return (level === '+' || level === topic[0]) && levelsMatch(rest, topic.slice(1))
}

/** Few, so that random filters and topics meet; with empty levels, $ and names that objects have already. */
const words = ['', 'a', 'b', 'ab', '$', '$SYS', '__proto__', 'constructor', 'ä', '\ufeffa', '🦊']

export function randomTopicName(random: SeededRandom): string {
  return random.list(5, () => random.pick(words), 1).join('/') || 'a'
}

export function randomTopicFilter(random: SeededRandom): string {
  const levels = random.list(5, () => (random.once(3) ? '+' : random.pick(words)), 1)
  if (random.once(3)) levels.push('#')
  if (random.once(20)) return '#'
  return levels.join('/') || '+'
}
