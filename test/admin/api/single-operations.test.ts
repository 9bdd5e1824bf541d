// Acts on one session stand among the operations: who did what and why, what became of it, and how it is taken back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../../shared/operation.ts'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { LiveReader } from '../../harness/live-reader.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile()

async function publish(topic: string, ...texts: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of texts) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

function match(clientId: string): { 'if-match': string } {
  const { generation, version } = broker.session(clientId)
  return { 'if-match': `"${generation}.${version}"` }
}

async function latest(): Promise<Operation> {
  return (await admin().get('/operations?limit=1')).data[0]
}

/** Of an act that was answered with this operation: what the list says of it. */
async function told(answer: { readonly operation: string }): Promise<readonly unknown[]> {
  const { id, kind, action, clientId, count, ok, messages, undo } = await latest()
  assert.equal(id, answer.operation)
  assert.deepEqual([kind, count, ok], ['single', 1, 1])
  return [action, clientId, messages, undo.items]
}

test('each verb leaves an operation with what went, and whether it can be taken back', async () => {
  await subscribeAndLeave(broker, 'one', 'one', 1)
  const path = '/sessions/one'
  assert.deepEqual(await told(await admin().post(`${path}/hold`, { seconds: 60 })), ['hold', 'one', 0, 1])
  assert.deepEqual(await told(await admin().delete(`${path}/hold`)), ['release-hold', 'one', 0, 0])
  const subscription = { topicFilter: 'two', qos: 2 }
  assert.deepEqual(await told(await admin().post(`${path}/subscriptions`, subscription)), [
    'subscription.add',
    'one',
    0,
    0,
  ])
  const { data } = await admin().get(`/operations/${(await latest()).id}/items`)
  assert.deepEqual([data[0].clientId, data[0].status, data[0].detail], ['one', 'ok', '"two" at QoS 2'])
  assert.deepEqual(await told(await admin().delete(`${path}/subscriptions/two`)), [
    'subscription.remove',
    'one',
    0,
    0,
  ])
  await publish('one', '1', '2', '3')
  const [{ seq }] = (await admin().get(`${path}/queue`)).data
  assert.deepEqual(await told(await admin().delete(`${path}/queue/${seq}`)), ['messages.remove', 'one', 1, 1])
  assert.deepEqual(await told(await admin().delete(`${path}/queue`, 200, match('one'))), [
    'clear-queue',
    'one',
    2,
    1,
  ])
  await resume(broker, 'one')
  assert.deepEqual(await told(await admin().delete(`${path}/connection`)), ['disconnect', 'one', 0, 0])
  const expiry = await admin().patch(path, { expirySeconds: 60 }, 200, match('one'))
  assert.deepEqual(await told(expiry), ['set-expiry', 'one', 0, 1])
  assert.deepEqual((await latest()).options, { expiry: { seconds: 60 } })
  const expired = await admin().post(`${path}/expire`, { reason: 'ticket 4411' }, 200, match('one'))
  assert.deepEqual(await told(expired), ['expire', 'one', 0, 1])
  const { actor, reason } = await latest()
  assert.deepEqual([actor, reason], ['root', 'ticket 4411'])
  assert.equal((await admin().get('/audit?verb=session.expire')).data[0].detail.operation, expired.operation)
})

test('a clean is taken back by its operation, and what it took cannot be had twice', async () => {
  await subscribeAndLeave(broker, 'back', 'back', 1)
  await publish('back', '1', '2')
  const { generation } = broker.session('back')
  const { operation, tombstone } = await admin().delete('/sessions/back', 200, match('back'))
  assert.deepEqual(await told({ operation }), ['clean', 'back', 2, 1])
  const undo = await admin().post(`/operations/${operation}/undo`, { reason: 'the wrong one' }, 202)
  await broker.until('it is back', () => broker.parts.registry.get('back') !== undefined)
  const { lease, generation: restored } = broker.session('back')
  assert.deepEqual([restored, lease.queue.messages], [generation, 2])
  assert.deepEqual([undo.kind, undo.of, undo.clientId], ['undo', operation, 'back'])
  await admin().post(`/tombstones/${tombstone.id}/restore`, {}, 404)
})

test('what was restored by its tombstone is not offered among the operations any more', async () => {
  await subscribeAndLeave(broker, 'restored', 'restored', 1)
  const { operation, tombstone } = await admin().delete('/sessions/restored', 200, match('restored'))
  await admin().post(`/tombstones/${tombstone.id}/restore`, {})
  assert.equal((await admin().get(`/operations/${operation}`)).undo.items, 0)
  await admin().post(`/operations/${operation}/undo`, {}, 409)
})

test('an expiry is set back by its operation, unless somebody has set it since', async () => {
  await subscribeAndLeave(broker, 'expiry', 'expiry', 1)
  const before = broker.session('expiry').expirySeconds
  const { operation } = await admin().patch('/sessions/expiry', { never: true }, 200, match('expiry'))
  await admin().post(`/operations/${operation}/undo`, {}, 202)
  await broker.until('it is as before', () => broker.session('expiry').expirySeconds === before)
})

test('what is refused, or finds nothing to do, is no operation', async () => {
  await subscribeAndLeave(broker, 'nothing', 'nothing', 1)
  const { operation } = await admin().post('/sessions/nothing/hold', { seconds: 1 })
  await admin().delete('/sessions/nothing', 428)
  await admin().delete('/sessions/nothing', 412, {
    'if-match': `"${broker.session('nothing').generation}.0"`,
  })
  await admin().delete('/sessions/nothing/connection', 409)
  await admin().delete('/sessions/nothing/queue/999', 404)
  await admin().delete('/sessions/nothing/subscriptions/none', 404)
  await admin().delete('/sessions/nobody', 404, { 'if-match': '*' })
  assert.equal((await latest()).id, operation)
})

test('a live stream tells an act on one session, and a key sees its own acts alone', async () => {
  await subscribeAndLeave(broker, 'web-live', 'live', 1)
  const limited = await admin().key({ role: 'operator', clientIdPrefix: 'web-' })
  const reader = await LiveReader.open(admin().client, 'topics=operations')
  const { operation } = await limited.delete('/sessions/web-live', 200, match('web-live'))
  const { data } = await reader.event('operation')
  assert.deepEqual([data.id, data.state, data.undo.items], [operation, 'done', 1])
  reader.close()
  assert.deepEqual(
    (await limited.get('/operations')).data.map((one: Operation) => one.id),
    [operation],
  )
})
