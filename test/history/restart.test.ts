import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBroker } from '../harness/broker.ts'
import { durableBroker, OperatedBroker } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { persistent, subscribeAndLeave } from '../harness/sessions.ts'

const HOUR = 3_600_000

test('a restart is drawn into the timeline with the time it took, and ids go on', async () => {
  const broker = await durableBroker()
  await subscribeAndLeave(broker, 'stays', 'orders', 1)
  const before = (await broker.history.timeline('stays', { limit: 100 })).data
  assert.deepEqual(before.at(-1)?.kind, 'created', 'the restart before it is no part of its life')
  await broker.restart()
  await subscribeAndLeave(broker, 'stays', 'orders', 1)
  const { data } = await broker.history.timeline('stays', { limit: 100 })
  assert.deepEqual(data.map(entry => entry.kind).reverse(), [
    'created',
    'connect',
    'subscribe',
    'disconnect',
    'broker.restart',
    'connect',
    'subscribe',
    'disconnect',
  ])
  const restart = data.find(entry => entry.kind === 'broker.restart')!
  assert.equal(restart.data['wasStopped'], true)
  assert.ok(Number(restart.data['downMs']) < 60_000)
  assert.deepEqual(data.slice(-4), before)
})

test('after kill -9 what is older than a second is there, and who was online then is not now', async () => {
  const process = await startBroker({ settings: { durability: 'os' } })
  await RawClient.connected(process, persistent('online'))
  await subscribeAndLeave(process, 'offline', 'orders', 1)
  await new Promise(resolve => setTimeout(resolve, 2500))
  await process.kill()
  const broker = new OperatedBroker({ store: 'embedded', 'data-dir': process.dataDirectory })
  await broker.start()
  after(() => broker.stop())
  const { data } = await broker.history.timeline('online', { limit: 100 })
  assert.deepEqual(data.map(entry => entry.kind).reverse(), [
    'created',
    'connect',
    'broker.restart',
    'disconnect',
  ])
  const [disconnect, restart] = data
  assert.equal(disconnect?.data['cause'], 'shutdown')
  assert.equal(restart?.data['wasStopped'], false)
  const now = broker.now()
  const [online, offline, nobody, left] = await broker.history.lifelines(
    [
      ...['online', 'offline', 'nobody'].map(clientId => ({ clientId, stands: undefined })),
      { clientId: 'left before', stands: { at: now - 2 * HOUR, state: 'offline' } },
    ],
    now - HOUR,
  )
  assert.deepEqual(
    online?.segments.map(segment => segment[1]),
    ['unknown', 'online', 'unknown', 'offline'],
  )
  assert.deepEqual(
    offline?.segments.map(segment => segment[1]),
    ['unknown', 'online', 'offline', 'unknown', 'offline'],
  )
  assert.deepEqual(
    nobody?.segments.map(segment => segment[1]),
    ['unknown'],
  )
  // Nothing was written of it, but the session itself says since when its client is away.
  assert.deepEqual(
    left?.segments.map(segment => segment[1]),
    ['offline', 'unknown', 'offline'],
  )
})

test('conflicts of the last day are known after a restart, and nobody fights any more', async () => {
  const broker = await durableBroker()
  for (let round = 0; round < 4; round++) await RawClient.connected(broker, persistent('fought-over'))
  assert.equal(broker.history.findConflict('fought-over')?.isActive, true)
  await broker.restart()
  const [conflict] = broker.history.listConflicts(24 * HOUR)
  assert.equal(conflict?.clientId, 'fought-over')
  assert.equal(conflict?.takeovers, 3)
  broker.leap(60_000)
  await broker.until('it has calmed down', () => !broker.history.findConflict('fought-over')!.isActive)
})
