// Disconnect: the client hears why, the socket is gone when the verb is done, and a session that lasts stays.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disconnectSession } from '../../server/broker/operations/disconnect.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { resume } from '../harness/sessions.ts'

const broker = operatedBrokerForFile()

function disconnect(clientId: string, suppressWill = false) {
  return disconnectSession(broker.parts, { clientId, suppressWill, by: ANA })
}

function willOn(topic: string, willDelayInterval = 0) {
  return {
    topic,
    payload: Buffer.from('gone'),
    qos: 1,
    retain: false,
    properties: { willDelayInterval },
  } as const
}

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connected(broker)
  await client.subscribe(topic, 1)
  return client
}

for (const protocolVersion of protocolVersions) {
  for (const transport of ['tcp', 'websocket'] as const) {
    test(`a session that lasts is kept, version ${protocolVersion} over ${transport}`, async () => {
      const clientId = `kept-${protocolVersion}-${transport}`
      const client = await resume(broker, clientId, { protocolVersion, transport })
      await client.subscribe(clientId, 1)
      const { generation } = broker.session(clientId)
      assert.deepEqual(await disconnect(clientId), { at: 'disconnected', session: 'kept', will: 'none' })
      await client.expectDisconnect('administrative-action')
      assert.equal(broker.session(clientId).attachment, undefined)
      const { cause, by, generation: told } = broker.event('disconnected', clientId)
      assert.deepEqual({ cause, by, told }, { cause: 'operator', by: ANA, told: generation })
      const back = await RawClient.open(broker, { protocolVersion })
      const fields = { clientId, clean: false, properties: { sessionExpiryInterval: 600 } }
      const { sessionPresent } = await back.connect(fields)
      // 3.1 has no such flag.
      assert.equal(sessionPresent, protocolVersion > 3)
    })

    test(`a session of its connection ends with it, version ${protocolVersion} over ${transport}`, async () => {
      const clientId = `ended-${protocolVersion}-${transport}`
      const fields = { clientId, clean: true }
      const client = await RawClient.connected(broker, fields, { protocolVersion, transport })
      assert.deepEqual(await disconnect(clientId), { at: 'disconnected', session: 'ended', will: 'none' })
      await client.expectDisconnect('administrative-action')
      assert.equal(broker.parts.registry.get(clientId), undefined)
      assert.deepEqual(broker.story(clientId), [
        'session-created',
        'connected',
        'disconnected',
        'session-ended',
      ])
    })
  }
}

test('it is done only when the socket has gone, also that of a client that neither reads nor closes', async () => {
  const client = await resume(broker, 'deaf')
  client.pauseReading()
  let connections = 0
  const counting = broker.parts.registry.connected
  const began = performance.now()
  const outcome = disconnect('deaf').then(result => {
    connections = broker.parts.registry.connected
    return result
  })
  assert.equal((await outcome).at, 'disconnected')
  assert.equal(connections, counting - 1)
  // A second of patience, and no more.
  assert.ok(performance.now() - began < 2_500)
  client.resumeReading()
  await client.expectClosed({ after: 'disconnect' })
})

test('a client that comes back at once is not kept waiting for the old socket', async () => {
  const client = await resume(broker, 'quick')
  client.pauseReading()
  let isDone = false
  const outcome = disconnect('quick').then(() => {
    isDone = true
  })
  await resume(broker, 'quick')
  assert.equal(isDone, false)
  await outcome
  assert.ok(broker.session('quick').attachment)
})

test('the will is published, dropped, or delayed as its client wished', async () => {
  const ears = await listener('wills/#')
  for (const [clientId, suppress, delay, expected] of [
    ['will-published', false, 0, 'published'],
    ['will-suppressed', true, 0, 'suppressed'],
    ['will-delayed', false, 60, 'delayed'],
    ['will-delayed-suppressed', true, 60, 'suppressed'],
  ] as const) {
    const fields = { clientId, clean: false, will: willOn(`wills/${clientId}`, delay) }
    await RawClient.connected(broker, { ...fields, properties: { sessionExpiryInterval: 600 } })
    const outcome = await disconnect(clientId, suppress)
    assert.deepEqual(outcome, { at: 'disconnected', session: 'kept', will: expected })
  }
  await ears.expect('publish', { topic: 'wills/will-published' })
  await ears.expectNothingBeforePing()
  assert.ok(broker.session('will-delayed').willDueAt)
  broker.leap(61_000)
  await ears.expect('publish', { topic: 'wills/will-delayed' })
  await ears.expectNothingBeforePing()
})

test('a delayed will of a session that ends with its connection is published with it', async () => {
  const ears = await listener('wills/ended')
  await RawClient.connected(broker, { clientId: 'will-ended', clean: true, will: willOn('wills/ended', 60) })
  assert.deepEqual(await disconnect('will-ended'), {
    at: 'disconnected',
    session: 'ended',
    will: 'published',
  })
  await ears.expect('publish', { topic: 'wills/ended' })
})

test('nothing happens to a session that is offline, is not there, or is another one', async () => {
  assert.deepEqual(await disconnect('nobody'), { at: 'no-session' })
  const client = await resume(broker, 'other')
  const { generation, version } = broker.session('other')
  const by = ANA
  const request = { clientId: 'other', suppressWill: false, by }
  const changed = { at: 'session-changed', generation, version }
  const older = { generation, version: version - 1 }
  assert.deepEqual(await disconnectSession(broker.parts, { ...request, expected: older }), changed)
  const former = { generation: 'another' }
  assert.deepEqual(await disconnectSession(broker.parts, { ...request, expected: former }), changed)
  await client.ping()
  const expected = { generation, version }
  assert.equal((await disconnectSession(broker.parts, { ...request, expected })).at, 'disconnected')
  assert.deepEqual(await disconnect('other'), { at: 'not-connected' })
})

test('a client that is being let in is disconnected after its CONNACK', async () => {
  const client = await RawClient.open(broker)
  client.sendConnect({ clientId: 'entering', clean: false, properties: { sessionExpiryInterval: 600 } })
  await broker.until('the client is there', () => broker.parts.registry.get('entering') !== undefined)
  assert.equal((await disconnect('entering')).at, 'disconnected')
  await client.expect('connack', { reasonCode: 0 })
  await client.expectDisconnect('administrative-action')
})
