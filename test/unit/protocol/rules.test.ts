// Valid topic names, topic filters and shared filters.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSharedFilter, topicFilterProblem, topicNameProblem } from '../../../server/protocol/rules.ts'

const limits = { topicBytesMax: 4096, topicLevelsMax: 64 }
const levels = (count: number) => '/'.repeat(count - 1)

/** The clause behind each problem that has one. */
const clauses: readonly (readonly [start: string, tags: string])[] = [
  ['the topic name contains a wildcard', '[MQTT5-4.7.0-1] [MQTT3-4.7.1-1]'],
  ['the topic filter has a #', '[MQTT5-4.7.1-1] [MQTT3-4.7.1-2]'],
  ['the topic filter has a +', '[MQTT5-4.7.1-2] [MQTT3-4.7.1-3]'],
  ['the topic name is empty', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  ['the topic filter is empty', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  ['the topic name contains U+0000', '[MQTT5-4.7.3-2] [MQTT3-4.7.3-2]'],
  ['the topic filter contains U+0000', '[MQTT5-4.7.3-2] [MQTT3-4.7.3-2]'],
  ['the group of the shared subscription is empty', '[MQTT5-4.8.2-1]'],
  ['the group of the shared subscription contains', '[MQTT5-4.8.2-2]'],
  ['the shared subscription has no topic filter', '[MQTT5-4.8.2-2]'],
]

function clauseOf(problem: string): string {
  return clauses.find(([start]) => problem.startsWith(start))?.[1] ?? ''
}

for (const topic of [
  'a',
  '/',
  '//',
  'a/b/c',
  '/a/',
  ' ',
  'a b',
  '$SYS/x',
  '$',
  'ä',
  '🦊',
  '\u0001',
  '__proto__',
  levels(64),
  'x'.repeat(4096),
]) {
  test(`${JSON.stringify(topic.slice(0, 40))} of ${topic.length} characters is a topic name and a topic filter`, () => {
    assert.equal(topicNameProblem(topic, limits), undefined)
    assert.equal(topicFilterProblem(topic, limits), undefined)
  })
}

for (const [topic, problem] of [
  ['', 'the topic name is empty'],
  ['a/+', 'the topic name contains a wildcard'],
  ['#', 'the topic name contains a wildcard'],
  ['a+b', 'the topic name contains a wildcard'],
  ['a\0', 'the topic name contains U+0000'],
  ['\ud800', 'the topic name contains a lone surrogate'],
  [levels(65), 'the topic name has more than 64 levels'],
  ['x'.repeat(4097), 'the topic name is longer than 4096 bytes'],
  ['ä'.repeat(2049), 'the topic name is longer than 4096 bytes'],
] as const) {
  test(`no topic name: ${problem} (${topic.length} characters) ${clauseOf(problem)}`, () => {
    assert.equal(topicNameProblem(topic, limits), problem)
  })
}

for (const filter of [
  '#',
  '+',
  '/#',
  '+/+',
  'a/#',
  'a/+/b',
  '+/#',
  '/+',
  '$share',
  '$sharex/a',
  '$share/g/a',
  '$share/g/#',
  '$share/g//',
  '$share/g/+/b',
  '$share/g/$share/h/a',
  '$SYS/#',
  `$share/g/${levels(64)}`,
]) {
  test(`${filter.slice(0, 40)} is a topic filter [MQTT5-4.7.1-1] [MQTT5-4.7.1-2] [MQTT3-4.7.1-2] [MQTT3-4.7.1-3]`, () => {
    assert.equal(topicFilterProblem(filter, limits), undefined)
  })
}

const loneHash = 'the topic filter has a # that is not alone in the last level'
const lonePlus = 'the topic filter has a + that is not alone in its level'

for (const [filter, problem] of [
  ['', 'the topic filter is empty'],
  ['a#', loneHash],
  ['#a', loneHash],
  ['#/a', loneHash],
  ['a/#/b', loneHash],
  ['##', loneHash],
  ['a/b#', loneHash],
  ['+#', lonePlus],
  ['a+', lonePlus],
  ['+a', lonePlus],
  ['++', lonePlus],
  ['a/b+/c', lonePlus],
  ['a/+b/c', lonePlus],
  ['a\0b', 'the topic filter contains U+0000'],
  ['\udfff/#', 'the topic filter contains a lone surrogate'],
  [levels(65), 'the topic filter has more than 64 levels'],
  [`$share/g/${levels(65)}`, 'the topic filter has more than 64 levels'],
  ['x'.repeat(4097), 'the topic filter is longer than 4096 bytes'],
  [`$share/${'g'.repeat(4096)}/a`, 'the topic filter is longer than 4096 bytes'],
  ['$share/g/a#', loneHash],
  ['$share//a', 'the group of the shared subscription is empty'],
  ['$share/', 'the group of the shared subscription is empty'],
  ['$share/g', 'the shared subscription has no topic filter behind its group'],
  ['$share/g/', 'the shared subscription has no topic filter behind its group'],
  ['$share/+/a', 'the group of the shared subscription contains a wildcard'],
  ['$share/g#/a', 'the group of the shared subscription contains a wildcard'],
  ['$share/#', 'the group of the shared subscription contains a wildcard'],
] as const) {
  test(`${JSON.stringify(filter.slice(0, 40))} is no topic filter: ${problem} ${clauseOf(problem)}`, () => {
    assert.equal(topicFilterProblem(filter, limits), problem)
  })
}

test('a shared filter is its group and the filter behind it [MQTT5-4.8.2-1] [MQTT5-4.8.2-2]', () => {
  assert.deepEqual(parseSharedFilter('$share/g/a/#'), { group: 'g', filter: 'a/#' })
  assert.deepEqual(parseSharedFilter('$share/__proto__//a'), { group: '__proto__', filter: '/a' })
  assert.equal(parseSharedFilter('a/$share/g'), undefined)
  assert.equal(parseSharedFilter('$share'), undefined)
})

test('a filter of 65,535 slashes or wildcards is judged at once', () => {
  const started = performance.now()
  const wide = { topicBytesMax: 65_535, topicLevelsMax: 100_000 }
  for (const filter of ['/'.repeat(65_535), '+/'.repeat(32_767), '$share/'.repeat(9_000)]) {
    assert.equal(topicFilterProblem(filter, wide), undefined)
    assert.equal(typeof topicFilterProblem(filter, limits), 'string')
  }
  assert.ok(performance.now() - started < 500)
})
