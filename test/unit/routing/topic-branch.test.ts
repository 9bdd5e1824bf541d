import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walkTopics } from '../../../server/routing/topic-branch.ts'
import { TopicTrie } from '../../../server/routing/topic-trie.ts'
import { matchesTopic } from '../../../shared/topic-match.ts'

const names = ['a', 'b', '', '$x']
const topics = names.flatMap(one => [
  one,
  ...names.flatMap(two => [`${one}/${two}`, ...names.map(three => `${one}/${two}/${three}`)]),
])

test('a walk finds what the filter matches, once each', () => {
  const trie = new TopicTrie<{ readonly topic: string }>()
  for (const topic of topics) if (topic !== '') trie.add(topic, { topic })
  const levels = ['a', '+', '', '$x']
  const filters = levels.flatMap(one => [
    one,
    `${one}/#`,
    ...levels.flatMap(two => [`${one}/${two}`, `${one}/${two}/#`, `${one}/${two}/+`]),
  ])
  for (const filter of ['#', ...filters].filter(one => one !== '')) {
    const found = [...walkTopics(trie.root, filter)].flatMap(one => (one === undefined ? [] : [one.topic]))
    const expected = topics.filter(topic => topic !== '' && matchesTopic(filter, topic))
    assert.deepEqual(found.sort(), expected.sort(), filter)
  }
})
