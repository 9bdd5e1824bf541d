import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesTopic } from '../../../shared/topic-match.ts'
import { filterLevels, isBroad, levelsOverlap } from '../../../shared/topic-overlap.ts'

const levels = ['a', 'b', '+', '$x']
const filters = [
  '#',
  ...levels.flatMap(one => [
    one,
    `${one}/#`,
    ...levels.flatMap(other => [`${one}/${other}`, `${one}/${other}/#`]),
  ]),
]
const names = ['a', 'b', 'c', '$x']
const topics = names.flatMap(one => [
  one,
  ...names.flatMap(two => [`${one}/${two}`, ...names.map(three => `${one}/${two}/${three}`)]),
])

test('two filters overlap when there is a topic that both match, and only then', () => {
  for (const one of filters)
    for (const other of filters) {
      const common = topics.some(topic => matchesTopic(one, topic) && matchesTopic(other, topic))
      assert.equal(levelsOverlap(filterLevels(one), filterLevels(other)), common, `${one} and ${other}`)
    }
})

test('what takes everything, or everything from some level on, is broad', () => {
  const broad = ['#', '+/#', '+/+/#', '$share/group/#', 'a/#', '+/+', '+/a/#', '/#', '$SYS/#'].filter(
    filter => isBroad(filterLevels(filter)),
  )
  assert.deepEqual(broad, ['#', '+/#', '+/+/#', '$share/group/#'])
})
