// The topic trie: against a naive matcher on random filters and topics, while values come and go.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { TopicTrie } from '../../../server/routing/topic-trie.ts'
import { fuzz, type SeededRandom } from '../../fuzz/seeded-random.ts'
import { matchesNaively, randomTopicFilter, randomTopicName } from './naive-matcher.ts'

interface Value {
  readonly filter: string
  readonly number: number
}

function numbersOf(values: readonly Value[]): number[] {
  return values.map(value => value.number).toSorted((one, other) => one - other)
}

const table: readonly [filter: string, matching: readonly string[], others: readonly string[]][] = [
  ['#', ['a', 'a/b', '/', ''], ['$a', '$SYS/x']],
  ['+', ['a', ''], ['a/b', '/', '$a']],
  ['a/#', ['a', 'a/', 'a/b/c'], ['ab', 'A', '/a']],
  ['a/+', ['a/', 'a/b'], ['a', 'a/b/c', 'a//']],
  ['+/b', ['a/b', '/b'], ['b', '$a/b', 'a/b/']],
  ['/+', ['/', '/a'], ['a', '//']],
  ['$SYS/#', ['$SYS', '$SYS/a'], ['SYS/a', '$SYSa']],
  ['$SYS/+', ['$SYS/a', '$SYS/$b'], ['$SYS']],
  ['a/+/c/#', ['a/b/c', 'a//c/d'], ['a/c', 'a/b/d/c']],
  ['__proto__', ['__proto__'], ['constructor', 'toString']],
  ['constructor/+', ['constructor/__proto__'], ['constructor']],
]

for (const [filter, matching, others] of table) {
  test(`matches ${filter} as section 4.7 says [MQTT5-4.7.1-1] [MQTT5-4.7.1-2] [MQTT5-4.7.2-1] [MQTT3-4.7.1-2] [MQTT3-4.7.1-3] [MQTT3-4.7.2-1]`, () => {
    const trie = new TopicTrie<Value>()
    const value = { filter, number: 1 }
    trie.add(filter, value)
    for (const topic of matching) assert.deepEqual(trie.match(topic), [value], topic)
    for (const topic of others) assert.deepEqual(trie.match(topic), [], topic)
    for (const topic of [...matching, ...others]) {
      if (topic !== '') assert.equal(matchesNaively(filter, topic), matching.includes(topic), topic)
    }
    assert.equal(trie.remove(filter, value), true)
    for (const topic of matching) assert.deepEqual(trie.match(topic), [], topic)
  })
}

test('gives a value twice that was added under two matching filters', () => {
  const trie = new TopicTrie<Value>()
  const value = { filter: '', number: 1 }
  trie.add('a/+', value)
  trie.add('a/#', value)
  assert.deepEqual(trie.match('a/b'), [value, value])
  trie.remove('a/+', value)
  assert.deepEqual(trie.match('a/b'), [value])
})

test('removes only what is there', () => {
  const trie = new TopicTrie<Value>()
  const value = { filter: 'a/b', number: 1 }
  trie.add('a/b', value)
  assert.equal(trie.remove('a/b', { ...value }), false)
  assert.equal(trie.remove('a', value), false)
  assert.equal(trie.remove('a/b/c', value), false)
  assert.equal(trie.remove('a/+', value), false)
  assert.equal(trie.remove('__proto__', value), false)
  assert.equal(trie.remove('a/b', value), true)
  assert.equal(trie.remove('a/b', value), false)
  assert.deepEqual(trie.match('a/b'), [])
})

test('holds 100,000 values under one filter and takes each out again in linear time', () => {
  const trie = new TopicTrie<Value>()
  const values = Array.from({ length: 100_000 }, (_, number) => ({ filter: 'one', number }))
  const started = performance.now()
  for (const value of values) trie.add('one', value)
  assert.equal(trie.match('one').length, values.length)
  for (const value of values) assert.equal(trie.remove('one', value), true)
  assert.deepEqual(trie.match('one'), [])
  const tookMs = performance.now() - started
  assert.ok(tookMs < 2_000, `took ${tookMs} ms`)
})

/** One step: most often something comes, sometimes one goes, and now and then all go. */
function change(random: SeededRandom, trie: TopicTrie<Value>, held: Value[], number: number): void {
  if (random.once(40)) {
    for (const value of held.splice(0)) assert.equal(trie.remove(value.filter, value), true)
    return
  }
  if (random.once(3) && held.length > 0) {
    const [value] = held.splice(random.below(held.length), 1)
    assert.ok(value !== undefined && trie.remove(value.filter, value))
    assert.equal(trie.remove(value.filter, value), false)
    return
  }
  const copies = random.once(50) ? 40 : 1
  const filter = randomTopicFilter(random)
  for (let copy = 0; copy < copies; copy++) {
    const value = { filter, number: number * 100 + copy }
    held.push(value)
    trie.add(filter, value)
  }
}

{
  const trie = new TopicTrie<Value>()
  const held: Value[] = []
  let number = 0
  fuzz('finds what a naive matcher finds, whatever came and went before', random => {
    change(random, trie, held, number++)
    for (let count = 0; count < 4; count++) {
      const topic = randomTopicName(random)
      const expected = held.filter(value => matchesNaively(value.filter, topic))
      assert.deepEqual(numbersOf(trie.match(topic)), numbersOf(expected), topic)
    }
  })
}

test('keeps no memory of filters that have gone', () => {
  const trie = new TopicTrie<Value>()
  const value = { filter: '', number: 0 }
  const before = heapBytes()
  for (let round = 0; round < 40; round++) {
    for (let index = 0; index < 5_000; index++) trie.add(`gone/${round}/${index}/a/b/c/#`, value)
    for (let index = 0; index < 5_000; index++) trie.remove(`gone/${round}/${index}/a/b/c/#`, value)
  }
  const grownMiB = (heapBytes() - before) / 2 ** 20
  // Kept, 200,000 filters of seven levels would be more than 100 MiB.
  assert.ok(grownMiB < 50, `the heap has grown by ${grownMiB} MiB`)
  assert.deepEqual(trie.match('gone/1/1/a/b/c/d'), [])
})

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
