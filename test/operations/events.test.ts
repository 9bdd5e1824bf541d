// Events: what listeners hear of connections and sessions, with the facts that a person asks for later.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const broker = operatedBrokerForFile()

for (const protocolVersion of protocolVersions) {
  test(`a connection is told with its facts, and where it came from, version ${protocolVersion}`, async () => {
    const clientId = `facts-${protocolVersion}`
    const headers = { 'user-agent': 'Browser/1' }
    const websocket = { origin: 'http://localhost:3000', headers }
    const client = await RawClient.connected(
      broker,
      { ...persistent(clientId), keepalive: 33 },
      { protocolVersion, transport: 'websocket', websocket },
    )
    const { connection, generation, sessionPresent, expirySeconds } = broker.event('connected', clientId)
    const { address, port, ...facts } = connection.toJSON()
    assert.ok(address.includes('127.0.0.1') && port > 0)
    assert.deepEqual(facts, {
      protocolVersion,
      cleanStart: false,
      keepAliveSeconds: 33,
      transport: 'websocket',
      origin: 'http://localhost:3000',
      userAgent: 'Browser/1',
      path: '/mqtt',
    })
    assert.equal(sessionPresent, false)
    assert.equal(expirySeconds, protocolVersion === 5 ? 600 : 7 * 86_400)
    assert.equal(generation, broker.session(clientId).generation)
    assert.equal(broker.event('session-created', clientId).persistent, true)
    await client.subscribe('a/#', 1)
    const { subscriptions, by } = broker.event('subscribed', clientId)
    assert.deepEqual([subscriptions.map(one => [one.topicFilter, one.qos]), by], [[['a/#', 1]], undefined])
    await client.unsubscribe('a/#', 'never')
    assert.deepEqual(broker.event('unsubscribed', clientId).topicFilters, ['a/#'])
    await client.disconnect()
    await broker.until('it has gone', () => broker.events('disconnected', clientId).length === 1)
    assert.equal(broker.event('disconnected', clientId).cause, 'client')
  })
}

test('the close code of a WebSocket that ends without DISCONNECT is told', async () => {
  const client = await resume(broker, 'closing', { transport: 'websocket' })
  client.close()
  await broker.until('it has gone', () => broker.events('disconnected', 'closing').length === 1)
  const closed = broker.event('disconnected', 'closing')
  assert.deepEqual([closed.cause, closed.closeCode], ['socket', 1005])
  const torn = await resume(broker, 'torn', { transport: 'websocket' })
  torn.destroy()
  await broker.until('it has gone', () => broker.events('disconnected', 'torn').length === 1)
  assert.equal(broker.event('disconnected', 'torn').closeCode, 1006)
})

test('a takeover names both parties, and since when the older one was there', async () => {
  await resume(broker, 'both', { transport: 'websocket' })
  const { connectedAt } = broker.session('both')
  await resume(broker, 'both', { protocolVersion: 4 })
  const { from, by, since, generation } = broker.event('taken-over', 'both')
  assert.deepEqual([from.transport, from.protocolVersion], ['websocket', 5])
  assert.deepEqual([by.transport, by.protocolVersion], ['tcp', 4])
  assert.equal(since, connectedAt)
  assert.equal(generation, broker.session('both').generation)
  assert.deepEqual(
    broker.events('disconnected', 'both').map(one => one.cause),
    ['taken-over'],
  )
})

test('a refused CONNECT is told with why, and with what is known of the client', async () => {
  const client = await RawClient.open(broker)
  await client.connect({ clientId: 'stranger', clean: true, properties: { authenticationMethod: 'odd' } })
  await client.expectClosed()
  const refused = broker.event('connect-refused', 'stranger')
  assert.equal(refused.fault, 'bad-authentication-method')
  assert.deepEqual([refused.protocolVersion, refused.cleanStart, refused.remote.transport], [5, true, 'tcp'])
})

test('a session that its client ends is told with what went with it', async () => {
  const client = await resume(broker, 'leaving')
  await client.subscribe('leaving', 1)
  await client.publish({ topic: 'leaving', payload: 'unacknowledged', qos: 1 })
  const { bytes } = broker.session('leaving').lease.queue
  await client.disconnect({ properties: { sessionExpiryInterval: 0 } })
  await broker.until('it has ended', () => broker.events('session-ended', 'leaving').length === 1)
  const { why, messages, bytes: gone, by, tombstone } = broker.event('session-ended', 'leaving')
  assert.deepEqual(
    { why, messages, gone, by, tombstone },
    { why: 'disconnected', messages: 1, gone: bytes, by: undefined, tombstone: undefined },
  )
})

test('the start is told, and so is whom it found', () => {
  const { sessions } = broker.event('broker-started', '')
  assert.equal(sessions, 0)
})
