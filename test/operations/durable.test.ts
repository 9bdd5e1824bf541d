// What operators take away and bring back, over restarts of a broker whose store is on the disk.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { expireSession } from '../../server/broker/operations/expire.ts'
import { clearQueue, removeMessages } from '../../server/broker/operations/queue.ts'
import { restoreTombstone } from '../../server/broker/operations/restore.ts'
import { ANA, durableBroker, type OperatedBroker } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

async function publish(broker: OperatedBroker, topic: string, ...texts: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of texts) await client.publish({ topic, payload, qos: 2 })
  await client.disconnect()
}

async function clean(broker: OperatedBroker, clientId: string): Promise<string> {
  const outcome = await cleanSession(broker.parts, { clientId, suppressWill: false, by: ANA })
  assert.ok(outcome.at === 'cleaned' && outcome.undo !== undefined)
  assert.equal(outcome.unsafe, undefined)
  return outcome.undo.tombstone
}

function restore(broker: OperatedBroker, id: string) {
  return restoreTombstone(broker.parts, { id, by: ANA })
}

/** One message in flight at QoS 2, one waiting, and one from the client that it has not released. */
async function leaveInTheMiddle(broker: OperatedBroker, clientId: string): Promise<number> {
  const client = await resume(broker, clientId, {}, { receiveMaximum: 1 })
  await client.subscribe(clientId, 2)
  await client.subscribe(`${clientId}/+`, 1)
  await publish(broker, clientId, 'in flight', 'waiting')
  const sent = await client.expect('publish', { payload: 'in flight' })
  client.send({ cmd: 'publish', topic: 'elsewhere', payload: 'mine', qos: 2, messageId: 77 })
  await client.expect('pubrec', { messageId: 77 })
  client.destroy()
  await broker.until('it is offline', () => broker.session(clientId).attachment === undefined)
  return sent.messageId
}

async function expectTheMiddle(broker: OperatedBroker, clientId: string, messageId: number): Promise<void> {
  const back = await RawClient.open(broker)
  assert.equal((await back.connect(persistent(clientId))).sessionPresent, true)
  await back.expect('publish', { payload: 'in flight', dup: true, messageId })
  await back.expect('publish', { payload: 'waiting', dup: false })
  back.send({ cmd: 'publish', topic: clientId, payload: 'mine again', qos: 2, messageId: 77, dup: true })
  await back.expect('pubrec', { messageId: 77 })
  await back.expectNothingBeforePing()
  assert.deepEqual(
    broker.session(clientId).subscriptions.map(one => one.topicFilter),
    [clientId, `${clientId}/+`],
  )
}

for (const restarts of ['before', 'after', 'before and after'] as const) {
  test(`a cleaned session is whole again with a restart ${restarts} the undo`, async () => {
    const broker = await durableBroker()
    const messageId = await leaveInTheMiddle(broker, 'whole')
    const { generation, version } = broker.session('whole')
    const tombstone = await clean(broker, 'whole')
    const { bytes, count } = broker.parts.undo
    if (restarts.includes('before')) {
      await broker.restart()
      assert.equal(broker.parts.registry.get('whole'), undefined)
      assert.deepEqual([broker.parts.undo.bytes, broker.parts.undo.count], [bytes, count])
    }
    assert.equal((await restore(broker, tombstone)).at, 'restored')
    if (restarts.includes('after')) await broker.restart()
    assert.equal(broker.session('whole').generation, generation)
    assert.ok(broker.session('whole').version > version)
    assert.equal(broker.parts.undo.count, 0)
    await expectTheMiddle(broker, 'whole', messageId)
  })
}

test('a cleaned session stays away over a restart, and its tombstone ends at its time', async () => {
  const broker = await durableBroker({ 'undo-window': '10m' })
  await subscribeAndLeave(broker, 'gone', 'gone', 1)
  await publish(broker, 'gone', 'one')
  const tombstone = await clean(broker, 'gone')
  broker.leap(11 * 60_000)
  await broker.restart()
  await broker.until('it is purged', () => broker.events('purged', 'gone').length === 1)
  assert.deepEqual(await restore(broker, tombstone), { at: 'no-tombstone' })
  assert.deepEqual(broker.parts.durable.totals(), { messages: 0, bytes: 0 })
  await broker.restart()
  assert.equal(broker.parts.undo.count, 0)
  const client = await RawClient.open(broker)
  assert.equal((await client.connect(persistent('gone'))).sessionPresent, false)
})

test('messages come back to their old places after a restart', async () => {
  const broker = await durableBroker()
  await subscribeAndLeave(broker, 'queued', 'queued', 1)
  await publish(broker, 'queued', 'one', 'two', 'three')
  const { store, lease } = broker.session('queued')
  const second = store.browse(lease.queue, 0, 10)[1]!
  const removed = await removeMessages(broker.parts, { clientId: 'queued', by: ANA, seqs: [second.seq] })
  const cleared = await clearQueue(broker.parts, { clientId: 'queued', by: ANA })
  assert.ok(removed.at === 'removed' && removed.undo !== undefined && removed.messages === 1)
  assert.ok(cleared.at === 'cleared' && cleared.undo !== undefined && cleared.messages === 2)
  await publish(broker, 'queued', 'four')
  await broker.restart()
  assert.equal(broker.session('queued').lease.queue.waiting, 1)
  assert.equal((await restore(broker, removed.undo.tombstone)).at, 'restored')
  assert.equal((await restore(broker, cleared.undo.tombstone)).at, 'restored')
  const client = await resume(broker, 'queued', { autoAck: true })
  assert.deepEqual(await payloads(client, 4), ['one', 'two', 'three', 'four'])
})

test('a will is published once, whatever is restored and restarted', async () => {
  const broker = await durableBroker()
  const properties = { willDelayInterval: 60 }
  const will = { topic: 'wills', payload: Buffer.from('gone'), qos: 1, retain: false, properties } as const
  const client = await RawClient.connected(broker, { ...persistent('willing'), will })
  client.destroy()
  await broker.until('it is offline', () => broker.session('willing').attachment === undefined)
  const outcome = await expireSession(broker.parts, { clientId: 'willing', by: ANA })
  assert.ok(outcome.at === 'expired' && outcome.will === 'published' && outcome.undo !== undefined)
  await broker.restart()
  assert.equal((await restore(broker, outcome.undo.tombstone)).at, 'restored')
  await broker.restart()
  assert.equal(broker.session('willing').will, undefined)
  broker.leap(120_000)
  const again = await expireSession(broker.parts, { clientId: 'willing', by: ANA })
  assert.ok(again.at === 'expired' && again.will === 'none')
  assert.equal(broker.events('will-published', 'willing').length, 1)
})

test('a session that was cleaned under its client comes back offline', async () => {
  const broker = await durableBroker()
  const client = await resume(broker, 'online')
  await client.subscribe('online', 1)
  const tombstone = await clean(broker, 'online')
  await client.expectDisconnect('administrative-action')
  await publish(broker, 'online', 'never queued')
  await broker.restart()
  assert.equal((await restore(broker, tombstone)).at, 'restored')
  await publish(broker, 'online', 'queued')
  const back = await resume(broker, 'online', { autoAck: true })
  assert.deepEqual(await payloads(back, 1), ['queued'])
  await back.expectNothingBeforePing()
})
