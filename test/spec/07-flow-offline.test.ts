// What waits for whom: clean and persistent sessions, each QoS, fan-out to the offline, and an empty queue after the drain.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QoS } from '../../server/protocol/packet.ts'
import { brokerForFile, type TestBroker } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile()

interface Row {
  readonly says: string
  readonly session: 'clean' | 'persistent'
  readonly published: QoS
  readonly subscribed: QoS
  readonly kept: 'all' | 'nothing'
  readonly tags: string
}

const tables: readonly Row[] = [
  { says: 'B1', session: 'clean', published: 0, subscribed: 0, kept: 'nothing', tags: '' },
  { says: 'B2', session: 'persistent', published: 0, subscribed: 0, kept: 'nothing', tags: '' },
  { says: 'B3', session: 'clean', published: 1, subscribed: 1, kept: 'nothing', tags: '' },
  {
    says: 'B4',
    session: 'persistent',
    published: 1,
    subscribed: 1,
    kept: 'all',
    tags: '[MQTT3-3.1.2-5, MQTT3-4.5.0-1] [MQTT5-4.5.0-1]',
  },
  {
    says: 'B4 at QoS 2',
    session: 'persistent',
    published: 2,
    subscribed: 2,
    kept: 'all',
    tags: '[MQTT3-3.1.2-5, MQTT3-4.5.0-1] [MQTT5-4.5.0-1]',
  },
  {
    says: 'B4 at mixed QoS',
    session: 'persistent',
    published: 2,
    subscribed: 1,
    kept: 'all',
    tags: '[MQTT3-3.1.2-5]',
  },
  { says: 'B5', session: 'persistent', published: 0, subscribed: 1, kept: 'nothing', tags: '' },
  { says: 'B5 the other way', session: 'persistent', published: 1, subscribed: 0, kept: 'nothing', tags: '' },
]

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }

  for (const [index, row] of tables.entries()) {
    const { session, published, subscribed, kept } = row
    test(`${row.says}: keeps ${kept} for a ${session} session, published at ${published} and subscribed at ${subscribed}, version ${protocolVersion} ${row.tags}`, async () => {
      const topic = `table/${protocolVersion}/${index}`
      const connect = session === 'clean' ? { clientId: topic, clean: true } : persistent(topic)
      const before = await RawClient.connected(broker, connect, version)
      await before.subscribe(topic, subscribed)
      await before.disconnect()
      const publisher = await RawClient.connected(broker, { clean: true }, version)
      for (const payload of ['1', '2', '3']) await publisher.publish({ topic, payload, qos: published })
      await publisher.ping()
      const back = await RawClient.connected(broker, connect, { ...version, autoAck: true })
      if (kept === 'all') assert.deepEqual(await payloads(back, 3), ['1', '2', '3'])
      await back.ping()
      // The subscription itself is remembered, or not.
      await publisher.publish({ topic, payload: 'live', qos: published })
      await publisher.ping()
      if (session === 'persistent') await back.expect('publish', { payload: 'live' })
      await back.ping()
    })
  }

  for (const clean of [true, false]) {
    test(`B6: keeps messages whether or not their publisher of version ${protocolVersion} has a clean session (${clean})`, async () => {
      const topic = `publisher/${protocolVersion}/${clean}`
      await subscribeAndLeave(broker, topic, topic, 1, version)
      const publisher = await RawClient.connected(broker, { ...persistent(`${topic}/p`), clean }, version)
      await publisher.publish({ topic, payload: 'x', qos: 1 })
      await publisher.disconnect()
      const back = await resume(broker, topic, version)
      await back.expect('publish', { payload: 'x', dup: false })
    })
  }

  test(`B12: erases all that waited when a client of version ${protocolVersion} comes back clean, subscriptions too`, async () => {
    const topic = `erased/${protocolVersion}`
    await subscribeAndLeave(broker, topic, topic, 1, version)
    const publisher = await RawClient.connected(broker, {}, version)
    await publisher.publish({ topic, payload: 'x', qos: 1 })
    const clean = await RawClient.open(broker, version)
    assert.equal((await clean.connect({ clientId: topic, clean: true })).sessionPresent, false)
    await clean.ping()
    await publisher.publish({ topic, payload: 'y', qos: 1 })
    await clean.ping()
    await clean.disconnect()
    const back = await RawClient.open(broker, version)
    const connack = await back.connect(persistent(topic))
    assert.equal(connack.sessionPresent, false)
    await back.ping()
  })
}

/** Reads the broker's own count of messages that wait or are in flight, until it is this. */
async function waitForStored(broker: TestBroker, count: number): Promise<void> {
  const topic = '$SYS/broker/store/messages/count'
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe(topic)
  let payload = ''
  while (Number(payload) !== count || payload === '') {
    payload = (await watcher.expect('publish', { topic })).payload.toString()
  }
  await watcher.disconnect()
}

test('B9: holds a message until its last receiver has acknowledged it, and no longer', async () => {
  // What other tests leave behind would count as well.
  const own = await brokerForTest({ 'sys-interval': '20ms' })
  for (const clientId of ['drain/a', 'drain/b']) await subscribeAndLeave(own, clientId, 'drain', 2)
  const publisher = await RawClient.connected(own)
  for (let count = 0; count < 10; count++) {
    await publisher.publish({ topic: 'drain', payload: `${count}`, qos: count % 2 === 0 ? 1 : 2 })
  }
  await waitForStored(own, 10)
  const first = await resume(own, 'drain/a', { autoAck: true })
  await first.collect(10)
  await first.ping()
  await waitForStored(own, 10)
  const second = await resume(own, 'drain/b')
  const publishes = await second.collect(10)
  for (const { messageId, qos } of publishes.slice(0, 9)) {
    second.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId })
    if (qos === 1) continue
    await second.expect('pubrel', { messageId })
    second.send({ cmd: 'pubcomp', messageId })
  }
  await second.ping()
  await waitForStored(own, 1)
  second.send({ cmd: 'pubrec', messageId: publishes[9]?.messageId })
  await second.expect('pubrel')
  second.send({ cmd: 'pubcomp', messageId: publishes[9]?.messageId })
  await waitForStored(own, 0)
})

test('queues for each offline session of its own, however many share a topic, and in every version [MQTT5-4.5.0-1] [MQTT3-4.5.0-1]', async () => {
  const sessions = protocolVersions.flatMap(protocolVersion =>
    ['fan/x', 'fan/+', '#'].map((topicFilter, index) => ({
      clientId: `fan-${protocolVersion}-${index}`,
      topicFilter: topicFilter === '#' ? 'fan/#' : topicFilter,
      protocolVersion,
    })),
  )
  for (const { clientId, topicFilter, protocolVersion } of sessions) {
    await subscribeAndLeave(broker, clientId, topicFilter, 1, { protocolVersion })
  }
  const online = await RawClient.connected(broker, {}, { autoAck: true })
  await online.subscribe('fan/#', 1)
  const publisher = await RawClient.connected(broker)
  const sent = Array.from({ length: 20 }, (_, index) => `${index}`)
  for (const payload of sent) await publisher.publish({ topic: 'fan/x', payload, qos: 1 })
  assert.deepEqual(await payloads(online, 20), sent)
  for (const { clientId, protocolVersion } of sessions) {
    // A first reconnect that acknowledges nothing must not cost a session its messages, nor those of others.
    const brief = await resume(broker, clientId, { protocolVersion })
    await brief.ping().catch(() => undefined)
    brief.destroy()
    const back = await resume(broker, clientId, { protocolVersion, autoAck: true })
    assert.deepEqual(await payloads(back, 20), sent)
    await back.ping()
    await back.disconnect()
  }
})

test('keeps what waited through many 5.0 reconnects that end in each way there is', async () => {
  await subscribeAndLeave(broker, 'reconnects', 'reconnects', 1)
  const publisher = await RawClient.connected(broker)
  const sent: string[] = []
  for (const how of ['disconnect', 'close', 'destroy', 'takeover', 'protocol error'] as const) {
    await publisher.publish({ topic: 'reconnects', payload: how, qos: 1 })
    sent.push(how)
    const client = await resume(broker, 'reconnects')
    assert.deepEqual(await payloads(client, sent.length), sent)
    if (how === 'disconnect') await client.disconnect()
    else if (how === 'close') client.close()
    else if (how === 'destroy') client.destroy()
    else if (how === 'protocol error') client.sendConnect()
  }
  const last = await resume(broker, 'reconnects', { autoAck: true })
  assert.deepEqual(await payloads(last, sent.length), sent)
  await last.ping()
  await last.disconnect()
  await (await resume(broker, 'reconnects')).ping()
})
