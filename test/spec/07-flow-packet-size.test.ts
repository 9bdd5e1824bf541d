// Maximum Packet Size in both directions: what is refused, what is dropped, and what is left out to fit.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { encode, type Received } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume } from '../harness/sessions.ts'

const MAX = 2_000
const broker = brokerForFile({
  'max-packet-size': MAX,
  'max-packet-size-before-connect': MAX,
  'queue-messages-max': 3,
  'queue-overflow': 'reject',
})

/** A QoS 1 PUBLISH of exactly this size. */
function publishOfSize(bytes: number, topic: string, protocolVersion: 3 | 4 | 5): Buffer {
  for (let payload = bytes; payload >= 0; payload--) {
    const packet = { cmd: 'publish', topic, payload: 'x'.repeat(payload), qos: 1, messageId: 1 } as const
    const encoded = encode(packet, protocolVersion)
    if (encoded.length === bytes) return encoded
  }
  throw new Error(`no PUBLISH has ${bytes} bytes`)
}

for (const protocolVersion of protocolVersions) {
  test(`takes the largest packet of version ${protocolVersion} and refuses one byte more [MQTT5-3.2.2-15]`, async () => {
    const topic = `size/in/${protocolVersion}`
    const subscriber = await RawClient.connected(broker, {}, { protocolVersion: 4, autoAck: true })
    await subscriber.subscribe(topic, 1)
    const publisher = await RawClient.open(broker, { protocolVersion })
    const { properties } = await publisher.connect()
    if (protocolVersion === 5) assert.equal(properties?.maximumPacketSize, MAX)
    publisher.send(publishOfSize(MAX, topic, protocolVersion))
    await publisher.expect('puback')
    const { payload } = await subscriber.expect('publish')
    assert.ok(payload.length > MAX - 50)
    publisher.send(publishOfSize(MAX + 1, topic, protocolVersion))
    await publisher.expectDisconnect('packet-too-large')
    await subscriber.ping()
  })
}

test('refuses a packet by its length, before the rest of it has come [MQTT5-3.2.2-15]', async () => {
  const publisher = await RawClient.connected(broker)
  publisher.send('30 ff ff ff 7f 00 01')
  await publisher.expectDisconnect('packet-too-large')
})

const SIZE = 100

test('drops what is too large for a client as if it were delivered, at each QoS, and sends the rest [MQTT5-3.1.2-24, MQTT5-3.1.2-25]', async () => {
  const small = await RawClient.connected(
    broker,
    { properties: { maximumPacketSize: SIZE, receiveMaximum: 1 } },
    { autoAck: true },
  )
  const large = await RawClient.connected(broker, {}, { autoAck: true })
  for (const client of [small, large]) await client.subscribe('size/out', 2)
  const publisher = await RawClient.connected(broker)
  const expected: string[] = []
  for (const qos of [0, 1, 2, 1, 2, 0] as const) {
    await publisher.publish({ topic: 'size/out', payload: 'x'.repeat(SIZE), qos })
    await publisher.publish({ topic: 'size/out', payload: `fits ${qos}`, qos })
    expected.push(`fits ${qos}`)
  }
  assert.deepEqual(await payloads(small, 6), expected)
  assert.equal((await payloads(large, 12)).length, 12)
  await small.ping()
})

test('sends a packet of exactly the size that the client allows, and none of one byte more [MQTT5-3.1.2-24]', async () => {
  const publisher = await RawClient.connected(broker)
  for (const subscriptionIdentifier of [undefined, 5]) {
    for (const topicAliasMaximum of [0, 3]) {
      const client = await RawClient.connected(
        broker,
        { properties: { maximumPacketSize: SIZE, topicAliasMaximum } },
        { autoAck: true },
      )
      await client.subscribe('size/edge', 1, subscriptionIdentifier ? { subscriptionIdentifier } : {})
      for (let payload = 60; payload < SIZE; payload++) {
        await publisher.publish({ topic: 'size/edge', payload: 'x'.repeat(payload), qos: 1 })
      }
      await publisher.publish({ topic: 'size/edge', payload: 'end', qos: 1 })
      const sizes: number[] = []
      for (;;) {
        const { payload, raw } = await client.expect('publish')
        if (payload.toString() === 'end') break
        sizes.push(raw.length)
      }
      assert.equal(Math.max(...sizes), SIZE)
      await client.disconnect()
    }
  }
})

test('gives up a queued message that is too large for good, not until a connection with more room [MQTT5-3.1.2-25]', async () => {
  const first = await resume(broker, 'size-queue')
  await first.subscribe('size/queue', 2)
  await first.disconnect()
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'size/queue', payload: 'x'.repeat(SIZE), qos: 1 })
  await publisher.publish({ topic: 'size/queue', payload: 'y'.repeat(SIZE), qos: 2 })
  await publisher.publish({ topic: 'size/queue', payload: 'fits', qos: 1 })
  const small = await resume(broker, 'size-queue', {}, { maximumPacketSize: SIZE })
  const { messageId } = await small.expect('publish', { payload: 'fits' })
  await small.disconnect()
  const roomy = await resume(broker, 'size-queue')
  await roomy.expect('publish', { payload: 'fits', dup: true, messageId })
  await roomy.ping()
})

test('drops a message in flight that the new connection has no room for [MQTT5-3.1.2-24, MQTT5-3.1.2-25]', async () => {
  const roomy = await resume(broker, 'size-flight')
  await roomy.subscribe('size/flight', 2)
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'size/flight', payload: 'x'.repeat(SIZE), qos: 1 })
  await publisher.publish({ topic: 'size/flight', payload: 'fits', qos: 2 })
  await roomy.collect(2)
  await roomy.disconnect()
  const small = await resume(
    broker,
    'size-flight',
    { autoAck: true },
    { maximumPacketSize: SIZE, receiveMaximum: 1 },
  )
  await small.expect('publish', { payload: 'fits', dup: true })
  await publisher.publish({ topic: 'size/flight', payload: 'next', qos: 1 })
  await small.expect('publish', { payload: 'next' })
})

/** A subscriber with a full queue that rejects, so that its publishers are refused with a reason. */
async function fillQueue(topic: string): Promise<void> {
  const subscriber = await resume(broker, `full-${topic}`)
  await subscriber.subscribe(topic, 1)
  await subscriber.disconnect()
  const publisher = await RawClient.connected(broker)
  for (let count = 0; count < 3; count++) await publisher.publish({ topic, payload: 'x', qos: 1 })
}

type Answer =
  | Received<'connack'>
  | Received<'puback'>
  | Received<'pubrec'>
  | Received<'pubrel'>
  | Received<'pubcomp'>

/** All the answers around PUBLISH that can have a reason, provoked with codes other than success. */
async function provokeAnswers(topic: string, properties: object): Promise<Answer[]> {
  const client = await RawClient.open(broker)
  const connack = await client.connect({ properties })
  client.send({ cmd: 'publish', topic, payload: 'x', qos: 1, messageId: 1 })
  const puback = await client.expect('puback', { reasonCode: 0x97 })
  client.send({ cmd: 'publish', topic, payload: 'x', qos: 2, messageId: 2 })
  const pubrec = await client.expect('pubrec', { reasonCode: 0x97 })
  client.send({ cmd: 'pubrec', messageId: 3 })
  const pubrel = await client.expect('pubrel', { reasonCode: 0x92 })
  client.send({ cmd: 'pubrel', messageId: 4 })
  return [connack, puback, pubrec, pubrel, await client.expect('pubcomp', { reasonCode: 0x92 })]
}

test('leaves reason and user properties out of answers that would be too large with them [MQTT5-3.1.2-24, MQTT5-3.2.2-19, MQTT5-3.2.2-20, MQTT5-3.4.2-2, MQTT5-3.4.2-3, MQTT5-3.5.2-2, MQTT5-3.5.2-3, MQTT5-3.6.2-2, MQTT5-3.6.2-3, MQTT5-3.7.2-2, MQTT5-3.7.2-3]', async () => {
  await fillQueue('size/answers')
  const roomy = await provokeAnswers('size/answers', {})
  const reasons = roomy.filter(answer => answer.properties?.reasonString !== undefined)
  assert.ok(reasons.length >= 2, 'nothing is said that could be left out')
  const small = await provokeAnswers('size/answers', { maximumPacketSize: 24 })
  for (const { raw, cmd, properties } of small) {
    assert.ok(raw.length <= 24, `${cmd} has ${raw.length} bytes`)
    assert.equal(properties?.reasonString, undefined)
    assert.equal(properties?.userProperties, undefined)
  }
})

test('leaves the reason out of a CONNACK that refuses when it would be too large [MQTT5-3.2.2-19, MQTT5-3.1.2-24]', async () => {
  for (const maximumPacketSize of [undefined, 12]) {
    const client = await RawClient.open(broker)
    const properties = {
      authenticationMethod: 'unheard-of',
      ...(maximumPacketSize ? { maximumPacketSize } : {}),
    }
    const connack = await client.connect({ properties })
    assert.equal(connack.reasonCode, 0x8c)
    if (maximumPacketSize === undefined) assert.notEqual(connack.properties?.reasonString, undefined)
    else assert.ok(connack.raw.length <= maximumPacketSize, `CONNACK has ${connack.raw.length} bytes`)
    await client.expectClosed()
  }
})

test('says no reasons in answers to a client that wants none, and forwards user properties all the same [MQTT5-3.1.2-29]', async () => {
  await fillQueue('size/silent')
  const silent = await provokeAnswers('size/silent', { requestProblemInformation: false })
  for (const { cmd, properties } of silent.filter(answer => answer.cmd !== 'connack')) {
    assert.equal(properties?.reasonString, undefined, cmd)
    assert.equal(properties?.userProperties, undefined, cmd)
  }
  const client = await RawClient.connected(broker, { properties: { requestProblemInformation: false } })
  await client.subscribe('size/silent/mine')
  const unsubscribed = await client.unsubscribe('size/never')
  assert.equal(unsubscribed.properties?.reasonString, undefined)
  const userProperties = { kept: 'yes' }
  await client.publish({ topic: 'size/silent/mine', payload: 'x', properties: { userProperties } })
  await client.expect('publish', { properties: { userProperties } })
})
