// Set expiry: once or pinned, for sessions online and offline, and what the client and the store get to know of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SetExpiryRequest, setExpiry } from '../../server/broker/operations/expiry.ts'
import { ANA, durableBroker, type OperatedBroker, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile()

function set(
  clientId: string,
  request: Omit<SetExpiryRequest, 'clientId' | 'by'>,
  on: OperatedBroker = broker,
) {
  return setExpiry(on.parts, { clientId, by: ANA, ...request })
}

async function grantedTo(clientId: string, asked: number, on: OperatedBroker = broker): Promise<number> {
  const client = await RawClient.open(on)
  const connack = await client.connect(persistent(clientId, { sessionExpiryInterval: asked }))
  await client.disconnect()
  return connack.properties?.sessionExpiryInterval ?? asked
}

test('an offline session gets its deadline from its disconnect on, and ends at it', async () => {
  await subscribeAndLeave(broker, 'offline', 'offline', 1)
  const { disconnectedAt = 0, version } = broker.session('offline')
  const outcome = await set('offline', { expiry: { seconds: 1000 } })
  const expiresAt = disconnectedAt + 1_000_000
  const after = { expirySeconds: 1000, expiresAt, source: 'operator', pinned: false }
  const before = { expirySeconds: 600, expiresAt: disconnectedAt + 600_000, source: 'client', pinned: false }
  assert.deepEqual(outcome, { at: 'set', before, after, unsafe: undefined })
  const { at: _when, ...told } = broker.event('expiry-set', 'offline')
  const { generation } = broker.session('offline')
  assert.deepEqual(told, { kind: 'expiry-set', clientId: 'offline', generation, ...after, by: ANA })
  assert.equal(broker.session('offline').version, version + 1)
  broker.leap(700_000)
  await new Promise(resolve => setTimeout(resolve, 250))
  assert.ok(broker.parts.registry.get('offline'))
  broker.leap(300_000)
  await broker.until('it expires', () => broker.parts.registry.get('offline') === undefined)
})

test('a time is a deadline as it stands, and never is none', async () => {
  await subscribeAndLeave(broker, 'at-a-time', 'at-a-time', 1)
  const at = broker.now() + 12_345
  await set('at-a-time', { expiry: { at } })
  assert.equal(broker.session('at-a-time').expiresAt, at)
  const never = await set('at-a-time', { expiry: { seconds: Number.POSITIVE_INFINITY } })
  assert.ok(never.at === 'set' && never.after.expiresAt === undefined)
  broker.leap(20_000)
  await new Promise(resolve => setTimeout(resolve, 250))
  assert.ok(broker.parts.registry.get('at-a-time'))
})

test('an online session gets the interval that it has once it is left', async () => {
  const client = await resume(broker, 'online')
  const outcome = await set('online', { expiry: { seconds: 50 } })
  assert.ok(outcome.at === 'set' && outcome.after.expiresAt === undefined)
  client.destroy()
  await broker.until('it is offline', () => broker.session('online').attachment === undefined)
  const { disconnectedAt = 0, expiresAt } = broker.session('online')
  assert.equal(expiresAt, disconnectedAt + 50_000)
})

test('without a pin the next CONNECT decides anew, and so does a DISCONNECT', async () => {
  await subscribeAndLeave(broker, 'unpinned', 'unpinned', 1)
  await set('unpinned', { expiry: { seconds: 5_000 } })
  assert.equal(await grantedTo('unpinned', 700), 700)
  assert.equal(broker.session('unpinned').expirySource, 'client')
  const client = await resume(broker, 'unpinned')
  await set('unpinned', { expiry: { seconds: 5_000 } })
  await client.disconnect({ properties: { sessionExpiryInterval: 30 } })
  await broker.until('it is offline', () => broker.session('unpinned').attachment === undefined)
  const { expirySeconds, expirySource } = broker.session('unpinned')
  assert.deepEqual({ expirySeconds, expirySource }, { expirySeconds: 30, expirySource: 'client' })
})

test('a pin holds against what CONNECT and DISCONNECT ask for, and the client is told, version 5', async () => {
  await subscribeAndLeave(broker, 'pinned', 'pinned', 1)
  await set('pinned', { expiry: { seconds: 5_000 }, pinned: true })
  assert.equal(await grantedTo('pinned', 700), 5_000)
  assert.equal(await grantedTo('pinned', 0), 5_000)
  const client = await resume(broker, 'pinned')
  await client.disconnect({ properties: { sessionExpiryInterval: 0 } })
  await broker.until('it is offline', () => broker.session('pinned').attachment === undefined)
  const { expirySeconds, expirySource, expiryPinned } = broker.session('pinned')
  assert.deepEqual(
    { expirySeconds, expirySource, expiryPinned },
    { expirySeconds: 5_000, expirySource: 'operator', expiryPinned: true },
  )
  assert.equal((await set('pinned', { pinned: false })).at, 'set')
  assert.equal(broker.session('pinned').expirySeconds, 5_000)
  assert.equal(await grantedTo('pinned', 700), 700)
})

for (const protocolVersion of [3, 4] as const) {
  test(`a pin holds against the policy for version ${protocolVersion}`, async () => {
    const clientId = `pinned-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    assert.equal(broker.session(clientId).expirySource, 'policy')
    await set(clientId, { expiry: { seconds: 90 }, pinned: true })
    const client = await resume(broker, clientId, { protocolVersion })
    assert.equal(broker.session(clientId).expirySeconds, 90)
    await client.disconnect()
    await set(clientId, { pinned: false })
    await resume(broker, clientId, { protocolVersion })
    assert.equal(broker.session(clientId).expirySeconds, 7 * 86_400)
  })
}

test('a pin belongs to its session: Clean Start makes another one', async () => {
  await subscribeAndLeave(broker, 'anew', 'anew', 1)
  await set('anew', { expiry: { seconds: 5_000 }, pinned: true })
  const client = await RawClient.open(broker)
  const properties = { sessionExpiryInterval: 700 }
  await client.connect({ clientId: 'anew', clean: true, properties })
  const { expirySeconds, expiryPinned } = broker.session('anew')
  assert.deepEqual({ expirySeconds, expiryPinned }, { expirySeconds: 700, expiryPinned: false })
})

test('nothing is set where there is nothing to set', async () => {
  assert.deepEqual(await set('nobody', { expiry: { seconds: 1 } }), { at: 'no-session' })
  await RawClient.connected(broker, { clientId: 'volatile', clean: true })
  assert.deepEqual(await set('volatile', { expiry: { seconds: 1 } }), { at: 'ends-with-connection' })
  await resume(broker, 'timeless')
  assert.deepEqual(await set('timeless', { expiry: { at: broker.now() + 60_000 } }), {
    at: 'session-connected',
  })
  await subscribeAndLeave(broker, 'passed', 'passed', 1)
  const at = broker.now() - 1
  assert.deepEqual(await set('passed', { expiry: { at } }), { at: 'expiry-passed', expiresAt: at })
  const { generation, version } = broker.session('passed')
  const expected = { generation, version: version - 1 }
  const changed = { at: 'session-changed', generation, version }
  assert.deepEqual(await set('passed', { expiry: { seconds: 1 }, expected }), changed)
  assert.equal(broker.session('passed').expirySeconds, 600)
})

test('expiry, pin, version and the facts of the connection outlast the broker', async () => {
  const durable = await durableBroker()
  await subscribeAndLeave(durable, 'kept', 'kept', 1, { protocolVersion: 4, transport: 'websocket' })
  await set('kept', { expiry: { seconds: 5_000 }, pinned: true }, durable)
  const { version, connection, generation, expiresAt } = durable.session('kept')
  assert.ok(connection)
  await durable.restart()
  const after = durable.session('kept')
  assert.deepEqual(after.connection?.toJSON(), connection.toJSON())
  assert.equal(after.connection.path, '/mqtt')
  const { expirySeconds, expirySource, expiryPinned } = after
  assert.deepEqual(
    {
      generation: after.generation,
      expiresAt: after.expiresAt,
      expirySeconds,
      expirySource,
      expiryPinned,
    },
    { generation, expiresAt, expirySeconds: 5_000, expirySource: 'operator', expiryPinned: true },
  )
  assert.ok(after.version >= version)
  assert.equal(await grantedTo('kept', 700, durable), 5_000)
})

test('a version never goes back: not after SUBSCRIBE, and not when the broker ends under a client', async () => {
  const durable = await durableBroker()
  const client = await resume(durable, 'counted')
  await client.subscribe('one', 1)
  const { version } = durable.session('counted')
  await client.subscribe('two', 1)
  assert.equal(durable.session('counted').version, version + 1)
  await client.unsubscribe('two', 'three')
  assert.equal(durable.session('counted').version, version + 2)
  await client.unsubscribe('three')
  assert.equal(durable.session('counted').version, version + 2)
  await durable.restart()
  assert.ok(durable.session('counted').version > version + 2)
})
