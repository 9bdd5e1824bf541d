// Wills without delay: which ends of a connection publish them, how, and that it happens once.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import type { Outgoing } from '../harness/packets.ts'
import { protocolVersions, RawClient, type RawClientOptions } from '../harness/raw-client.ts'
import { persistent } from '../harness/sessions.ts'

const broker = brokerForFile()

type Will = NonNullable<Outgoing<'connect'>['will']>

const ownTopic = (): string => `will/${randomBytes(6).toString('hex')}`

function willTo(topic: string, fields: Partial<Will> = {}): Will {
  return { topic, payload: Buffer.from('bye'), qos: 1, retain: false, ...fields }
}

async function watch(topic: string): Promise<RawClient> {
  const watcher = await RawClient.connected(broker, {}, { autoAck: true })
  await watcher.subscribe({ topic, qos: 2, rap: true })
  return watcher
}

/** The watcher's next message is this one of its own, so no will came before it. */
async function expectNoWill(watcher: RawClient, topic: string): Promise<void> {
  await watcher.publish({ topic, payload: 'no will came', qos: 1 })
  await watcher.expect('publish', { payload: 'no will came' })
  await watcher.ping()
}

/** Ends that are none by DISCONNECT 0x00. */
const accidents: readonly (readonly [string, (client: RawClient) => unknown])[] = [
  ['is closed in order, without DISCONNECT', client => client.close()],
  ['is cut', client => client.destroy()],
  ['breaks the protocol', client => client.send('00 00')],
  ['sends a second CONNECT', client => client.sendConnect()],
]

for (const protocolVersion of protocolVersions) {
  for (const transport of ['tcp', 'websocket'] as const) {
    const options: RawClientOptions = { protocolVersion, transport }
    for (const [what, end] of accidents) {
      const tags = '[MQTT5-3.1.2-7] [MQTT5-3.1.2-8] [MQTT3-3.1.2-8]'
      test(`publishes the will when a connection of version ${protocolVersion} over ${transport} ${what} ${tags}`, async () => {
        const topic = ownTopic()
        const watcher = await watch(topic)
        const client = await RawClient.connected(broker, { will: willTo(topic) }, options)
        await end(client)
        await watcher.expect('publish', { topic, payload: 'bye', qos: 1, retain: false })
        await watcher.ping()
      })
    }

    const discardTags = '[MQTT5-3.14.4-3] [MQTT5-3.1.2-10] [MQTT3-3.14.4-3] [MQTT3-3.1.2-10] [MQTT5-3.1.2-8]'
    test(`discards the will on DISCONNECT, version ${protocolVersion}, ${transport} ${discardTags}`, async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const client = await RawClient.connected(broker, { will: willTo(topic) }, options)
      await client.disconnect()
      await expectNoWill(watcher, topic)
    })
  }

  test(`publishes the will when the Keep Alive has passed, version ${protocolVersion} [MQTT5-3.1.2-8] [MQTT3-3.1.2-8]`, async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const silent = await RawClient.connected(
      broker,
      { keepalive: 1, will: willTo(topic) },
      { protocolVersion },
    )
    await silent.expectDisconnect('keep-alive-timeout')
    await watcher.expect('publish', { topic, payload: 'bye' })
  })

  for (const kind of ['clean', 'persistent'] as const) {
    test(`publishes the will on takeover of a ${kind} session, version ${protocolVersion} [MQTT5-3.1.2-8] [MQTT3-3.1.2-8]`, async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      // In 5.0 the clean one is the case of a session expiry of 0.
      const fields = kind === 'clean' ? { clientId: topic, clean: true } : persistent(topic)
      const client = await RawClient.connected(
        broker,
        { ...fields, will: willTo(topic) },
        { protocolVersion },
      )
      const next = await RawClient.connected(broker, fields, { protocolVersion })
      await client.expectDisconnect('session-taken-over')
      await watcher.expect('publish', { topic, payload: 'bye' })
      await next.disconnect()
      await expectNoWill(watcher, topic)
    })
  }

  test(`publishes the will once, and not for a later connection, version ${protocolVersion} [MQTT5-3.1.2-10] [MQTT3-3.1.2-10]`, async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const fields = persistent(topic)
    const client = await RawClient.connected(broker, { ...fields, will: willTo(topic) }, { protocolVersion })
    client.destroy()
    await watcher.expect('publish', { payload: 'bye' })
    const again = await RawClient.connected(broker, fields, { protocolVersion })
    again.send('00 00')
    await again.expectClosed({ after: 'disconnect' })
    await expectNoWill(watcher, topic)
  })

  test(`forgets a discarded will with its session kept, version ${protocolVersion} [MQTT5-3.1.2-10] [MQTT3-3.1.2-10]`, async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const fields = persistent(topic)
    const client = await RawClient.connected(broker, { ...fields, will: willTo(topic) }, { protocolVersion })
    await client.disconnect()
    const again = await RawClient.connected(broker, fields, { protocolVersion })
    again.send('00 00')
    await again.expectClosed({ after: 'disconnect' })
    await expectNoWill(watcher, topic)
  })

  test(`publishes the will of the latest CONNECT, version ${protocolVersion} [MQTT5-3.1.2-7] [MQTT3-3.1.2-8]`, async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const first = await RawClient.connected(
      broker,
      { ...persistent(topic), will: willTo(topic) },
      { protocolVersion },
    )
    await first.disconnect()
    const will = willTo(topic, { payload: Buffer.from('second'), qos: 2 })
    const second = await RawClient.connected(broker, { ...persistent(topic), will }, { protocolVersion })
    second.destroy()
    await watcher.expect('publish', { payload: 'second', qos: 2 })
  })

  test(`publishes nothing for a client without a will, version ${protocolVersion} [MQTT3-3.1.2-12]`, async () => {
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe('will/none/#', 1)
    const client = await RawClient.connected(broker, { clientId: 'will/none' }, { protocolVersion })
    client.send('00 00')
    await client.expectClosed({ after: 'disconnect' })
    await expectNoWill(watcher, 'will/none/end')
  })

  for (const qos of [0, 1, 2] as const) {
    const tags = '[MQTT5-3.1.2-14] [MQTT3-3.1.2-16]'
    test(`publishes a will of QoS ${qos} that is not retained, version ${protocolVersion} ${tags}`, async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const client = await RawClient.connected(broker, { will: willTo(topic, { qos }) }, { protocolVersion })
      client.destroy()
      await watcher.expect('publish', { topic, payload: 'bye', qos, retain: false })
      const later = await watch(topic)
      await later.ping()
    })

    const retainTags = '[MQTT5-3.1.2-15] [MQTT3-3.1.2-17]'
    test(`publishes a will of QoS ${qos} that is retained, version ${protocolVersion} ${retainTags}`, async () => {
      const topic = ownTopic()
      const watcher = await watch(topic)
      const will = willTo(topic, { qos, retain: true })
      const client = await RawClient.connected(broker, { will }, { protocolVersion })
      client.destroy()
      await watcher.expect('publish', { topic, payload: 'bye', qos, retain: true })
      const later = await watch(topic)
      await later.expect('publish', { topic, payload: 'bye', qos, retain: true })
    })
  }

  test(`deletes the retained message by an empty will, version ${protocolVersion} [MQTT5-3.1.2-15] [MQTT3-3.1.2-17]`, async () => {
    const topic = ownTopic()
    const watcher = await watch(topic)
    await watcher.publish({ topic, payload: 'online', qos: 1, retain: true })
    await watcher.expect('publish', { payload: 'online' })
    const will = willTo(topic, { payload: Buffer.alloc(0), retain: true })
    const client = await RawClient.connected(broker, { will }, { protocolVersion })
    client.destroy()
    await watcher.expect('publish', { payload: '' })
    const later = await watch(topic)
    await later.ping()
  })
}

test('publishes the will on DISCONNECT with any other reason code [MQTT5-3.1.2-8] [MQTT5-3.1.2-10]', async () => {
  for (const reasonCode of [0x04, 0x80, 0x81, 0x82, 0x98]) {
    const topic = ownTopic()
    const watcher = await watch(topic)
    const client = await RawClient.connected(broker, { will: willTo(topic) })
    await client.disconnect({ reasonCode })
    await watcher.expect('publish', { topic, payload: 'bye' })
    watcher.destroy()
  }
})

test('publishes no will of a CONNECT that was refused [MQTT3-3.1.2-8] [MQTT5-3.1.2-7]', async () => {
  const topic = ownTopic()
  const watcher = await watch(topic)
  const client = await RawClient.open(broker)
  const connack = await client.connect({ will: willTo(topic), properties: { authenticationMethod: 'none' } })
  assert.equal(connack.reasonCode, 0x8c)
  await client.expectClosed()
  await expectNoWill(watcher, topic)
})

test('keeps user properties in their order, and the other will properties [MQTT5-3.1.3-10]', async () => {
  const topic = ownTopic()
  const watcher = await watch(topic)
  // Built by hand: mqtt-packet gathers pairs of the same name and would send them in another order.
  const pair = (name: string, value: string): Buffer =>
    Buffer.concat([Buffer.from([0x26]), text(name), text(value)])
  const pairs = [pair('b', '1'), pair('a', '2'), pair('b', '3'), pair('c', ''), pair('a', '4')]
  const properties = Buffer.concat([
    Buffer.from('0101', 'hex'),
    Buffer.concat([Buffer.from([0x03]), text('text/plain')]),
    Buffer.concat([Buffer.from([0x08]), text('answer/here')]),
    Buffer.from('09000401020304', 'hex'),
    Buffer.from('020000003c', 'hex'),
    ...pairs,
  ])
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from('050e003c00', 'hex'),
    text(topic),
    Buffer.from([properties.length]),
    properties,
    text(topic),
    text('bye'),
  ])
  const client = await RawClient.open(broker)
  client.send(Buffer.concat([Buffer.from([0x10, (body.length & 0x7f) | 0x80, body.length >> 7]), body]))
  await client.expect('connack', { reasonCode: 0 })
  client.destroy()
  const publish = await watcher.expect('publish', {
    payload: 'bye',
    properties: {
      payloadFormatIndicator: true,
      contentType: 'text/plain',
      responseTopic: 'answer/here',
      correlationData: Buffer.from('01020304', 'hex'),
      messageExpiryInterval: 60,
    },
  })
  assert.ok(
    publish.raw.includes(Buffer.concat(pairs)),
    'the pairs stand in their order, one behind the other',
  )
})

function text(value: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(value))
  return Buffer.concat([length, Buffer.from(value)])
}
