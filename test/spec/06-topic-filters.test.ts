// Topic filters and topic names: which are valid, which are refused, and which match, compared as they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

const hash = '[MQTT5-4.7.1-1] [MQTT3-4.7.1-2]'
const plus = '[MQTT5-4.7.1-2] [MQTT3-4.7.1-3]'
const group = '[MQTT5-4.8.2-1]'
const share = '[MQTT5-4.8.2-2]'
const levels64 = Array.from({ length: 64 }, () => 'l').join('/')

const refused: readonly [filter: string, clauses: string][] = [
  ['', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  ['sport#', hash],
  ['sport/tennis#', hash],
  ['sport/#/ranking', hash],
  ['#/sport', hash],
  ['##', hash],
  ['sport/##', hash],
  ['#a', hash],
  ['sport+', plus],
  ['+sport', plus],
  ['a/b+/c', plus],
  ['a/+b/c', plus],
  ['++', plus],
  ['+#', plus],
  ['$share/', group],
  ['$share//a', group],
  ['$share/g', share],
  ['$share/g/', share],
  ['$share/g+/a', share],
  ['$share/+/a', share],
  ['$share/g#/a', share],
  ['$share/#/a', share],
  ['$share/#', share],
  ['$share/g/a#', hash],
  ['$share/g/#/a', hash],
  ['$share/g/a+', plus],
  [`${levels64}/l`, ''],
  ['x'.repeat(4_097), ''],
]

const accepted: readonly [filter: string, clauses: string][] = [
  ['#', hash],
  ['sport/#', hash],
  ['/#', hash],
  ['+', plus],
  ['+/+', plus],
  ['/+', plus],
  ['+/', plus],
  ['+/tennis/#', plus],
  ['sport/+/player1', plus],
  ['/', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  ['//', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  [' ', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  ['$', ''],
  ['$share', ''],
  ['$shared/g/a', ''],
  ['$SHARE/g/a', ''],
  ['$share/g/a', group],
  ['$share/$/a', group],
  ['$share/g/#', share],
  ['$share/g/+', share],
  ['$share/g//', share],
  ['$share/g/$share/g/a', share],
  [levels64, ''],
  ['x'.repeat(4_096), ''],
]

function shown(filter: string): string {
  return filter.length > 40 ? `${filter.slice(0, 12)}... of ${filter.length} characters` : filter
}

/** One title names the clauses of its version; shared subscriptions are a matter of 5.0. */
function named(clauses: string, protocolVersion: number): string {
  const standard = protocolVersion === 5 ? '[MQTT5-' : '[MQTT3-'
  return clauses
    .split(' ')
    .filter(clause => clause.startsWith(standard))
    .join(' ')
}

for (const protocolVersion of protocolVersions) {
  const failure = protocolVersion === 5 ? 0x8f : 0x80

  for (const [filter, clauses] of refused) {
    test(`refuses the filter "${shown(filter)}" in version ${protocolVersion} ${named(clauses, protocolVersion)}`, async () => {
      const client = await RawClient.connected(broker, {}, { protocolVersion })
      const { granted } = await client.subscribe([
        { topic: filter, qos: 2 },
        { topic: `good/${protocolVersion}`, qos: 1 },
      ])
      assert.deepEqual(granted, [failure, 1])
      await client.publish({ topic: `good/${protocolVersion}`, payload: 'x' })
      await client.expect('publish', { payload: 'x' })
    })
  }

  for (const [filter, clauses] of accepted) {
    test(`accepts the filter "${shown(filter)}" in version ${protocolVersion} ${named(clauses, protocolVersion)}`, async () => {
      const client = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
      assert.deepEqual((await client.subscribe(filter, 1)).granted, [1])
    })
  }
}

/** Topic names that differ from `a` in what a normalization would hide. */
const lookalikes = [
  'a',
  'A',
  ' a',
  'a ',
  '/a',
  'a/',
  '//a',
  'a//',
  'á',
  'a\u0301',
  '%61',
  '\\a',
  'a\u200b',
  'ａ',
]

for (const protocolVersion of protocolVersions) {
  test(`matches topics of version ${protocolVersion} as they are, without any normalization [MQTT5-4.7.3-4] [MQTT3-4.7.3-4]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const publisher = await RawClient.connected(broker, {}, { protocolVersion })
    for (const filter of lookalikes) {
      await client.subscribe(`as-is${protocolVersion}/${filter}`)
      for (const topic of lookalikes) {
        await publisher.publish({ topic: `as-is${protocolVersion}/${topic}`, payload: topic, qos: 1 })
      }
      await client.expect('publish', { payload: filter })
      await client.ping()
      await client.unsubscribe(`as-is${protocolVersion}/${filter}`)
    }
  })

  test(`keeps topics that begin with $ from filters of version ${protocolVersion} that begin with a wildcard [MQTT5-4.7.2-1] [MQTT3-4.7.2-1]`, async () => {
    const topic = `$own${protocolVersion}/x`
    const publisher = await RawClient.connected(broker)
    await publisher.publish({ topic, payload: 'retained', qos: 1, retain: true })
    const wild = await RawClient.connected(broker, {}, { protocolVersion })
    for (const filter of ['#', '+/x', '+/#', '+/+']) {
      await wild.subscribe(filter)
      await wild.ping()
    }
    const direct = await RawClient.connected(broker, {}, { protocolVersion })
    for (const filter of [topic, `$own${protocolVersion}/#`, `$own${protocolVersion}/+`]) {
      await direct.subscribe(filter)
      await direct.expect('publish', { topic, payload: 'retained' })
    }
    await publisher.publish({ topic, payload: 'live', qos: 1 })
    await direct.expect('publish', { topic, payload: 'live' })
    await wild.ping()
  })
}

/** The specification's examples, and what surrounds them. */
const examples: readonly [filter: string, matching: readonly string[], others: readonly string[]][] = [
  [
    'sport/tennis/player1/#',
    ['sport/tennis/player1', 'sport/tennis/player1/ranking/x'],
    ['sport/tennis', 'sport/tennis/player10'],
  ],
  ['sport/#', ['sport', 'sport/', 'sport/x'], ['sports', 'Sport', '/sport']],
  [
    'sport/tennis/+',
    ['sport/tennis/player1', 'sport/tennis/'],
    ['sport/tennis', 'sport/tennis/player1/ranking'],
  ],
  ['sport/+', ['sport/', 'sport/x'], ['sport', 'sport//']],
  ['+/+', ['/finance', 'a/b', '/'], ['finance', '/a/b']],
  ['/+', ['/finance', '/'], ['finance', '//']],
  ['+', ['finance', ' '], ['/finance', 'finance/']],
  ['+/#', ['a', 'a/b', '/'], ['$a', '$a/b']],
]

for (const [filter, matching, others] of examples) {
  test(`matches with ${filter} what the specification says [MQTT5-4.7.1-1] [MQTT5-4.7.1-2] [MQTT3-4.7.1-2] [MQTT3-4.7.1-3] [MQTT5-3.3.2-3] [MQTT3-3.3.2-3]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion: 4 })
    await client.subscribe(filter)
    for (const topic of [...others, ...matching]) {
      await client.publish({ topic, payload: 'x', qos: 1 })
    }
    for (const topic of matching) await client.expect('publish', { topic })
    await client.ping()
  })
}

/** The rules of section 4.7 word by word, slowly. */
function matchesSlowly(filter: readonly string[], topic: readonly string[]): boolean {
  const [level, ...rest] = filter
  if (level === '#') return true
  if (level === undefined) return topic.length === 0
  if (topic.length === 0) return false
  return (level === '+' || level === topic[0]) && matchesSlowly(rest, topic.slice(1))
}

test('delivers random topics to random filters as a slow matcher does [MQTT5-3.3.2-3] [MQTT3-3.3.2-3]', async t => {
  const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`HOLDFAST_FUZZ_SEED=${seed}`)
  const random = new SeededRandom(seed)
  const words = ['', 'a', 'b', '__proto__']
  const client = await RawClient.connected(broker)
  for (let round = 0; round < 40; round++) {
    const filter = random.list(4, () => random.pick([...words, '+', '+']), 1)
    if (random.once(3)) filter.push('#')
    const whole = ['random', ...filter]
    await client.subscribe(whole.join('/'))
    const topics = random.list(12, () => ['random', ...random.list(4, () => random.pick(words))], 6)
    for (const topic of topics) await client.publish({ topic: topic.join('/'), payload: 'x', qos: 1 })
    for (const topic of topics.filter(one => matchesSlowly(whole, one))) {
      await client.expect('publish', { topic: topic.join('/') })
    }
    await client.ping()
    await client.unsubscribe(whole.join('/'))
  }
})
