// Clear queue and remove messages: what waits goes and can be put back; what is in flight is not touched.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clearQueue, removeMessages } from '../../server/broker/operations/queue.ts'
import { restoreTombstone } from '../../server/broker/operations/restore.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile({ 'queue-messages-max': 10 })

function clear(clientId: string) {
  return clearQueue(broker.parts, { clientId, by: ANA })
}

function undo(tombstone: string) {
  return restoreTombstone(broker.parts, { id: tombstone, by: ANA })
}

async function publish(topic: string, ...texts: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of texts) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

for (const protocolVersion of protocolVersions) {
  test(`the client gets nothing of it, and all of it in order after the undo, version ${protocolVersion}`, async () => {
    const clientId = `cleared-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    await publish(clientId, 'one', 'two', 'three')
    const { bytes } = broker.session(clientId).lease.queue
    const { version } = broker.session(clientId)
    const outcome = await clear(clientId)
    assert.ok(outcome.at === 'cleared' && outcome.undo !== undefined)
    const { undo: _undo, ...rest } = outcome
    assert.deepEqual(rest, { at: 'cleared', messages: 3, bytes, unsafe: undefined })
    assert.equal(broker.session(clientId).version, version + 1)
    const told = broker.event('queue-cleared', clientId)
    assert.deepEqual([told.messages, told.tombstone, told.by], [3, outcome.undo.tombstone, ANA])
    await publish(clientId, 'four')
    const restored = await undo(outcome.undo.tombstone)
    assert.ok(restored.at === 'restored' && restored.messages === 3)
    assert.equal(broker.event('restored', clientId).what, 'queue')
    const client = await resume(broker, clientId, { protocolVersion, autoAck: true })
    assert.deepEqual(await payloads(client, 4), ['one', 'two', 'three', 'four'])
  })
}

for (const [kind, clean] of [
  ['lasting', false],
  ['volatile', true],
] as const) {
  test(`what is in flight to a connected client stays, of a ${kind} session`, async () => {
    const properties = { receiveMaximum: 1, ...(clean ? {} : { sessionExpiryInterval: 600 }) }
    const client = await RawClient.connected(broker, { clientId: kind, clean, properties })
    await client.subscribe(kind, 1)
    await publish(kind, 'in flight', 'waiting', 'waiting too')
    const sent = await client.expect('publish', { payload: 'in flight' })
    const outcome = await clear(kind)
    assert.ok(outcome.at === 'cleared' && outcome.messages === 2 && outcome.undo !== undefined)
    client.send({ cmd: 'puback', messageId: sent.messageId })
    await client.expectNothingBeforePing()
    assert.equal((await undo(outcome.undo.tombstone)).at, 'restored')
    const again = await client.expect('publish', { payload: 'waiting' })
    client.send({ cmd: 'puback', messageId: again.messageId })
    await client.expect('publish', { payload: 'waiting too' })
  })
}

test('single messages are taken out by their numbers, and numbers of others are passed over', async () => {
  await subscribeAndLeave(broker, 'single', 'single', 1)
  await publish('single', 'one', 'two', 'three')
  const { store, lease } = broker.session('single')
  const [, second] = store.browse(lease.queue, 0, 10)
  assert.ok(second)
  const request = { clientId: 'single', by: ANA }
  const outcome = await removeMessages(broker.parts, { ...request, seqs: [second.seq, 999_999] })
  assert.ok(outcome.at === 'removed' && outcome.messages === 1 && outcome.undo !== undefined)
  assert.equal(broker.event('messages-removed', 'single').messages, 1)
  const nothing = await removeMessages(broker.parts, { ...request, seqs: [second.seq] })
  assert.deepEqual(nothing, { at: 'removed', messages: 0, bytes: 0, undo: undefined, unsafe: undefined })
  assert.equal(broker.events('messages-removed', 'single').length, 1)
  const client = await resume(broker, 'single', { autoAck: true })
  assert.deepEqual(await payloads(client, 2), ['one', 'three'])
})

test('an empty queue has nothing to clear, and there is nothing to undo', async () => {
  await subscribeAndLeave(broker, 'empty', 'empty', 1)
  const { version } = broker.session('empty')
  const { count } = broker.parts.undo
  const nothing = { messages: 0, bytes: 0, undo: undefined, unsafe: undefined }
  assert.deepEqual(await clear('empty'), { at: 'cleared', ...nothing })
  assert.equal(broker.session('empty').version, version)
  assert.equal(broker.parts.undo.count, count)
  assert.deepEqual(await clear('nobody'), { at: 'no-session' })
})

test('messages do not come back into a queue without room for them, or to another session', async () => {
  await subscribeAndLeave(broker, 'full', 'full', 1)
  await publish('full', 'one', 'two')
  const outcome = await clear('full')
  assert.ok(outcome.at === 'cleared' && outcome.undo !== undefined)
  await publish('full', ...Array.from({ length: 9 }, (_, index) => `${index}`))
  assert.deepEqual(await undo(outcome.undo.tombstone), { at: 'no-room' })
  const fresh = await RawClient.connected(broker, {
    clientId: 'full',
    clean: true,
    properties: { sessionExpiryInterval: 60 },
  })
  assert.deepEqual(await undo(outcome.undo.tombstone), { at: 'session-gone' })
  await fresh.ping()
})
