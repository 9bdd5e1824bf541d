// Retained messages and RETAIN flags as a subscription asks for them: Retain Handling and Retain As Published.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

async function retain(...topics: string[]): Promise<void> {
  const publisher = await RawClient.connected(broker)
  for (const topic of topics) await publisher.publish({ topic, payload: topic, qos: 1, retain: true })
}

async function collectTopics(client: RawClient, count: number): Promise<string[]> {
  return (await client.collect(count)).map(publish => publish.topic).toSorted()
}

for (const protocolVersion of protocolVersions) {
  test(`sends a new subscription of version ${protocolVersion} the last retained message of each matching topic, with RETAIN 1 [MQTT5-3.3.1-9] [MQTT3-3.3.1-6] [MQTT3-3.3.1-8]`, async () => {
    const prefix = `each/${protocolVersion}`
    await retain(prefix, `${prefix}/a`, `${prefix}/b/c`, `${prefix}/b`, `${prefix}x`, `else/${prefix}`)
    const publisher = await RawClient.connected(broker)
    await publisher.publish({ topic: `${prefix}/a`, payload: 'newer', qos: 1, retain: true })
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    await client.subscribe(`${prefix}/#`)
    const received = await client.collect(4)
    await client.ping()
    assert.ok(received.every(publish => publish.retain && !publish.dup))
    assert.deepEqual(received.map(publish => [publish.topic, publish.payload.toString()]).toSorted(), [
      [prefix, prefix],
      [`${prefix}/a`, 'newer'],
      [`${prefix}/b`, `${prefix}/b`],
      [`${prefix}/b/c`, `${prefix}/b/c`],
    ])
  })

  test(`sends an established subscription of version ${protocolVersion} messages with RETAIN 0 [MQTT5-3.3.1-12] [MQTT3-3.3.1-9]`, async () => {
    const topic = `established/${protocolVersion}`
    const client = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
    await client.subscribe(topic, 2)
    for (const qos of [0, 1, 2] as const) {
      for (const retained of [true, false]) {
        await client.publish({ topic, payload: `${qos}`, qos, retain: retained })
        await client.expect('publish', { payload: `${qos}`, qos, retain: false })
      }
    }
  })
}

test('forwards the RETAIN flag as it was published when the subscription says so, at every QoS [MQTT5-3.3.1-13]', async () => {
  const client = await RawClient.connected(broker, {}, { autoAck: true })
  await client.subscribe([{ topic: 'as-published', qos: 2, rap: true }])
  for (const qos of [0, 1, 2] as const) {
    for (const retained of [true, false]) {
      await client.publish({ topic: 'as-published', payload: 'x', qos, retain: retained })
      await client.expect('publish', { qos, retain: retained })
    }
  }
})

test('keeps the RETAIN flag as published, or not, for a session that is away [MQTT5-3.3.1-12] [MQTT5-3.3.1-13]', async () => {
  const fields = { clientId: 'rap-away', clean: false, properties: { sessionExpiryInterval: 30 } }
  const client = await RawClient.connected(broker, fields)
  await client.subscribe([
    { topic: 'rap/kept', qos: 1, rap: true },
    { topic: 'rap/cleared', qos: 1, rap: false },
  ])
  await client.disconnect()
  await retain('rap/kept', 'rap/cleared')
  const returned = await RawClient.connected(broker, fields)
  await returned.expect('publish', { topic: 'rap/kept', retain: true })
  await returned.expect('publish', { topic: 'rap/cleared', retain: false })
})

test('sends retained messages at every subscribe with Retain Handling 0 [MQTT5-3.3.1-9]', async () => {
  await retain('handling/0')
  const client = await RawClient.connected(broker)
  for (const rap of [true, false, false]) {
    await client.subscribe([{ topic: 'handling/0', qos: 0, rh: 0, rap }])
    await client.expect('publish', { topic: 'handling/0', retain: true })
  }
  await client.ping()
})

test('sends retained messages with Retain Handling 1 only when the subscription is new [MQTT5-3.3.1-10]', async () => {
  await retain('handling/one/1')
  const client = await RawClient.connected(broker)
  const once = [{ topic: 'handling/one/1', qos: 0, rh: 1 }] as const
  await client.subscribe(once)
  await client.expect('publish', { topic: 'handling/one/1', retain: true })
  await client.subscribe(once)
  await client.ping()
  await client.subscribe([{ topic: 'handling/one/+', qos: 0, rh: 1 }])
  await client.expect('publish', { topic: 'handling/one/1', retain: true })
  await client.unsubscribe('handling/one/1')
  await client.subscribe(once)
  await client.expect('publish', { topic: 'handling/one/1', retain: true })
  await client.ping()
})

test('takes a subscription of a resumed session for an existing one with Retain Handling 1 [MQTT5-3.3.1-10]', async () => {
  await retain('handling/resumed')
  const fields = { clientId: 'handling', clean: false, properties: { sessionExpiryInterval: 30 } }
  const client = await RawClient.connected(broker, fields)
  await client.subscribe([{ topic: 'handling/resumed', qos: 0, rh: 1 }])
  await client.expect('publish', { topic: 'handling/resumed' })
  await client.disconnect()
  const resumed = await RawClient.connected(broker, fields)
  await resumed.subscribe([{ topic: 'handling/resumed', qos: 0, rh: 1 }])
  await resumed.ping()
})

test('sends no retained messages with Retain Handling 2, and live ones all the same [MQTT5-3.3.1-11]', async () => {
  await retain('handling/2')
  const client = await RawClient.connected(broker)
  const never = [{ topic: 'handling/2', qos: 0, rh: 2 }] as const
  await client.subscribe(never)
  await client.subscribe(never)
  await client.ping()
  await client.publish({ topic: 'handling/2', payload: 'live', retain: true })
  await client.expect('publish', { payload: 'live', retain: false })
})

test('holds Retain Handling for each filter of one SUBSCRIBE by itself [MQTT5-3.3.1-9] [MQTT5-3.3.1-11]', async () => {
  await retain('mixed/a', 'mixed/b', 'mixed/c')
  const client = await RawClient.connected(broker)
  await client.subscribe([
    { topic: 'mixed/a', qos: 0, rh: 0 },
    { topic: 'mixed/b', qos: 0, rh: 2 },
    { topic: 'mixed/c', qos: 0, rh: 1 },
  ])
  assert.deepEqual(await collectTopics(client, 2), ['mixed/a', 'mixed/c'])
  await client.ping()
})

test('sends a retained message at the lower of its QoS and the granted one [MQTT5-3.8.4-8]', async () => {
  const client = await RawClient.connected(broker, {}, { autoAck: true })
  for (const published of [0, 1, 2] as const) {
    const topic = `retained-qos/${published}`
    await client.publish({ topic, payload: 'x', qos: published, retain: true })
    for (const granted of [0, 1, 2] as const) {
      await client.subscribe(topic, granted)
      await client.expect('publish', { topic, qos: Math.min(published, granted), retain: true })
    }
  }
})

test('sends no own retained message to a subscription with No Local [MQTT5-3.8.3-3]', async () => {
  await retain('own-retained/other')
  const client = await RawClient.connected(broker)
  await client.publish({ topic: 'own-retained/own', payload: 'x', qos: 1, retain: true })
  await client.subscribe([{ topic: 'own-retained/#', qos: 0, nl: true }])
  await client.expect('publish', { topic: 'own-retained/other' })
  await client.ping()
})

test('sends no retained messages to a shared subscription, and live ones with RETAIN 0', async () => {
  await retain('shared-retained')
  const client = await RawClient.connected(broker)
  await client.subscribe('$share/g/shared-retained', 1)
  await client.ping()
  await client.publish({ topic: 'shared-retained', payload: 'live', qos: 0, retain: true })
  await client.expect('publish', { payload: 'live', retain: false })
})
