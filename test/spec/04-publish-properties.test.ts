// What travels with a message: properties reach every subscriber unaltered, on every way a message can take.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QoS } from '../../server/protocol/packet.ts'
import { brokerForFile } from '../harness/broker.ts'
import { bytesOfHex, type Received } from '../harness/packets.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume } from '../harness/sessions.ts'

const broker = brokerForFile()

function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** Names that repeat, are empty or would be special in JavaScript, in an order of their own. */
const userPairs = [
  ['b', '1'],
  ['a', '2'],
  ['b', '3'],
  ['', ''],
  ['__proto__', 'x'],
  ['a', '2'],
  ['\ufeffmark', 'grüße 🚀'],
] as const
const userProperties = Buffer.concat(
  userPairs.flatMap(([name, value]) => [Buffer.from([0x26]), string(name), string(value)]),
)
const correlation = bytesOfHex('00 ff 26 00 01')
const others = Buffer.concat([
  bytesOfHex('01 01'),
  Buffer.concat([bytesOfHex('03'), string('text/plain; charset=utf-8')]),
  Buffer.concat([bytesOfHex('08'), string('properties/reply')]),
  Buffer.concat([bytesOfHex('09 00 05'), correlation]),
])

/** A PUBLISH with every property that is forwarded, the user properties last; both lengths take two bytes. */
function publishBytes(topic: string, qos: QoS, messageId: number, retain = false): Buffer {
  const properties = Buffer.concat([others, userProperties])
  const identifier = qos === 0 ? Buffer.alloc(0) : Buffer.from([messageId >> 8, messageId & 0xff])
  const rest = Buffer.concat([
    string(topic),
    identifier,
    Buffer.from([(properties.length & 0x7f) | 0x80, properties.length >> 7]),
    properties,
    Buffer.from('payload'),
  ])
  assert.ok(properties.length >= 128 && properties.length < 16_384 && rest.length >= 128)
  const head = [0x30 | (qos << 1) | (retain ? 1 : 0), (rest.length & 0x7f) | 0x80, rest.length >> 7]
  return Buffer.concat([Buffer.from(head), rest])
}

function assertForwarded(publish: Received<'publish'>): void {
  assert.equal(publish.payload.toString(), 'payload')
  assert.equal(publish.properties?.payloadFormatIndicator, true)
  assert.equal(publish.properties?.contentType, 'text/plain; charset=utf-8')
  assert.equal(publish.properties?.responseTopic, 'properties/reply')
  assert.ok(publish.properties?.correlationData?.equals(correlation), 'the correlation data differs')
  assert.ok(publish.raw.includes(userProperties), `other user properties in ${publish.raw.toString('hex')}`)
  assert.equal(publish.raw.toString('latin1').split(userProperties.toString('latin1')).length, 2)
}

for (const qos of [0, 1, 2] as const) {
  test(`forwards all properties to every subscriber at QoS ${qos} [MQTT5-3.3.2-4, MQTT5-3.3.2-15, MQTT5-3.3.2-16, MQTT5-3.3.2-17, MQTT5-3.3.2-18, MQTT5-3.3.2-20]`, async () => {
    const topic = `properties/live/${qos}`
    const plain = await RawClient.connected(broker)
    const identified = await RawClient.connected(broker)
    const aliased = await RawClient.connected(broker, { properties: { topicAliasMaximum: 5 } })
    const wildcard = await RawClient.connected(broker, {}, { transport: 'websocket' })
    const silent = await RawClient.connected(broker, { properties: { requestProblemInformation: false } })
    await plain.subscribe(topic, qos)
    await identified.subscribe(topic, 0, { subscriptionIdentifier: 77 })
    await aliased.subscribe(topic, qos)
    await wildcard.subscribe('properties/live/#', qos)
    await silent.subscribe(topic, qos)
    const publisher = await RawClient.connected(broker)
    for (let round = 1; round <= 2; round++) {
      publisher.send(publishBytes(topic, qos, round))
      for (const subscriber of [plain, identified, aliased, wildcard, silent]) {
        const publish = await subscriber.expect('publish')
        assertForwarded(publish)
        assert.equal(publish.properties?.subscriptionIdentifier, subscriber === identified ? 77 : undefined)
        assert.equal(publish.properties?.topicAlias, subscriber === aliased ? 1 : undefined)
        assert.equal(publish.topic, subscriber === aliased && round === 2 ? '' : topic)
      }
    }
  })
}

for (const qos of [1, 2] as const) {
  test(`forwards all properties from a queue, again with DUP, and as a retained message, at QoS ${qos} [MQTT5-3.3.2-4, MQTT5-3.3.2-15, MQTT5-3.3.2-16, MQTT5-3.3.2-17, MQTT5-3.3.2-18, MQTT5-3.3.2-20]`, async () => {
    const topic = `properties/kept/${qos}`
    const clientId = `properties-${qos}`
    const offline = await resume(broker, clientId)
    await offline.subscribe(topic, qos)
    await offline.disconnect()
    const publisher = await RawClient.connected(broker)
    publisher.send(publishBytes(topic, qos, 1, true))
    await publisher.expect(qos === 1 ? 'puback' : 'pubrec')
    for (const dup of [false, true]) {
      const client = await resume(broker, clientId)
      assertForwarded(await client.expect('publish', { dup, qos }))
      await client.disconnect()
    }
    const late = await RawClient.connected(broker)
    await late.subscribe(topic, qos)
    assertForwarded(await late.expect('publish', { retain: true, qos }))
  })
}

test('leaves properties out for 3.x subscribers, and adds none to messages of 3.x publishers', async () => {
  const old = await RawClient.connected(broker, {}, { protocolVersion: 4 })
  const modern = await RawClient.connected(broker)
  await old.subscribe('properties/versions', 1)
  await modern.subscribe('properties/versions', 1)
  const publisher = await RawClient.connected(broker)
  publisher.send(publishBytes('properties/versions', 1, 1))
  const { raw, messageId } = await old.expect('publish', { payload: 'payload' })
  const plain = Buffer.concat([
    string('properties/versions'),
    Buffer.from([0, messageId]),
    Buffer.from('payload'),
  ])
  assert.equal(raw.toString('hex'), Buffer.concat([Buffer.from([0x32, plain.length]), plain]).toString('hex'))
  assertForwarded(await modern.expect('publish'))

  await old.publish({ topic: 'properties/versions', payload: 'old', qos: 1 })
  const fromOld = await modern.expect('publish', { payload: 'old' })
  assert.equal(fromOld.raw[fromOld.raw.length - 4], 0)
  assert.equal(fromOld.raw.length, 2 + 2 + 'properties/versions'.length + 2 + 1 + 3)
})

test('forwards user properties that are empty or the longest allowed, and refuses more than it allows', async () => {
  const subscriber = await RawClient.connected(broker)
  await subscriber.subscribe('properties/many')
  const publisher = await RawClient.connected(broker)
  const many = (count: number) => ({ x: Array.from({ length: count }, (_, index) => `${index}`) })
  await publisher.publish({
    topic: 'properties/many',
    payload: 'most',
    properties: { userProperties: many(32) },
  })
  const { properties } = await subscriber.expect('publish', { payload: 'most' })
  assert.deepEqual({ ...properties?.userProperties }, many(32))
  await publisher.publish({
    topic: 'properties/many',
    payload: 'more',
    properties: { userProperties: many(33) },
  })
  await publisher.expectClosed({ after: 'disconnect' })
  await subscriber.ping()
})

test('carries a request and its response between clients that have never met [MQTT5-3.3.2-15, MQTT5-3.3.2-16]', async () => {
  const responder = await RawClient.connected(broker)
  await responder.subscribe('service/add', 1)
  const requesters = await Promise.all(
    ['one', 'two'].map(async name => {
      const requester = await RawClient.connected(broker)
      await requester.subscribe(`replies/${name}`, 1)
      const correlationData = Buffer.from(`ticket-${name}`)
      const properties = { responseTopic: `replies/${name}`, correlationData }
      await requester.publish({ topic: 'service/add', payload: name, qos: 1, properties })
      return { requester, name, correlationData }
    }),
  )
  for (let request = 0; request < 2; request++) {
    const { properties, payload, messageId } = await responder.expect('publish', { topic: 'service/add' })
    responder.send({ cmd: 'puback', messageId })
    const { responseTopic = '', correlationData } = properties ?? {}
    await responder.publish({
      topic: responseTopic,
      payload: `sum for ${payload}`,
      qos: 1,
      ...(correlationData === undefined ? {} : { properties: { correlationData } }),
    })
  }
  for (const { requester, name, correlationData } of requesters) {
    await requester.expect('publish', { payload: `sum for ${name}`, properties: { correlationData } })
  }
})
