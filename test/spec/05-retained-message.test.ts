// Retained messages: what sets, replaces, keeps and clears the one message of a topic.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }
  const root = `retained/${protocolVersion}`
  const connect = () => RawClient.connected(broker, {}, version)

  test(`keeps the last message with RETAIN for later subscribers, at its QoS, in version ${protocolVersion} [MQTT5-3.3.1-5] [MQTT3-3.3.1-5]`, async () => {
    const publisher = await connect()
    for (const qos of [0, 1, 2] as const) {
      const topic = `${root}/last/${qos}`
      for (const payload of ['first', 'second', 'third']) {
        await publisher.publish({ topic, payload, qos, retain: true })
      }
      await publisher.ping()
      // Delivery does not remove it: one reader after the other gets it.
      for (let reader = 0; reader < 2; reader++) {
        const late = await connect()
        await late.subscribe(topic, 2)
        await late.expect('publish', { topic, payload: 'third', qos, retain: true, dup: false })
        await late.ping()
      }
      const lower = await connect()
      await lower.subscribe(topic, 0)
      await lower.expect('publish', { topic, payload: 'third', qos: 0, retain: true })
      await lower.ping()
    }
  })

  test(`delivers an empty message with RETAIN, clears the topic and keeps nothing in version ${protocolVersion} [MQTT5-3.3.1-6, MQTT5-3.3.1-7] [MQTT3-3.3.1-10, MQTT3-3.3.1-11]`, async () => {
    const publisher = await connect()
    const established = await RawClient.connected(broker, {}, { ...version, autoAck: true })
    await established.subscribe(`${root}/cleared/#`, 2)
    for (const qos of [0, 1, 2] as const) {
      const topic = `${root}/cleared/${qos}`
      await publisher.publish({ topic, payload: 'kept', qos, retain: true })
      await publisher.publish({ topic, payload: '', qos, retain: true })
      // A topic that holds nothing is cleared as well.
      await publisher.publish({ topic, payload: '', qos, retain: true })
      await publisher.ping()
      for (const payload of ['kept', '', '']) {
        await established.expect('publish', { topic, payload, qos, retain: false })
      }
      const late = await connect()
      await late.subscribe(topic, 2)
      await late.ping()
    }
  })

  test(`leaves the retained message alone when RETAIN is 0 in version ${protocolVersion} [MQTT5-3.3.1-8] [MQTT3-3.3.1-12]`, async () => {
    const publisher = await connect()
    for (const qos of [0, 1, 2] as const) {
      const topic = `${root}/untouched/${qos}`
      await publisher.publish({ topic, payload: 'kept', qos: 1, retain: true })
      await publisher.publish({ topic, payload: 'passing', qos })
      await publisher.publish({ topic, payload: '', qos })
      await publisher.publish({ topic: `${topic}/none`, payload: 'passing', qos })
      await publisher.ping()
      const late = await connect()
      await late.subscribe(`${topic}/#`, 1)
      await late.expect('publish', { topic, payload: 'kept', retain: true })
      await late.ping()
    }
  })

  test(`replaces a retained message by one of QoS 0 in version ${protocolVersion} [MQTT5-3.3.1-5] [MQTT3-3.3.1-7]`, async () => {
    const publisher = await connect()
    await publisher.publish({ topic: `${root}/zero`, payload: 'old', qos: 2, retain: true })
    await publisher.publish({ topic: `${root}/zero`, payload: 'new', qos: 0, retain: true })
    await publisher.ping()
    const late = await connect()
    await late.subscribe(`${root}/zero`, 2)
    await late.expect('publish', { payload: 'new', qos: 0, retain: true, messageId: 0 })
    await late.ping()
  })

  test(`keeps a retained message beyond the session that published it in version ${protocolVersion} [MQTT3-3.1.2-7]`, async () => {
    const clientId = `retained-session-${protocolVersion}`
    const publisher = await RawClient.connected(broker, { clientId }, version)
    await publisher.publish({ topic: `${root}/outlives`, payload: 'x', qos: 1, retain: true })
    await publisher.disconnect()
    const again = await RawClient.connected(broker, { clientId, clean: true }, version)
    await again.subscribe(`${root}/outlives`, 1)
    await again.expect('publish', { payload: 'x', retain: true })
  })

  test(`gives a session that was away all messages with RETAIN, not the last alone, in version ${protocolVersion}`, async () => {
    const clientId = `retained-away-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, `${root}/away`, 1, version)
    const publisher = await connect()
    const sent = ['1', '2', '3', '4', '5']
    for (const payload of sent)
      await publisher.publish({ topic: `${root}/away`, payload, qos: 1, retain: true })
    const back = await resume(broker, clientId, { ...version, autoAck: true })
    assert.deepEqual(await payloads(back, 5), sent)
    await back.ping()
    const late = await RawClient.connected(broker, {}, { ...version, autoAck: true })
    await late.subscribe(`${root}/away`, 1)
    assert.deepEqual(await payloads(late, 1), ['5'])
    await late.ping()
  })

  test(`acknowledges, keeps in flight and sends again a retained message like any other in version ${protocolVersion}`, async () => {
    const clientId = `retained-flight-${protocolVersion}`
    const publisher = await connect()
    await publisher.publish({ topic: `${root}/flight`, payload: 'x', qos: 2, retain: true })
    const subscriber = await resume(broker, clientId, version)
    await subscriber.subscribe(`${root}/flight`, 2)
    const { messageId } = await subscriber.expect('publish', { qos: 2, retain: true, dup: false })
    await subscriber.disconnect()
    const again = await resume(broker, clientId, version)
    await again.expect('publish', { qos: 2, retain: true, dup: true, messageId })
    again.send({ cmd: 'pubrec', messageId })
    await again.expect('pubrel', { messageId })
    again.send({ cmd: 'pubcomp', messageId })
    await again.ping()
  })
}
