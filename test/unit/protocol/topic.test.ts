// Topic names by their bytes: which are valid, that the same bytes give the same name, and that the table stays bounded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOPIC_CACHE_BYTES_MAX, TOPIC_CACHE_TOPICS_MAX } from '../../../server/limits.ts'
import { isFault } from '../../../server/protocol/fault.ts'
import { topicNameProblem } from '../../../server/protocol/rules.ts'
import { Topic, TopicTable } from '../../../server/protocol/topic.ts'
import { fuzz, SeededRandom } from '../../fuzz/seeded-random.ts'

const limits = { topicBytesMax: 4096, topicLevelsMax: 64 }

function find(table: TopicTable, bytes: Buffer): Topic | string {
  const found = table.find(bytes, 0, bytes.length)
  return isFault(found) ? found.fault : found
}

const valid = ['a', '/', '//', ' ', '$', '$SYS/x', '\ufeffa', 'ä/🦊', '__proto__', 'a'.repeat(4096), '\u0001']

for (const name of valid) {
  test(`accepts the topic name ${name.slice(0, 20)} and keeps it as it is [MQTT5-1.5.4-3] [MQTT5-4.7.3-4] [MQTT3-1.5.3-3] [MQTT3-4.7.3-4]`, () => {
    const table = new TopicTable(limits)
    for (let count = 0; count < 2; count++) {
      const topic = find(table, Buffer.from(name))
      assert.ok(topic instanceof Topic)
      assert.equal(topic.name, name)
      assert.deepEqual(topic.bytes, Buffer.from(name))
    }
    const same = table.of(name)
    assert.ok(same instanceof Topic && same.name === name)
  })
}

const levels65 = Array.from({ length: 65 }, () => 'l').join('/')
const invalid: readonly [hex: string, fault: string, clauses: string][] = [
  ['', 'topic-name-invalid', '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'],
  ['23', 'topic-name-invalid', '[MQTT5-3.3.2-2] [MQTT3-3.3.2-2]'],
  ['612f2b2f62', 'topic-name-invalid', '[MQTT5-3.3.2-2] [MQTT3-3.3.2-2]'],
  ['610062', 'malformed-packet', '[MQTT5-1.5.4-2] [MQTT3-1.5.3-2]'],
  ['c080', 'malformed-packet', '[MQTT5-1.5.4-1] [MQTT3-1.5.3-1]'],
  ['eda080', 'malformed-packet', '[MQTT5-1.5.4-1] [MQTT3-1.5.3-1]'],
  ['c3', 'malformed-packet', '[MQTT5-1.5.4-1] [MQTT3-1.5.3-1]'],
  [Buffer.from('a'.repeat(4097)).toString('hex'), 'topic-name-invalid', ''],
  [Buffer.from(levels65).toString('hex'), 'topic-name-invalid', ''],
]

for (const [hex, fault, clauses] of invalid) {
  test(`refuses the topic name <${hex.slice(0, 20)}> of ${hex.length / 2} bytes with ${fault}, also the second time ${clauses}`, () => {
    const table = new TopicTable(limits)
    assert.equal(find(table, Buffer.from(hex, 'hex')), fault)
    assert.equal(find(table, Buffer.from(hex, 'hex')), fault)
  })
}

test('gives the same topic for the same bytes anywhere in a chunk, and does not keep the chunk', () => {
  const table = new TopicTable(limits)
  const chunk = Buffer.alloc(16)
  chunk.write('xxsport/tennisyy')
  const first = table.find(chunk, 2, 14)
  assert.equal(table.find(Buffer.from('sport/tennis'), 0, 12), first)
  chunk.fill(0)
  const again = find(table, Buffer.from('sport/tennis'))
  assert.equal(again, first)
  assert.ok(again instanceof Topic && again.bytes.buffer !== chunk.buffer)
})

test('does not remember long topics, and finds them all the same', () => {
  const table = new TopicTable(limits)
  const long = Buffer.alloc(TOPIC_CACHE_BYTES_MAX + 1, 'a')
  const first = find(table, long)
  const second = find(table, long)
  assert.ok(first instanceof Topic && second instanceof Topic)
  assert.notEqual(first, second)
  assert.equal(first.name, second.name)
})

test('forgets topics that nobody uses, and keeps the names of those in use right', () => {
  const table = new TopicTable(limits)
  const used = table.of('used')
  for (let index = 0; index < 3 * TOPIC_CACHE_TOPICS_MAX; index++) {
    table.of(`flood/${index}`)
    if (index % 10_000 !== 0) continue
    const topic = table.of('used')
    assert.ok(topic instanceof Topic && topic.name === 'used')
  }
  assert.notEqual(table.of('flood/0'), used)
})

/** FNV-1a of 32 bits, as an attacker would use it to find topics that collide. */
function fnv(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

test('keeps apart topics whose hashes collide', () => {
  const random = new SeededRandom(1)
  const byHash = new Map<number, string>()
  const colliding: string[] = []
  for (let count = 0; count < 250_000; count++) {
    const name = `c/${random.below(2 ** 32).toString(36)}${random.below(2 ** 32).toString(36)}`
    const hash = fnv(name)
    const other = byHash.get(hash)
    if (other === undefined) byHash.set(hash, name)
    else colliding.push(name, other)
  }
  assert.ok(colliding.length > 2, 'the search found no collision to test with')
  const table = new TopicTable(limits)
  for (let round = 0; round < 3; round++) {
    for (const name of colliding) {
      const topic = table.of(name)
      assert.ok(topic instanceof Topic && topic.name === name, name)
    }
  }
})

fuzz('judges random bytes as the rules for strings do', random => {
  const table = new TopicTable(limits)
  const parts = ['a', '/', '+', '#', '\u0000', 'ä', '🦊', '$', '\ufeff']
  const bytes = random.once(2)
    ? Buffer.from(random.list(8, () => random.pick(parts)).join(''))
    : random.bytes(random.pick([1, 3, 8]))
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const isText = Buffer.from(text).equals(bytes)
  const expected = isText && topicNameProblem(text, limits) === undefined
  const found = find(table, bytes)
  assert.equal(found instanceof Topic, expected, bytes.toString('hex'))
  if (found instanceof Topic) assert.equal(found.name, text)
})
