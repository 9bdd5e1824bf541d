// Topic aliases in both directions: what they stand for, how far they go, and when they are forgotten.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import type { Received } from '../harness/packets.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume } from '../harness/sessions.ts'

const broker = brokerForFile({ 'topic-alias-max': 4 })

const alias = (topicAlias: number) => ({ properties: { topicAlias } })

/** PUBLISH at QoS 0 without topic name: mqtt-packet refuses to write some of them. */
function aliasOnly(topicAlias: number, payload: string): Buffer {
  const rest = Buffer.from([0, 0, 3, 0x23, topicAlias >> 8, topicAlias & 0xff, ...Buffer.from(payload)])
  return Buffer.concat([Buffer.from([0x30, rest.length]), rest])
}

test('accepts every alias from 1 to the maximum that CONNACK tells, at each QoS [MQTT5-3.3.2-12]', async () => {
  const subscriber = await RawClient.connected(broker, {}, { autoAck: true })
  await subscriber.subscribe('alias/in/#', 2)
  const publisher = await RawClient.open(broker)
  const { properties } = await publisher.connect()
  assert.equal(properties?.topicAliasMaximum, 4)
  for (const number of [1, 2, 3, 4]) {
    const topic = `alias/in/${number}`
    for (const qos of [0, 1, 2] as const) {
      await publisher.publish({ topic: qos === 0 ? topic : '', payload: `${qos}`, qos, ...alias(number) })
      const publish = await subscriber.expect('publish', { topic, payload: `${qos}` })
      assert.equal(publish.properties?.topicAlias, undefined, 'the publisher’s alias went to the subscriber')
    }
  }
})

test('takes the latest topic of an alias, and a PUBLISH with topic and no alias as it is [MQTT5-3.3.2-12]', async () => {
  const subscriber = await RawClient.connected(broker)
  await subscriber.subscribe('alias/change/#')
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'alias/change/a', payload: '1', ...alias(1) })
  await publisher.publish({ topic: 'alias/change/b', payload: '2', ...alias(2) })
  publisher.send(aliasOnly(1, '3'))
  await publisher.publish({ topic: 'alias/change/c', payload: '4', ...alias(1) })
  await publisher.publish({ topic: 'alias/change/d', payload: '5' })
  publisher.send(aliasOnly(1, '6'))
  publisher.send(aliasOnly(2, '7'))
  const topics = (await subscriber.collect(7)).map(publish => publish.topic.at(-1))
  assert.equal(topics.join(''), 'abacdcb')
})

test('forgets the aliases of a publisher with its connection, though not its session [MQTT5-3.3.2-7]', async () => {
  const first = await resume(broker, 'alias-forgotten')
  await first.publish({ topic: 'alias/forgotten', payload: 'x', ...alias(1) })
  first.send(aliasOnly(1, 'y'))
  await first.ping()
  await first.disconnect()
  const second = await resume(broker, 'alias-forgotten')
  second.send(aliasOnly(1, 'z'))
  await second.expectDisconnect('protocol-error')
})

test('keeps the aliases of two connections apart [MQTT5-3.3.2-7]', async () => {
  const first = await RawClient.connected(broker)
  const second = await RawClient.connected(broker)
  await first.publish({ topic: 'alias/apart', payload: 'x', ...alias(2) })
  await first.ping()
  second.send(aliasOnly(2, 'y'))
  await second.expectDisconnect('protocol-error')
  await first.ping()
})

for (const number of [5, 0xffff, 0]) {
  test(`refuses the alias ${number} where the maximum is 4 [MQTT5-3.3.2-9, MQTT5-3.2.2-17]`, async () => {
    const publisher = await RawClient.connected(broker)
    const topic = Buffer.from('a/b')
    const variable = Buffer.from([0, 3, ...topic, 3, 0x23, number >> 8, number & 0xff])
    publisher.send(Buffer.concat([Buffer.from([0x30, variable.length]), variable]))
    await publisher.expectDisconnect('topic-alias-invalid')
  })
}

test('tells no maximum and refuses every alias where the setting is 0, and sends none [MQTT5-3.2.2-18, MQTT5-3.1.2-27]', async () => {
  const own = await brokerForTest({ 'topic-alias-max': 0 })
  const publisher = await RawClient.open(own)
  const { properties } = await publisher.connect({ properties: { topicAliasMaximum: 10 } })
  assert.equal(properties?.topicAliasMaximum ?? 0, 0)
  await publisher.subscribe('alias/none')
  await publisher.publish({ topic: 'alias/none', payload: 'x' })
  const publish = await publisher.expect('publish', { topic: 'alias/none' })
  assert.equal(publish.properties?.topicAlias, undefined)
  await publisher.publish({ topic: 'alias/none', payload: 'x', ...alias(1) })
  await publisher.expectDisconnect('topic-alias-invalid')
})

test('refuses a PUBLISH with neither topic nor alias', async () => {
  const publisher = await RawClient.connected(broker)
  publisher.send('30 03 0000 00')
  await publisher.expectDisconnect('protocol-error')
})

/** The topic of each, resolved as a client does; fails for an alias that is 0, above the maximum or not set. */
function resolveTopics(publishes: readonly Received<'publish'>[], max: number): string[] {
  const topics = new Map<number, string>()
  return publishes.map(publish => {
    const number = publish.properties?.topicAlias
    if (number === undefined) {
      assert.notEqual(publish.topic, '', 'neither topic nor alias')
      return publish.topic
    }
    assert.ok(number >= 1 && number <= max, `alias ${number} where the maximum is ${max}`)
    if (publish.topic !== '') topics.set(number, publish.topic)
    return topics.get(number) ?? assert.fail(`alias ${number} was never set`)
  })
}

for (const max of [1, 2, 4, 100]) {
  test(`sends aliases from 1 to ${max} and the server's own maximum, and no other, to a client that allows ${max} [MQTT5-3.1.2-26, MQTT5-3.3.2-8, MQTT5-3.3.2-11]`, async () => {
    const subscriber = await RawClient.connected(
      broker,
      { properties: { topicAliasMaximum: max } },
      { autoAck: true },
    )
    await subscriber.subscribe(`alias/out/${max}/#`, 2)
    const publisher = await RawClient.connected(broker, {}, { autoAck: true })
    const expected: string[] = []
    for (let count = 0; count < 24; count++) {
      const topic = `alias/out/${max}/${count % 6}`
      expected.push(`${topic} ${count}`)
      await publisher.publish({ topic, payload: `${count}`, qos: 1 })
    }
    const publishes = await subscriber.collect(24)
    const topics = resolveTopics(publishes, Math.min(max, 4))
    assert.deepEqual(
      topics.map((topic, index) => `${topic} ${publishes[index]?.payload}`),
      expected,
    )
    // That aliases save anything is why they are there.
    assert.ok(
      publishes.some(publish => publish.topic === ''),
      'no topic was left out',
    )
  })
}

test('sends no alias to clients that allow none [MQTT5-3.1.2-27]', async () => {
  const absent = await RawClient.connected(broker)
  const zero = await RawClient.connected(broker, { properties: { topicAliasMaximum: 0 } })
  const old = await RawClient.connected(broker, {}, { protocolVersion: 4 })
  for (const client of [absent, zero, old]) await client.subscribe('alias/absent', 1)
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'alias/absent', payload: 'x', qos: 1, ...alias(1) })
  await publisher.publish({ topic: '', payload: 'y', qos: 1, ...alias(1) })
  for (const client of [absent, zero, old]) {
    for (const publish of await client.collect(2)) {
      assert.equal(publish.topic, 'alias/absent')
      assert.equal(publish.properties?.topicAlias, undefined)
    }
  }
})

test('sets its aliases anew on each connection, also for what it sends again [MQTT5-3.3.2-7]', async () => {
  const publisher = await RawClient.connected(broker)
  const subscriber = await resume(broker, 'alias-anew', {}, { topicAliasMaximum: 2 })
  await subscriber.subscribe('alias/anew/#', 1)
  const publish = (topic: string) => publisher.publish({ topic, payload: 'x', qos: 1 })
  for (const topic of ['alias/anew/a', 'alias/anew/b', 'alias/anew/a', 'alias/anew/b']) await publish(topic)
  assert.equal(resolveTopics(await subscriber.collect(4), 2)[3], 'alias/anew/b')
  await subscriber.disconnect()
  await publish('alias/anew/b')
  for (const topicAliasMaximum of [2, 1, undefined, 2]) {
    const properties = topicAliasMaximum === undefined ? {} : { topicAliasMaximum }
    const again = await resume(broker, 'alias-anew', {}, properties)
    const topics = resolveTopics(await again.collect(5), topicAliasMaximum ?? 0)
    assert.equal(topics.map(topic => topic.at(-1)).join(''), 'ababb')
    await again.disconnect()
  }
})

test('keeps aliases right when a message that would have set one is too large for the client [MQTT5-3.3.2-11]', async () => {
  const properties = { topicAliasMaximum: 2, maximumPacketSize: 60 }
  const subscriber = await RawClient.connected(broker, { properties }, { autoAck: true })
  await subscriber.subscribe('alias/large/#', 1)
  const publisher = await RawClient.connected(broker)
  const publish = (topic: string, payload: string) => publisher.publish({ topic, payload, qos: 1 })
  await publish('alias/large/a', 'x'.repeat(60))
  await publish('alias/large/b', '1')
  await publish('alias/large/a', '2')
  await publish('alias/large/a', 'x'.repeat(60))
  await publish('alias/large/a', '3')
  await publish('alias/large/b', '4')
  const publishes = await subscriber.collect(4)
  assert.equal(
    resolveTopics(publishes, 2)
      .map(topic => topic.at(-1))
      .join(''),
    'baab',
  )
})
