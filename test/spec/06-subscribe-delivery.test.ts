// What a subscription brings: the granted QoS, replacement without loss, overlaps, No Local and Subscription Identifiers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()
const levels = [0, 1, 2] as const

for (const protocolVersion of protocolVersions) {
  test(`delivers in version ${protocolVersion} at the lower of published and granted QoS [MQTT5-3.8.4-8] [MQTT3-3.8.4-6]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    for (const granted of levels) {
      const topic = `lower/${protocolVersion}/${granted}`
      await client.subscribe(topic, granted)
      for (const published of levels) {
        await client.publish({ topic, payload: `${published}`, qos: published })
        const qos = Math.min(granted, published)
        await client.expect('publish', { topic, payload: `${published}`, qos })
      }
    }
    await client.ping()
  })

  test(`delivers in version ${protocolVersion} only topics that match the filter, with their own names [MQTT5-3.3.2-3] [MQTT3-3.3.2-3]`, async () => {
    const prefix = `match/${protocolVersion}`
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    await client.subscribe(`${prefix}/+/c`)
    for (const rest of ['a/c', 'a/d', 'b/c', 'c', 'a/b/c', 'a/c/d', '/c']) {
      await client.publish({ topic: `${prefix}/${rest}`, payload: rest, qos: 1 })
    }
    for (const rest of ['a/c', 'b/c', '/c']) {
      await client.expect('publish', { topic: `${prefix}/${rest}`, payload: rest })
    }
    await client.ping()
  })

  test(`replaces in version ${protocolVersion} the subscription to the same filter, and sends retained messages again [MQTT5-3.8.4-3] [MQTT5-3.8.4-4] [MQTT3-3.8.4-3]`, async () => {
    const topic = `replace/${protocolVersion}`
    const client = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    await client.publish({ topic, payload: 'kept', qos: 2, retain: true })
    for (const qos of levels) {
      await client.subscribe(topic, qos)
      await client.expect('publish', { payload: 'kept', retain: true, qos })
      await client.publish({ topic, payload: `at ${qos}`, qos: 2 })
      await client.expect('publish', { payload: `at ${qos}`, retain: false, qos })
    }
    await client.ping()
  })

  test(`loses no message in version ${protocolVersion} while a subscription is replaced again and again [MQTT5-3.8.4-4] [MQTT3-3.8.4-3]`, async () => {
    const topic = `uninterrupted/${protocolVersion}`
    const subscriber = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    const publisher = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    await subscriber.subscribe(topic, 1)
    const publishAll = async (): Promise<void> => {
      for (let count = 0; count < 200; count++)
        await publisher.publish({ topic, payload: `${count}`, qos: 1 })
    }
    const subscribeAgain = async (): Promise<void> => {
      for (let count = 0; count < 100; count++) await subscriber.subscribe(topic, count % 2 === 0 ? 2 : 1)
    }
    await Promise.all([publishAll(), subscribeAgain()])
    const payloads = (await subscriber.collect(200)).map(publish => publish.payload.toString())
    assert.deepEqual(
      payloads,
      Array.from({ length: 200 }, (_, count) => `${count}`),
    )
  })

  test(`delivers in version ${protocolVersion} at the highest QoS of overlapping subscriptions, once [MQTT5-3.3.4-2] [MQTT3-3.3.5-1]`, async () => {
    const prefix = `overlap/${protocolVersion}`
    const client = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    await client.subscribe([
      { topic: `${prefix}/#`, qos: 0 },
      { topic: `${prefix}/a`, qos: 2 },
      { topic: `${prefix}/+`, qos: 1 },
    ])
    await client.publish({ topic: `${prefix}/a`, payload: 'two', qos: 2 })
    await client.expect('publish', { payload: 'two', qos: 2 })
    await client.publish({ topic: `${prefix}/b`, payload: 'one', qos: 2 })
    await client.expect('publish', { payload: 'one', qos: 1 })
    await client.publish({ topic: `${prefix}/b/c`, payload: 'none', qos: 2 })
    await client.expect('publish', { payload: 'none', qos: 0 })
    await client.ping()
  })
}

test('gives back no own message to a subscription with No Local, and all others [MQTT5-3.8.3-3]', async () => {
  const client = await RawClient.connected(broker, { clientId: 'own' })
  const other = await RawClient.connected(broker)
  await client.subscribe([{ topic: 'local/#', qos: 1, nl: true }])
  await client.publish({ topic: 'local/a', payload: 'own', qos: 1 })
  await other.publish({ topic: 'local/a', payload: 'other', qos: 1 })
  await client.expect('publish', { payload: 'other' })
  await client.ping()
})

test('holds No Local by client identifier, across connections of one session [MQTT5-3.8.3-3]', async () => {
  const fields = { clientId: 'own-twice', clean: false, properties: { sessionExpiryInterval: 30 } }
  const first = await RawClient.connected(broker, fields)
  await first.subscribe([{ topic: 'twice/#', qos: 1, nl: true }])
  await first.disconnect()
  const second = await RawClient.connected(broker, fields)
  await second.publish({ topic: 'twice/a', payload: 'own', qos: 1 })
  await second.ping()
})

test('gives back an own message once to an overlapping subscription without No Local [MQTT5-3.8.3-3] [MQTT5-3.3.4-3]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe([{ topic: 'mixed/#', qos: 2, nl: true }], 0, { subscriptionIdentifier: 1 })
  await client.subscribe([{ topic: 'mixed/+', qos: 0 }], 0, { subscriptionIdentifier: 2 })
  await client.publish({ topic: 'mixed/a', payload: 'own', qos: 1 })
  await client.expect('publish', { payload: 'own', qos: 0, properties: { subscriptionIdentifier: 2 } })
  await client.ping()
})

test('does not give an own will to a subscription with No Local [MQTT5-3.8.3-3]', async () => {
  const fields = { clientId: 'own-will', clean: false, properties: { sessionExpiryInterval: 30 } }
  const will = { topic: 'own/will', payload: Buffer.from('will'), qos: 1 as const, retain: false }
  const client = await RawClient.connected(broker, { ...fields, will })
  await client.subscribe([{ topic: 'own/#', qos: 1, nl: true }])
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe('own/will')
  client.destroy()
  await watcher.expect('publish', { payload: 'will' })
  const returned = await RawClient.connected(broker, fields)
  await returned.ping()
})

/** From 1 byte to 4 bytes on the wire. */
const identifiers = [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455]

test('sends the Subscription Identifier of the subscription with its messages, retained ones too [MQTT5-3.3.4-3]', async () => {
  const client = await RawClient.connected(broker)
  await client.publish({ topic: 'identified', payload: 'kept', qos: 1, retain: true })
  for (const subscriptionIdentifier of identifiers) {
    await client.subscribe('identified', 1, { subscriptionIdentifier })
    const properties = { subscriptionIdentifier }
    const kept = await client.expect('publish', { payload: 'kept', properties })
    client.send({ cmd: 'puback', messageId: kept.messageId })
    await client.publish({ topic: 'identified', payload: 'live' })
    await client.expect('publish', { payload: 'live', properties })
  }
  await client.subscribe([{ topic: 'identified', qos: 0, rh: 2 }])
  await client.publish({ topic: 'identified', payload: 'without' })
  const { properties } = await client.expect('publish', { payload: 'without' })
  assert.equal(properties?.subscriptionIdentifier, undefined)
})

test('sends one copy with the identifiers of all overlapping subscriptions that have one [MQTT5-3.3.4-3] [MQTT5-3.3.4-4]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe('ids/#', 0, { subscriptionIdentifier: 7 })
  await client.subscribe('ids/+', 0)
  await client.subscribe('ids/a', 0, { subscriptionIdentifier: 300 })
  await client.subscribe('+/a', 0, { subscriptionIdentifier: 7 })
  await client.publish({ topic: 'ids/a', payload: 'x' })
  const { properties } = await client.expect('publish', { payload: 'x' })
  const sent = [properties?.subscriptionIdentifier].flat().toSorted()
  assert.deepEqual(sent, [300, 7, 7])
  await client.ping()
})

test('sends two deliveries with the identifier of each: a shared and an ordinary subscription of one client [MQTT5-3.3.4-5]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe('copies/#', 0, { subscriptionIdentifier: 1 })
  await client.subscribe('$share/group/copies/+', 0, { subscriptionIdentifier: 2 })
  await client.publish({ topic: 'copies/a', payload: 'x' })
  const both = await client.collect(2)
  const sent = both.map(publish => publish.properties?.subscriptionIdentifier)
  assert.deepEqual(sent.flat().toSorted(), [1, 2])
  await client.ping()
})

test('keeps the identifiers with what waits for a session that is away [MQTT5-3.3.4-3] [MQTT5-3.3.4-4]', async () => {
  const fields = { clientId: 'away-ids', clean: false, properties: { sessionExpiryInterval: 30 } }
  const client = await RawClient.connected(broker, fields)
  await client.subscribe('away/ids', 1, { subscriptionIdentifier: 21 })
  await client.disconnect()
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'away/ids', payload: 'x', qos: 1 })
  const returned = await RawClient.connected(broker, fields)
  await returned.expect('publish', { payload: 'x', properties: { subscriptionIdentifier: 21 } })
})
