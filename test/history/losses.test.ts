import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { ANA, durableBroker, type OperatedBroker } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'

async function overflow(broker: OperatedBroker, topic: string, count: number): Promise<void> {
  const client = await RawClient.connected(broker, { clientId: 'shop' })
  for (let index = 0; index < count; index++) await client.publish({ topic, payload: `${index}`, qos: 1 })
  await client.disconnect()
}

test('dropped messages are counted, named in the ledger, and one row of the timeline; a restart forgets none', async () => {
  const broker = await durableBroker({ 'queue-messages-max': 5 })
  await subscribeAndLeave(broker, 'full', 'orders', 1)
  await overflow(broker, 'orders', 25)
  assert.equal(broker.history.dropped('full'), 20)
  await broker.restart()
  assert.equal(broker.history.dropped('full'), 20)
  const [counted] = broker.history.losses('full')
  assert.deepEqual([counted?.reason, counted?.count], ['queue-full', 20])
  const ledger = await broker.history.lostMessages({ clientId: 'full', limit: 100 })
  assert.equal(ledger.data.length, 8, 'the first and the last four')
  const { generation } = broker.session('full')
  for (const { id: _id, at: _at, size, topic: _topic, publisher: _publisher, ...lost } of ledger.data) {
    assert.deepEqual(lost, { clientId: 'full', generation, reason: 'queue-full', qos: 1, actor: null })
    assert.ok(size! > 6)
  }
  // They lay on the disk alone; of the last ones nobody knew that they would be the last.
  assert.deepEqual(
    ledger.data.map(one => `${one.publisher} ${one.topic}`),
    [...Array(4).fill('null null'), ...Array(4).fill('shop orders')],
  )
  await overflow(broker, 'orders', 2)
  assert.equal(broker.history.dropped('full'), 22)
  const rows = (await broker.history.timeline('full', { kinds: ['queue.dropped'], limit: 10 })).data
  assert.deepEqual(
    rows.map(row => [row.count, row.data['cause']]),
    [
      [2, 'queue-full'],
      [20, 'queue-full'],
    ],
    'the restart lies between them',
  )
})

test('a session that is cleaned takes its losses along, and the ledger says who did it', async () => {
  const broker = await durableBroker({ 'queue-messages-max': 5, 'undo-window': 'off' })
  await subscribeAndLeave(broker, 'cleaned', 'orders', 1)
  await overflow(broker, 'orders', 6)
  await cleanSession(broker.parts, { clientId: 'cleaned', suppressWill: false, by: ANA })
  assert.equal(broker.history.dropped('cleaned'), 0)
  const lost = await broker.history.lostMessages({
    clientId: 'cleaned',
    reason: 'session-cleaned',
    limit: 10,
  })
  assert.ok(lost.data.length > 0)
  assert.ok(lost.data.every(one => one.actor === 'ana'))
  await subscribeAndLeave(broker, 'cleaned', 'orders', 1)
  await broker.restart()
  assert.equal(broker.history.dropped('cleaned'), 0)
})
