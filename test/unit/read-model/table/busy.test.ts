// A table with more to do than fits into one turn of the event loop.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FOLD_SESSIONS_MAX } from '../../../../server/limits.ts'
import { byClientId } from '../../../../shared/session-sort.ts'
import { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { filterOf, TableScene } from './table-scene.ts'

function sceneWith(sessions: number): TableScene {
  const scene = new TableScene()
  for (let index = 0; index < sessions; index++) scene.put(`c-${index}`, { queued: index % 7 })
  return scene
}

test('one session is found up to date while many others wait to be taken up', () => {
  const scene = sceneWith(20_000)
  const { table } = scene
  assert.equal(table.find('c-19999')?.queued.count, 19_999 % 7)
  assert.equal(table.totals.sessions < 20_000, true)
  scene.put('c-19999', { queued: 70 })
  assert.equal(table.find('c-19999')?.queued.count, 70)
  assert.equal(table.matches(filterOf('queued:70'), 'c-19999'), true)
  scene.end('c-19999')
  assert.equal(table.find('c-19999'), undefined)
})

test('a question is answered with everything that had changed before it', async () => {
  const scene = sceneWith(20_000)
  const counted = scene.table.count(filterOf(''))
  scene.put('late')
  assert.equal((await counted).at === 'found' && scene.table.totals.sessions >= 20_000, true)
  const again = await scene.table.count(filterOf('id:late'))
  assert.deepEqual(again.at === 'found' && again.count, 1)
})

test('what is much is told in several changes, each session in one of them', async () => {
  const scene = sceneWith(20_000)
  const told: string[] = []
  const turns = new Set<string>()
  scene.table.onFold(({ up, asOf }) => {
    turns.add(asOf)
    for (const row of up) told.push(scene.table.summary(row).clientId)
  })
  await scene.table.count(filterOf(''))
  assert.equal(new Set(told).size, 20_000)
  assert.equal(told.length, 20_000)
  assert.equal(turns.size, Math.ceil(20_000 / FOLD_SESSIONS_MAX))
})

test('an answer is about one moment, however many turns it takes and whatever happens in them', async () => {
  const scene = sceneWith(100_000)
  const { table } = scene
  const filter = filterOf('id:*1?2*,*3?4* queued>=3')
  const expected = [...scene.sessions.values()].filter(
    ({ clientId, queued }) => /1.2|3.4/.test(clientId) && queued >= 3,
  )
  assert.equal((await table.count(filter)).at, 'found')
  const random = new SeededRandom(5)
  const before = table.asOf
  let isAnswered = false
  let changes = 0
  const answers = Promise.all([
    table.page({ filter, sort: { key: 'queued', descending: true }, limit: 1_000 }),
    table.page({ filter, sort: byClientId, limit: 1_000 }),
  ]).finally(() => {
    isAnswered = true
  })
  while (!isAnswered) {
    await new Promise(resolve => setImmediate(resolve))
    // Only once the first is under way: from here on nothing may show in its answer.
    for (let count = 0; count < 500; count++) {
      const clientId = `c-${random.below(110_000)}`
      if (scene.sessions.has(clientId) && random.once(3)) scene.end(clientId)
      else scene.put(clientId, { queued: random.below(9) })
    }
    changes++
    table.fold()
  }
  const [page] = await answers
  assert.ok(page.at === 'found' && changes > 1, 'the scan took several turns')
  assert.equal(page.asOf, before)
  assert.equal(page.total, expected.length)
  const first = expected
    .toSorted((a, b) => b.queued - a.queued || (a.clientId < b.clientId ? -1 : 1))
    .slice(0, 1_000)
  assert.deepEqual(
    page.rows.map(row => `${row.clientId} ${row.queued.count}`),
    first.map(one => `${one.clientId} ${one.queued}`),
  )
})
