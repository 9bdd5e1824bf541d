// MQTT.js and the MQTT 5 features of messages and subscriptions, over both transports.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IPublishPacket } from 'mqtt'
import { brokerForFile } from '../harness/broker.ts'
import { MqttJsPeer, transports, uniqueName } from './mqtt-js-peer.ts'

const broker = brokerForFile({ 'topic-alias-max': 10 })

for (const transport of transports) {
  const join = (options = {}): Promise<MqttJsPeer> => MqttJsPeer.connect(broker, transport, options)

  test(`topic aliases of the client stand for their topics (MQTT.js, ${transport}) [MQTT3-7.0.0-2] [MQTT5-3.3.2-12]`, async () => {
    const name = uniqueName()
    const subscriber = await join()
    await subscriber.client.subscribeAsync(`${name}/#`, { qos: 1 })
    const publisher = await join({ autoAssignTopicAlias: true })
    assert.equal(publisher.properties.topicAliasMaximum, 10)
    const sent: IPublishPacket[] = []
    publisher.client.on('packetsend', packet => {
      if (packet.cmd === 'publish') sent.push({ ...packet })
    })
    // More topics than aliases: MQTT.js gives the least recently used alias to a new topic.
    const topics = Array.from({ length: 15 }, (_, index) => `${name}/${index}`)
    for (const round of ['a', 'b']) {
      for (const topic of [...topics, topics.at(-1)!]) {
        await publisher.client.publishAsync(topic, `${round} ${topic}`, { qos: 1 })
      }
    }
    for (const { topic, payload } of await subscriber.take(32)) assert.equal(payload.slice(2), topic)
    assert.equal(sent.filter(packet => packet.topic === '').length, 2)
    assert.ok(sent.every(packet => (packet.properties?.topicAlias ?? 0) > 0))
  })

  test(`the client is sent topic aliases up to its own maximum (MQTT.js, ${transport}) [MQTT5-3.1.2-26]`, async () => {
    const name = uniqueName()
    const subscriber = await join({ properties: { topicAliasMaximum: 2 } })
    const received: IPublishPacket[] = []
    subscriber.client.on('packetreceive', packet => {
      if (packet.cmd === 'publish') received.push({ ...packet })
    })
    await subscriber.client.subscribeAsync(`${name}/#`, { qos: 1 })
    const publisher = await join()
    const topics = ['1', '2', '3', '1', '2', '3'].map(level => `${name}/${level}`)
    for (const topic of topics) await publisher.client.publishAsync(topic, topic, { qos: 1 })
    const messages = await subscriber.take(topics.length)
    assert.deepEqual(
      messages.map(({ topic }) => topic),
      topics,
    )
    assert.ok(received.every(packet => (packet.properties?.topicAlias ?? 1) <= 2))
    assert.ok(received.some(packet => packet.topic === ''))
  })

  test(`user properties arrive in order, repeated names included (MQTT.js, ${transport}) [MQTT5-3.3.2-17]`, async () => {
    const name = uniqueName()
    const subscriber = await join()
    await subscriber.client.subscribeAsync(name, { qos: 1 })
    const userProperties = { first: ['1', '3'], second: '2', umlaut: 'ä' }
    const properties = {
      userProperties,
      contentType: 'text/plain',
      payloadFormatIndicator: true,
    }
    const publisher = await join()
    await publisher.client.publishAsync(name, 'x', { qos: 1, properties })
    const { packet } = await subscriber.next()
    assert.deepEqual(
      { ...packet.properties, userProperties: { ...packet.properties?.userProperties } },
      properties,
    )
  })

  test(`a request is answered by response topic and correlation data (MQTT.js, ${transport}) [MQTT5-3.3.2-15] [MQTT5-3.3.2-16]`, async () => {
    const name = uniqueName()
    const responder = await join()
    await responder.client.subscribeAsync(`${name}/requests`, { qos: 1 })
    responder.client.on('message', (_topic, payload, { properties }) => {
      const { responseTopic, correlationData } = properties!
      responder.client.publish(responseTopic!, `${payload}!`, {
        qos: 1,
        properties: { correlationData: correlationData! },
      })
    })
    const requester = await join({ properties: { requestResponseInformation: true } })
    await requester.client.subscribeAsync(`${name}/answers`, { qos: 1 })
    for (const id of [7, 0, 255]) {
      await requester.client.publishAsync(`${name}/requests`, `request ${id}`, {
        qos: 1,
        properties: { responseTopic: `${name}/answers`, correlationData: Buffer.from([id]) },
      })
      const { payload, packet } = await requester.next()
      assert.equal(payload, `request ${id}!`)
      assert.deepEqual(packet.properties?.correlationData, Buffer.from([id]))
    }
  })

  test(`messages carry the identifiers of the subscriptions they match (MQTT.js, ${transport}) [MQTT5-3.3.4-3]`, async () => {
    const name = uniqueName()
    const subscriber = await join()
    for (const [filter, subscriptionIdentifier] of [
      [`${name}/a`, 1],
      [`${name}/+`, 268_435_455],
    ] as const) {
      await subscriber.client.subscribeAsync(filter, { qos: 1, properties: { subscriptionIdentifier } })
    }
    const publisher = await join()
    for (const level of ['a', 'b']) await publisher.client.publishAsync(`${name}/${level}`, level, { qos: 1 })
    const identifiers = new Map<string, number[]>()
    while ([...identifiers.values()].flat().length < 3) {
      const { payload, packet } = await subscriber.next()
      const found = [packet.properties?.subscriptionIdentifier ?? []].flat()
      identifiers.set(payload, [...(identifiers.get(payload) ?? []), ...found])
    }
    assert.deepEqual(identifiers.get('a')?.sort(), [1, 268_435_455])
    assert.deepEqual(identifiers.get('b'), [268_435_455])
  })

  test(`members of a shared subscription share its messages (MQTT.js, ${transport}) [MQTT5-4.8.2-3]`, async () => {
    const name = uniqueName()
    const members = [await join(), await join(), await join()]
    for (const member of members) await member.client.subscribeAsync(`$share/group/${name}/#`, { qos: 1 })
    const alone = await join()
    await alone.client.subscribeAsync(`${name}/#`, { qos: 1 })
    const publisher = await join()
    const payloads = Array.from({ length: 30 }, (_, index) => String(index))
    for (const payload of payloads) await publisher.client.publishAsync(`${name}/x`, payload, { qos: 1 })
    assert.equal((await alone.take(30)).length, 30)
    // Each member's barrier: what was routed to it before has arrived with this.
    for (const member of members) {
      await member.client.subscribeAsync(`${name}-end`, { qos: 1 })
    }
    await publisher.client.publishAsync(`${name}-end`, 'end', { qos: 1 })
    const shares: string[][] = []
    for (const member of members) {
      const share: string[] = []
      for (let message = await member.next(); message.payload !== 'end'; message = await member.next()) {
        share.push(message.payload)
      }
      shares.push(share)
    }
    assert.deepEqual(shares.flat().sort(), payloads.toSorted())
    assert.ok(shares.every(share => share.length > 0))
  })

  test(`No Local keeps a client's own messages from it (MQTT.js, ${transport}) [MQTT5-3.8.3-3]`, async () => {
    const name = uniqueName()
    const both = await join()
    await both.client.subscribeAsync(name, { qos: 1, nl: true })
    const other = await join()
    await both.client.publishAsync(name, 'own', { qos: 1 })
    await other.client.publishAsync(name, "another's", { qos: 1 })
    assert.equal((await both.next()).payload, "another's")
  })

  test(`Retain Handling says when retained messages come, Retain As Published with which flag (MQTT.js, ${transport}) [MQTT5-3.3.1-10] [MQTT5-3.3.1-13]`, async () => {
    const name = uniqueName()
    const publisher = await join()
    const publish = (payload: string): Promise<unknown> =>
      publisher.client.publishAsync(name, payload, { qos: 1, retain: true })
    await publish('retained')
    // After each subscribe one more message arrives live: what came before it is the retained one, if any.
    const subscriber = await join()
    const subscribe = async (rh: number, live: string): Promise<string[]> => {
      await subscriber.client.subscribeAsync(name, { qos: 1, rh, rap: true })
      await publish(live)
      const payloads: string[] = []
      for (
        let message = await subscriber.next();
        message.payload !== live;
        message = await subscriber.next()
      ) {
        payloads.push(message.payload)
      }
      return payloads
    }
    assert.deepEqual(await subscribe(2, 'live 1'), [])
    assert.deepEqual(await subscribe(1, 'live 2'), [])
    assert.deepEqual(await subscribe(0, 'live 3'), ['live 2'])
    await subscriber.client.unsubscribeAsync(name)
    assert.deepEqual(await subscribe(1, 'live 4'), ['live 3'])
    assert.ok(subscriber.messages.every(({ packet }) => packet.retain))
    const plain = await join()
    await plain.client.subscribeAsync(name, { qos: 1, rh: 2 })
    await publish('')
    assert.equal((await plain.next()).packet.retain, false)
  })
}
