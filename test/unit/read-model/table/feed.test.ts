import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXPIRING_COUNTED_MS } from '../../../../server/limits.ts'
import type { TableChange } from '../../../../server/read-model/table/feed.ts'
import { filterOf, MINUTE, TableScene } from './table-scene.ts'

function listening(
  scene: TableScene,
): readonly { up: readonly string[]; gone: readonly string[]; asOf: string }[] {
  const heard: { up: readonly string[]; gone: readonly string[]; asOf: string }[] = []
  scene.table.onFold(({ up, gone, asOf }: TableChange) => {
    const ids = up.map(row => scene.table.summary(row).clientId)
    heard.push({ up: ids, gone: gone.map(({ clientId, why }) => `${clientId} ${why}`), asOf })
  })
  return heard
}

test('each fold that changes something is told once, with what is new and what is gone', () => {
  const scene = new TableScene()
  const heard = listening(scene)
  scene.put('a')
  scene.put('b')
  scene.table.fold()
  scene.table.fold()
  scene.put('a', { queued: 1 })
  scene.end('b', 'expired')
  scene.table.fold()
  assert.deepEqual(heard, [
    { up: ['a', 'b'], gone: [], asOf: 'e7-1' },
    { up: ['a'], gone: ['b expired'], asOf: 'e7-2' },
  ])
})

test('a session that takes the place of another is gone and there', () => {
  const scene = new TableScene()
  scene.put('a', { generation: 'one' })
  scene.table.fold()
  const heard = listening(scene)
  scene.end('a', 'cleaned')
  scene.put('a', { generation: 'two' })
  scene.table.fold()
  assert.deepEqual(heard, [{ up: ['a'], gone: ['a cleaned'], asOf: 'e7-2' }])
  assert.equal(scene.table.find('a')?.generation, 'two')
})

test('a session that began and ended between two folds was never there', () => {
  const scene = new TableScene()
  const heard = listening(scene)
  scene.put('a')
  scene.end('a')
  // The broker has one object for both, and hands out only its end.
  scene.table.fold()
  assert.equal(scene.table.find('a'), undefined)
  assert.deepEqual(
    heard.flatMap(({ gone }) => gone),
    [],
  )
})

test('what has changed since an answer is told, each session once', async () => {
  const scene = new TableScene()
  for (const clientId of ['a', 'b', 'c']) scene.put(clientId)
  const { table } = scene
  const { asOf } = table
  table.fold()
  const counted = await table.count({ at: 'filter', terms: [] })
  assert.equal(counted.at, 'found')
  assert.deepEqual(table.since(table.asOf), { up: [], gone: [] })
  for (let change = 0; change < 5; change++) {
    scene.put('a', { queued: change })
    table.fold()
  }
  scene.end('c', 'cleaned')
  const since = table.since(counted.at === 'found' ? counted.asOf : '')
  assert.deepEqual(since, {
    up: ['a'],
    gone: [{ clientId: 'c', generation: 'generation-of-c', why: 'cleaned' }],
  })
  const all = table.since(asOf)
  assert.ok('up' in all)
  assert.deepEqual([...all.up].sort(), ['a', 'b', 'c'])
})

test('a position of another run, or from nowhere, asks for a new beginning', () => {
  const { table } = new TableScene()
  for (const asOf of ['', 'e7', 'e7-', 'e7-1', 'e7-x', 'e7-0-0', 'e8-0', 'e7--1']) {
    assert.deepEqual(table.since(asOf), { at: 'reset', why: 'other-run' }, asOf)
  }
  assert.deepEqual(table.since('e7-0'), { up: [], gone: [] })
})

test('more than 10,000 changes ago asks for a new beginning', () => {
  const scene = new TableScene()
  const { table } = scene
  scene.put('a')
  table.fold()
  const kept = table.asOf
  for (let change = 0; change < 10_000; change++) {
    scene.put('b', { queued: change })
    table.fold()
  }
  assert.deepEqual(table.since(kept), { up: ['b'], gone: [] })
  scene.put('b')
  assert.deepEqual(table.since(kept), { at: 'reset', why: 'ring-overrun' })
})

test('more than five minutes ago asks for a new beginning, unless nothing has changed', () => {
  const scene = new TableScene()
  const { table } = scene
  const beginning = table.asOf
  scene.put('a')
  table.fold()
  const later = table.asOf
  scene.now += 5 * MINUTE
  assert.deepEqual(table.since(beginning), { up: ['a'], gone: [] })
  scene.now += 1
  assert.deepEqual(table.since(beginning), { at: 'reset', why: 'ring-overrun' })
  assert.deepEqual(table.since(later), { up: [], gone: [] })
})

test('a client id that is fought over is told, also before it has a session', () => {
  const scene = new TableScene()
  const heard = listening(scene)
  scene.table.setConflict('a', true)
  scene.table.fold()
  scene.put('a')
  scene.table.fold()
  assert.equal(scene.table.find('a')?.state, 'conflict')
  scene.put('a', { queued: 3 })
  assert.equal(scene.table.find('a')?.state, 'conflict')
  scene.table.setConflict('a', false)
  assert.equal(scene.table.find('a')?.state, 'waiting')
  assert.deepEqual(
    heard.map(({ up }) => up),
    [['a'], ['a'], ['a']],
  )
})

test('how many expire soon is what the filter finds, counted every few seconds', async () => {
  const scene = new TableScene()
  const { table } = scene
  scene.put('soon', { expiresAt: scene.now + 3_599_999 })
  scene.put('later', { expiresAt: scene.now + 3_600_000 })
  scene.put('never', { expiresAt: Number.POSITIVE_INFINITY })
  const found = async (): Promise<number> => {
    const counted = await table.count(filterOf('expires<1h'))
    return counted.at === 'found' ? counted.count : -1
  }
  assert.deepEqual([table.expiring, await found()], [1, 1])
  scene.end('soon')
  scene.now += 1
  assert.deepEqual([table.expiring, await found()], [1, 1])
  scene.now += EXPIRING_COUNTED_MS
  assert.deepEqual([table.expiring, await found()], [1, 1])
  scene.end('later')
  scene.now += EXPIRING_COUNTED_MS
  assert.deepEqual([table.expiring, await found()], [0, 0])
})

test('totals follow every change', () => {
  const scene = new TableScene()
  const { table } = scene
  scene.put('a', { connected: true, queued: 2, messages: 2, bytes: 20 })
  scene.put('b', { queued: 3, messages: 4, bytes: 30 })
  assert.deepEqual(table.totals, { sessions: 2, online: 1, queued: 5, bytes: 50, stuck: 0 })
  scene.put('a', { connected: false })
  scene.end('b')
  assert.deepEqual(table.totals, { sessions: 1, online: 0, queued: 2, bytes: 20, stuck: 0 })
  scene.end('a')
  assert.deepEqual(table.totals, { sessions: 0, online: 0, queued: 0, bytes: 0, stuck: 0 })
})
