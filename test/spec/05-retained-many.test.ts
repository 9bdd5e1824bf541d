// Many retained messages: how a new subscriber gets them all, and how many the broker holds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { encode } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { resume } from '../harness/sessions.ts'

/** A queue far smaller than what is retained. */
const broker = brokerForFile({ 'queue-messages-max': 10, 'retained-messages-max': 100_000 })
const MANY = 600

async function retainMany(qos: 0 | 1, root: string): Promise<Set<string>> {
  const publisher = await RawClient.connected(broker, {}, { protocolVersion: 4 })
  const topics = Array.from({ length: MANY }, (_, index) => `${root}/${index % 7}/${index}`)
  publisher.send(
    Buffer.concat(
      topics.map((topic, index) =>
        encode({ cmd: 'publish', topic, payload: topic, qos, retain: true, messageId: index + 1 }, 4),
      ),
    ),
  )
  for (let index = 0; index < MANY * qos; index++) await publisher.expect('puback', { messageId: index + 1 })
  await publisher.ping()
  return new Set(topics)
}

for (const qos of [0, 1] as const) {
  test(`sends ${MANY} retained messages of QoS ${qos} to one subscription, far more than its queue holds`, async () => {
    const topics = await retainMany(qos, `many/${qos}`)
    for (const protocolVersion of protocolVersions) {
      const subscriber = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
      await subscriber.subscribe(`many/${qos}/+/#`, 1)
      const publishes = await subscriber.collect(MANY)
      assert.ok(publishes.every(publish => publish.retain && publish.payload.toString() === publish.topic))
      assert.deepEqual(new Set(publishes.map(publish => publish.topic)), topics)
      await subscriber.ping()
    }
  })
}

test('owes a persistent session the retained messages that it had not been sent when it was cut', async () => {
  const own = await brokerForTest({ 'inflight-max': 5 })
  const publisher = await RawClient.connected(own)
  const topics = Array.from({ length: 30 }, (_, index) => `rest/${index}`)
  for (const topic of topics) await publisher.publish({ topic, payload: 'x', qos: 1, retain: true })
  const subscriber = await resume(own, 'retained-rest')
  await subscriber.subscribe('rest/#', 1)
  await subscriber.collect(5)
  await subscriber.disconnect()
  const again = await resume(own, 'retained-rest', { autoAck: true })
  const publishes = await again.collect(30)
  assert.deepEqual(publishes.map(publish => publish.topic).sort(), topics.sort())
  assert.ok(publishes.every(publish => publish.retain))
  await again.ping()
})

test('refuses a retained message beyond the limit, keeps those it has, and lets them be replaced and cleared [MQTT5-3.4.2-1, MQTT5-3.5.2-1]', async () => {
  const own = await brokerForTest({ 'retained-messages-max': 2, 'sys-interval': 'off' })
  const publisher = await RawClient.connected(own)
  const retain = (topic: string, payload: string, qos: 1 | 2 = 1) =>
    publisher.publish({ topic, payload, qos, retain: true })
  await retain('limit/a', '1')
  await retain('limit/b', '1')
  assert.equal((await retain('limit/c', '1'))?.reasonCode, 0x97)
  const pubrec = await retain('limit/c', '1', 2)
  assert.deepEqual([pubrec?.cmd, pubrec?.reasonCode], ['pubrec', 0x97])
  assert.notEqual((await retain('limit/a', '2'))?.reasonCode, 0x97)
  await retain('limit/b', '')
  assert.notEqual((await retain('limit/c', '3'))?.reasonCode, 0x97)

  const old = await RawClient.connected(own, {}, { protocolVersion: 4 })
  old.send({ cmd: 'publish', topic: 'limit/d', payload: '1', qos: 1, retain: true })
  await old.expectClosed()
  const subscriber = await RawClient.connected(own, {}, { autoAck: true })
  await subscriber.subscribe('limit/#', 1)
  const kept = (await subscriber.collect(2)).map(publish => `${publish.topic}=${publish.payload}`)
  assert.deepEqual(kept.sort(), ['limit/a=2', 'limit/c=3'])
  await subscriber.ping()
  // At QoS 0 nobody can be told; who is there gets it all the same.
  await publisher.publish({ topic: 'limit/e', payload: 'live', retain: true })
  await subscriber.expect('publish', { topic: 'limit/e', payload: 'live' })
})
