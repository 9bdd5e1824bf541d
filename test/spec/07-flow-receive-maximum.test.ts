// Flow control in both directions: how many QoS 1 and 2 messages may be on their way, and what is never held back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile({ 'receive-maximum': 3, 'inflight-max': 4 })

const exchange = (topic: string, messageId: number) =>
  ({ cmd: 'publish', topic, payload: `${messageId}`, qos: 2, messageId }) as const

test('tells its Receive Maximum and closes when a publisher exceeds it [MQTT5-3.3.4-7]', async () => {
  const publisher = await RawClient.open(broker)
  const { properties } = await publisher.connect()
  assert.equal(properties?.receiveMaximum, 3)
  for (const messageId of [1, 2, 3]) publisher.send(exchange('flow/exceeded', messageId))
  for (const messageId of [1, 2, 3]) await publisher.expect('pubrec', { messageId })
  publisher.send(exchange('flow/exceeded', 4))
  await publisher.expectDisconnect('receive-maximum-exceeded')
})

test('counts an exchange until PUBCOMP, and neither what is repeated nor QoS 0 [MQTT5-3.3.4-7]', async () => {
  const publisher = await RawClient.connected(broker)
  for (const messageId of [1, 2, 3]) publisher.send(exchange('flow/counted', messageId))
  for (const messageId of [1, 2, 3]) await publisher.expect('pubrec', { messageId })
  for (let count = 0; count < 5; count++) {
    publisher.send({ ...exchange('flow/counted', 2), dup: true })
    await publisher.expect('pubrec', { messageId: 2 })
    publisher.send({ cmd: 'publish', topic: 'flow/counted', payload: 'zero' })
  }
  for (let messageId = 4; messageId < 24; messageId++) {
    publisher.send({ cmd: 'pubrel', messageId: messageId - 3 })
    await publisher.expect('pubcomp', { messageId: messageId - 3 })
    publisher.send(exchange('flow/counted', messageId))
    await publisher.expect('pubrec', { messageId })
  }
  publisher.send(exchange('flow/counted', 99))
  await publisher.expectDisconnect('receive-maximum-exceeded')
})

test('lets a publisher send its window again and more after a reconnect [MQTT5-3.3.4-7]', async () => {
  const before = await resume(broker, 'flow-publisher')
  for (const messageId of [1, 2, 3]) before.send(exchange('flow/publisher', messageId))
  for (const messageId of [1, 2, 3]) await before.expect('pubrec', { messageId })
  before.destroy()
  const after = await resume(broker, 'flow-publisher')
  for (const messageId of [1, 2, 3]) after.send({ ...exchange('flow/publisher', messageId), dup: true })
  for (const messageId of [1, 2, 3]) await after.expect('pubrec', { messageId })
  for (const messageId of [1, 2, 3]) after.send({ cmd: 'pubrel', messageId })
  for (const messageId of [1, 2, 3]) await after.expect('pubcomp', { messageId })
  for (const messageId of [4, 5, 6]) after.send(exchange('flow/publisher', messageId))
  for (const messageId of [4, 5, 6]) await after.expect('pubrec', { messageId })
})

test('does not hold 3.x publishers to a maximum that they cannot know', async () => {
  for (const protocolVersion of [3, 4] as const) {
    const publisher = await RawClient.connected(broker, {}, { protocolVersion })
    for (let messageId = 1; messageId <= 40; messageId++) publisher.send(exchange('flow/old', messageId))
    for (let messageId = 1; messageId <= 40; messageId++) await publisher.expect('pubrec', { messageId })
  }
})

for (const receiveMaximum of [1, 2, 7]) {
  test(`sends ${receiveMaximum} unacknowledged messages to a client that allows ${receiveMaximum}, then one for each that is acknowledged [MQTT5-3.3.4-9, MQTT5-4.9.0-1, MQTT5-4.9.0-2]`, async () => {
    const clientId = `flow-window-${receiveMaximum}`
    await subscribeAndLeave(broker, clientId, clientId, 1)
    const publisher = await RawClient.connected(broker)
    for (let count = 0; count < 15; count++) {
      await publisher.publish({ topic: clientId, payload: `${count}`, qos: 1 })
    }
    const subscriber = await resume(broker, clientId, {}, { receiveMaximum })
    const window = (await subscriber.collect(receiveMaximum)).map(publish => publish.messageId)
    await subscriber.ping()
    for (let count = receiveMaximum; count < 15; count++) {
      subscriber.send({ cmd: 'puback', messageId: window.shift() })
      const { messageId } = await subscriber.expect('publish', { payload: `${count}` })
      window.push(messageId)
      await subscriber.ping()
    }
  })
}

test('holds the window of a QoS 2 message until PUBCOMP, not until PUBREC [MQTT5-3.3.4-9, MQTT5-4.9.0-2]', async () => {
  const subscriber = await RawClient.connected(broker, { properties: { receiveMaximum: 1 } })
  await subscriber.subscribe('flow/qos-2', 2)
  const publisher = await RawClient.connected(broker)
  for (const payload of ['a', 'b', 'c']) await publisher.publish({ topic: 'flow/qos-2', payload, qos: 2 })
  for (const payload of ['a', 'b', 'c']) {
    const { messageId } = await subscriber.expect('publish', { payload })
    await subscriber.ping()
    subscriber.send({ cmd: 'pubrec', messageId })
    await subscriber.expect('pubrel', { messageId })
    await subscriber.ping()
    subscriber.send({ cmd: 'pubcomp', messageId })
  }
  await subscriber.ping()
})

test('does not let acknowledgements of nothing widen the window [MQTT5-4.9.0-1]', async () => {
  const subscriber = await RawClient.connected(broker, { properties: { receiveMaximum: 2 } })
  await subscriber.subscribe('flow/wide', 2)
  for (let messageId = 1; messageId <= 6; messageId++) {
    subscriber.send({ cmd: 'puback', messageId })
    subscriber.send({ cmd: 'pubcomp', messageId })
  }
  await subscriber.ping()
  const publisher = await RawClient.connected(broker)
  for (const payload of ['a', 'b', 'c', 'd']) await publisher.publish({ topic: 'flow/wide', payload, qos: 1 })
  const [first] = await subscriber.collect(2)
  await subscriber.ping()
  for (let repeated = 0; repeated < 4; repeated++) {
    subscriber.send({ cmd: 'puback', messageId: first?.messageId })
  }
  await subscriber.expect('publish', { payload: 'c' })
  await subscriber.ping()
})

test('does not let exchanges that an earlier connection began widen the window [MQTT5-3.3.4-9, MQTT5-4.9.0-1]', async () => {
  const before = await resume(broker, 'flow-resumed')
  await before.subscribe('flow/resumed', 2)
  const publisher = await RawClient.connected(broker)
  for (const payload of ['a', 'b']) await publisher.publish({ topic: 'flow/resumed', payload, qos: 2 })
  for (const { messageId } of await before.collect(2)) {
    before.send({ cmd: 'pubrec', messageId })
    await before.expect('pubrel', { messageId })
  }
  await before.disconnect()
  const after = await resume(broker, 'flow-resumed', {}, { receiveMaximum: 2 })
  for (let pubrels = 0; pubrels < 2; pubrels++) {
    const { messageId } = await after.expect('pubrel')
    after.send({ cmd: 'pubcomp', messageId })
  }
  await after.ping()
  for (const payload of ['c', 'd', 'e', 'f'])
    await publisher.publish({ topic: 'flow/resumed', payload, qos: 1 })
  assert.deepEqual(await payloads(after, 2), ['c', 'd'])
  await after.ping()
})

test('sends and answers all else while the window is full [MQTT5-3.3.4-10, MQTT5-4.9.0-3]', async () => {
  const client = await RawClient.connected(broker, { properties: { receiveMaximum: 1 } })
  await client.subscribe('flow/full', 1)
  const publisher = await RawClient.connected(broker)
  for (const payload of ['first', 'second']) await publisher.publish({ topic: 'flow/full', payload, qos: 1 })
  const first = await client.expect('publish', { payload: 'first' })

  await publisher.publish({ topic: 'flow/full', payload: 'zero' })
  await client.expect('publish', { payload: 'zero', qos: 0 })
  await client.subscribe('flow/full/other', 2)
  await client.unsubscribe('flow/full/other')
  client.send({ cmd: 'publish', topic: 'flow/full/mine', payload: 'x', qos: 1, messageId: 71 })
  await client.expect('puback', { messageId: 71 })
  client.send(exchange('flow/full/mine', 72))
  await client.expect('pubrec', { messageId: 72 })
  client.send({ cmd: 'pubrel', messageId: 72 })
  await client.expect('pubcomp', { messageId: 72 })
  client.send({ cmd: 'pubrec', messageId: 999 })
  await client.expect('pubrel', { messageId: 999 })
  await client.ping()
  client.send({ cmd: 'puback', messageId: first.messageId })
  await client.expect('publish', { payload: 'second' })
})

for (const protocolVersion of protocolVersions) {
  test(`sends as many as the setting says to a client of version ${protocolVersion} that states no maximum [MQTT5-4.9.0-1, MQTT5-4.9.0-2]`, async () => {
    const topic = `flow/setting/${protocolVersion}`
    const subscriber = await RawClient.connected(broker, {}, { protocolVersion })
    await subscriber.subscribe(topic, 2)
    const publisher = await RawClient.connected(broker)
    for (let count = 0; count < 6; count++) {
      await publisher.publish({ topic, payload: `${count}`, qos: count % 2 === 0 ? 1 : 2 })
    }
    const sent = await subscriber.collect(4)
    await subscriber.ping()
    subscriber.send({ cmd: 'puback', messageId: sent[0]?.messageId })
    assert.deepEqual(await payloads(subscriber, 1), ['4'])
    await subscriber.ping()
  })
}

test('closes on a Receive Maximum of 0', async () => {
  const client = await RawClient.open(broker)
  // CONNECT with Receive Maximum 0, which mqtt-packet does not write.
  client.send('10 10 0004 4d515454 05 02 003c 03 210000 0000')
  const connack = await client.expect('connack')
  assert.ok((connack.reasonCode ?? 0) >= 0x80)
  await client.expectClosed()
})
