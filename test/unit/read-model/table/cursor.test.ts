import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cursors } from '../../../../server/read-model/table/cursor.ts'
import type { SessionSort } from '../../../../shared/session-sort.ts'
import { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { randomFacts } from './random-sessions.ts'
import { filterOf, MINUTE, NOON, TableScene } from './table-scene.ts'

const byQueue: SessionSort = { key: 'queued', descending: true }
const cursors = new Cursors(new Uint8Array(32), 'e1')
const place = { value: 7, clientId: 'web-"7" é' }

test('a cursor gives back where the list goes on and what it is about', () => {
  const filter = filterOf('id:web-*')
  const text = cursors.write(filter, byQueue, { place, asked: NOON - 5 }, NOON)
  assert.match(text, /^[\w.-]+$/)
  assert.deepEqual(cursors.read(text, filter, byQueue, NOON), { place, asked: NOON - 5 })
})

test('a cursor holds for the same filter however it is written', () => {
  const text = cursors.write(filterOf('id:web-* queued>=1'), byQueue, { place, asked: NOON }, NOON)
  assert.equal(typeof cursors.read(text, filterOf('queued>=01 id:web-*'), byQueue, NOON), 'object')
})

test('a cursor for another filter or another sort is refused', () => {
  const filter = filterOf('id:web-*')
  const text = cursors.write(filter, byQueue, { place, asked: NOON }, NOON)
  assert.equal(cursors.read(text, filterOf('id:web-?'), byQueue, NOON), 'cursor-mismatch')
  assert.equal(cursors.read(text, filter, { ...byQueue, descending: false }, NOON), 'cursor-mismatch')
  assert.equal(cursors.read(text, filter, { ...byQueue, key: 'bytes' }, NOON), 'cursor-mismatch')
})

test('a cursor expires after a day, and with the run of the broker', () => {
  const filter = filterOf('')
  const text = cursors.write(filter, byQueue, { place, asked: NOON - 60 * MINUTE }, NOON)
  assert.equal(typeof cursors.read(text, filter, byQueue, NOON + 24 * 60 * MINUTE), 'object')
  assert.equal(cursors.read(text, filter, byQueue, NOON + 24 * 60 * MINUTE + 1), 'cursor-expired')
  assert.equal(new Cursors(new Uint8Array(32), 'e2').read(text, filter, byQueue, NOON), 'cursor-expired')
})

test('a cursor that nobody here has made is refused', () => {
  const filter = filterOf('')
  const text = cursors.write(filter, byQueue, { place, asked: NOON }, NOON)
  const [run, body = '', seal = ''] = text.split('.')
  const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replace('7', '8')).toString(
    'base64url',
  )
  const other = new Cursors(new Uint8Array(32).fill(1), 'e1')
  for (const wrong of [
    '',
    'x',
    '..',
    `${run}.${forged}.${seal}`,
    `${run}.${body}.${seal.slice(1)}`,
    `${text}.`,
    `${run}.${body}`,
  ]) {
    assert.equal(
      cursors.read(wrong, filter, byQueue, NOON),
      wrong === '..' ? 'cursor-expired' : 'cursor-mismatch',
      wrong,
    )
  }
  assert.equal(other.read(text, filter, byQueue, NOON), 'cursor-mismatch')
})

test('between pages rows come, go and change: those that stay as they are come exactly once', async () => {
  const random = new SeededRandom(7)
  for (let round = 0; round < 50; round++) {
    const scene = new TableScene()
    for (let index = 0; index < 120; index++)
      scene.put(`c-${index}`, { queued: random.below(5), owner: random.pick(['', 'ana', 'bo']) })
    const touched = new Set<string>()
    const sort: SessionSort = {
      key: random.pick(['queued', 'owner', 'id', 'expires']),
      descending: random.once(2),
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await scene.table.page({ filter: filterOf(''), sort, limit: 7, cursor })
      if (page.at !== 'found') assert.fail(page.at)
      seen.push(...page.rows.map(row => row.clientId))
      cursor = page.next
      for (let change = 0; change < 4; change++) {
        const clientId = `c-${random.below(140)}`
        touched.add(clientId)
        if (scene.sessions.has(clientId) && random.once(3)) scene.end(clientId)
        else scene.put(clientId, randomFacts(random))
      }
    } while (cursor !== undefined)
    for (let index = 0; index < 120; index++) {
      const clientId = `c-${index}`
      const times = seen.filter(one => one === clientId).length
      if (!touched.has(clientId)) assert.equal(times, 1, `${clientId} in order of ${sort.key}`)
    }
  }
})

test('all pages of a list are about the moment of the first', async () => {
  const scene = new TableScene()
  for (const clientId of ['a', 'b', 'c']) scene.put(clientId, { since: NOON - 59 * MINUTE })
  const question = {
    filter: filterOf('offline<1h'),
    sort: { key: 'id', descending: false },
    limit: 1,
  } as const
  const first = await scene.table.page(question)
  if (first.at !== 'found') assert.fail(first.at)
  scene.now += 5 * MINUTE
  const second = await scene.table.page({ ...question, cursor: first.next })
  if (second.at !== 'found') assert.fail(second.at)
  assert.deepEqual(
    { ids: second.rows.map(row => row.clientId), total: second.total },
    { ids: ['b'], total: 3 },
  )
  const anew = await scene.table.page(question)
  assert.equal(anew.at === 'found' && anew.total, 0)
})
