// SUBACK and UNSUBACK: one answer a request, one code a filter, in order, within the client's packet size.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

const FAILED_3 = 0x80
const FILTER_INVALID = 0x8f
const QUOTA_EXCEEDED = 0x97
const NO_SUBSCRIPTION = 0x11

for (const protocolVersion of protocolVersions) {
  const failed = protocolVersion === 5 ? FILTER_INVALID : FAILED_3

  test(`answers each SUBSCRIBE of version ${protocolVersion} with a SUBACK of its packet identifier [MQTT5-2.2.1-6] [MQTT5-3.8.4-1] [MQTT5-3.8.4-2] [MQTT3-2.3.1-7] [MQTT3-3.8.4-1] [MQTT3-3.8.4-2]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    for (const messageId of [1, 255, 256, 0x8000, 65_535, 1]) {
      client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: `answers/${messageId}`, qos: 0 }] })
      await client.expect('suback', { messageId, granted: [0] })
    }
    await client.ping()
  })

  test(`grants in version ${protocolVersion} the QoS that was asked for, in the order of the filters [MQTT5-3.8.4-6] [MQTT5-3.8.4-7] [MQTT5-3.9.3-1] [MQTT5-3.9.3-2] [MQTT3-3.8.4-5] [MQTT3-3.9.3-1] [MQTT3-3.9.3-2]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const asked = [2, 0, 1, 1, 2, 0, 0, 2] as const
    const suback = await client.subscribe(asked.map((qos, index) => ({ topic: `order/${index}`, qos })))
    assert.deepEqual(suback.granted, asked)
  })

  test(`refuses in version ${protocolVersion} one bad filter among good ones, in its place [MQTT5-3.8.4-5] [MQTT5-3.8.4-6] [MQTT5-3.8.4-7] [MQTT5-3.9.3-1] [MQTT5-3.9.3-2] [MQTT3-3.8.4-4] [MQTT3-3.8.4-5] [MQTT3-3.9.3-1] [MQTT3-3.9.3-2]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const prefix = `among/${protocolVersion}`
    const filters = [`${prefix}/a`, `${prefix}/#/b`, `${prefix}/c`, `${prefix}/d+`]
    const suback = await client.subscribe(filters.map(topic => ({ topic, qos: 1 as const })))
    assert.deepEqual(suback.granted, [1, failed, 1, failed])
    for (const level of ['a', 'c', 'd']) {
      await client.publish({ topic: `${prefix}/${level}`, payload: level, qos: 1 })
    }
    assert.deepEqual(
      (await client.collect(2)).map(publish => publish.payload.toString()),
      ['a', 'c'],
    )
    await client.ping()
  })

  test(`takes a SUBSCRIBE of version ${protocolVersion} with several filters as several, with one answer [MQTT5-3.8.4-5] [MQTT3-3.8.4-4]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const prefix = `several/${protocolVersion}`
    await client.publish({ topic: `${prefix}/b`, payload: 'kept', qos: 1, retain: true })
    await client.subscribe([
      { topic: `${prefix}/a`, qos: 0 },
      { topic: `${prefix}/b`, qos: 1 },
      { topic: `${prefix}/a`, qos: 2 },
    ])
    await client.expect('publish', { topic: `${prefix}/b`, payload: 'kept', retain: true, qos: 1 })
    await client.publish({ topic: `${prefix}/a`, payload: 'once', qos: 2 })
    await client.expect('publish', { payload: 'once', qos: 2 })
    await client.ping()
  })

  test(`answers each UNSUBSCRIBE of version ${protocolVersion}, also when nothing was there [MQTT5-2.2.1-6] [MQTT5-3.10.4-4] [MQTT5-3.10.4-5] [MQTT3-2.3.1-7] [MQTT3-3.10.4-4] [MQTT3-3.10.4-5]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    for (const messageId of [1, 300, 65_535, 1]) {
      client.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['was/never/there'] })
      await client.expect('unsuback', { messageId })
    }
    await client.ping()
  })

  test(`takes an UNSUBSCRIBE of version ${protocolVersion} with several filters as several, with one answer [MQTT5-3.10.4-6] [MQTT3-3.10.4-6]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const topics = ['a', 'b', 'c'].map(level => `un/several/${protocolVersion}/${level}`)
    await client.subscribe(topics.map(topic => ({ topic, qos: 0 as const })))
    await client.unsubscribe(topics[0] ?? '', topics[2] ?? '', topics[0] ?? '')
    for (const topic of topics) await client.publish({ topic, payload: topic, qos: 1 })
    await client.expect('publish', { topic: topics[1] })
    await client.ping()
  })
}

test('says for each filter of an UNSUBSCRIBE whether it was there, in order [MQTT5-3.11.3-1] [MQTT5-3.11.3-2]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe([
    { topic: 'un/a', qos: 0 },
    { topic: '$share/g/un/b', qos: 0 },
    { topic: 'un/+', qos: 0 },
  ])
  const unsuback = await client.unsubscribe(
    'un/none',
    'un/a',
    '$share/g/un/b',
    '$share/h/un/b',
    'un/+',
    'un/a',
  )
  const none = NO_SUBSCRIPTION
  assert.deepEqual(unsuback.granted, [none, 0, 0, none, 0, none])
})

test('answers an UNSUBSCRIBE for a filter that is none as one for a filter that was not there [MQTT5-3.11.3-2] [MQTT5-3.10.4-5]', async () => {
  const client = await RawClient.connected(broker)
  const { granted } = await client.unsubscribe('a/#/b', '', '$share/', '$share//a')
  assert.equal(granted.length, 4)
  for (const code of granted) assert.ok([NO_SUBSCRIPTION, FILTER_INVALID].includes(code), `code ${code}`)
})

test('sends SUBACK and UNSUBACK without reason string and user properties to a client with little room [MQTT5-3.9.2-1] [MQTT5-3.9.2-2] [MQTT5-3.11.2-1] [MQTT5-3.11.2-2]', async () => {
  const maximumPacketSize = 29
  const client = await RawClient.connected(broker, { properties: { maximumPacketSize } })
  const suback = await client.subscribe([
    { topic: 'bad/#/filter', qos: 0 },
    ...Array.from({ length: 23 }, (_, index) => ({ topic: `room/${index}`, qos: 0 as const })),
  ])
  const filters = Array.from({ length: 24 }, (_, index) => `room/${index}`)
  const unsuback = await client.unsubscribe(...filters)
  for (const answer of [suback, unsuback]) {
    assert.equal(answer.raw.length, maximumPacketSize)
    assert.equal(answer.granted.length, 24)
    assert.equal(answer.properties?.reasonString, undefined)
    assert.equal(answer.properties?.userProperties, undefined)
  }
})

test('refuses subscriptions above the limit of a session, each by itself [MQTT5-3.8.4-7] [MQTT5-3.9.3-2]', async () => {
  const client = await RawClient.connected(broker)
  const filters = Array.from({ length: 1_002 }, (_, index) => ({ topic: `many/${index}`, qos: 0 as const }))
  const { granted } = await client.subscribe(filters)
  assert.equal(granted.filter(code => code === 0).length, 1_000)
  assert.deepEqual(granted.slice(1_000), [QUOTA_EXCEEDED, QUOTA_EXCEEDED])
  const again = await client.subscribe([
    { topic: 'many/0', qos: 1 },
    { topic: 'many/1001', qos: 1 },
  ])
  assert.deepEqual(again.granted, [1, QUOTA_EXCEEDED])
  await client.unsubscribe('many/7')
  assert.deepEqual((await client.subscribe('many/1001', 2)).granted, [2])
})
