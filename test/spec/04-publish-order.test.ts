// Order: messages of one client to one topic, acknowledgements, and the packet identifiers that stand for them.

import assert from 'node:assert/strict'
import { createConnection } from 'node:net'
import { test } from 'node:test'
import type { QoS } from '../../server/protocol/packet.ts'
import { brokerForFile } from '../harness/broker.ts'
import { encode } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume } from '../harness/sessions.ts'

const broker = brokerForFile({ 'queue-messages-max': 100_000, 'inflight-max': 40 })

/** The payloads by QoS, as numbers; the numbers of each are to rise. */
function byQos(publishes: readonly { qos: QoS; payload: Buffer }[]): Record<QoS, number[]> {
  const found: Record<QoS, number[]> = { 0: [], 1: [], 2: [] }
  for (const { qos, payload } of publishes) found[qos].push(Number(payload))
  return found
}

function everyThird(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + 3 * index)
}

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }

  test(`keeps the order of one client's messages of each QoS in version ${protocolVersion}, through a small window [MQTT5-4.6.0-5, MQTT5-4.6.0-6] [MQTT3-4.6.0-5, MQTT3-4.6.0-6]`, async () => {
    const topic = `order/${protocolVersion}`
    const subscriber = await RawClient.connected(
      broker,
      { properties: { receiveMaximum: 3 } },
      { ...version, autoAck: true },
    )
    await subscriber.subscribe(topic, 2)
    const publisher = await RawClient.connected(broker, {}, { ...version, autoAck: true })
    const packets = Array.from({ length: 90 }, (_, index) =>
      encode(
        { cmd: 'publish', topic, payload: `${index}`, qos: (index % 3) as QoS, messageId: index + 1 },
        protocolVersion,
      ),
    )
    // In pieces, so that a 5.0 publisher stays within the Receive Maximum that it was told.
    for (let at = 0; at < packets.length; at += 30) {
      publisher.send(Buffer.concat(packets.slice(at, at + 30)))
      for (let index = at; index < at + 30; index++) {
        if (index % 3 === 1) await publisher.expect('puback', { messageId: index + 1 })
        if (index % 3 === 2) await publisher.expect('pubrec', { messageId: index + 1 })
      }
      for (let index = at + 2; index < at + 30; index += 3)
        publisher.send({ cmd: 'pubrel', messageId: index + 1 })
      for (let index = at + 2; index < at + 30; index += 3)
        await publisher.expect('pubcomp', { messageId: index + 1 })
    }
    const found = byQos(await subscriber.collect(90))
    assert.deepEqual(found, { 0: everyThird(0, 30), 1: everyThird(1, 30), 2: everyThird(2, 30) })
  })

  test(`keeps the order of what waited for an offline session and what came live in version ${protocolVersion} [MQTT5-4.6.0-5] [MQTT3-4.6.0-6]`, async () => {
    const topic = `order/offline/${protocolVersion}`
    const clientId = `order-offline-${protocolVersion}`
    const before = await resume(broker, clientId, version)
    await before.subscribe(topic, 1)
    await before.disconnect()
    const publisher = await RawClient.connected(broker, {}, version)
    for (let count = 0; count < 60; count++) await publisher.publish({ topic, payload: `${count}`, qos: 1 })
    const after = await resume(broker, clientId, { ...version, autoAck: true }, { receiveMaximum: 5 })
    for (let count = 60; count < 120; count++) await publisher.publish({ topic, payload: `${count}`, qos: 1 })
    const found = await payloads(after, 120)
    assert.deepEqual(found.map(Number), [...Array(120).keys()])
  })

  test(`answers in the order of what it answers in version ${protocolVersion} [MQTT3-4.6.0-6]`, async () => {
    const client = await RawClient.connected(broker, {}, version)
    const publish = { cmd: 'publish', topic: `order/answers/${protocolVersion}`, payload: 'x' } as const
    for (const messageId of [9, 3, 7]) client.send({ ...publish, qos: 2, messageId })
    for (const messageId of [8, 2, 6]) client.send({ ...publish, qos: 1, messageId })
    for (const messageId of [7, 9, 3]) client.send({ cmd: 'pubrel', messageId })
    for (const messageId of [9, 3, 7]) await client.expect('pubrec', { messageId })
    for (const messageId of [8, 2, 6]) await client.expect('puback', { messageId })
    for (const messageId of [7, 9, 3]) await client.expect('pubcomp', { messageId })
  })

  test(`sends PUBREL in the order of PUBREC in version ${protocolVersion}, at once and after a reconnect [MQTT5-4.4.0-1] [MQTT3-4.6.0-6]`, async () => {
    const topic = `order/pubrel/${protocolVersion}`
    const clientId = `order-pubrel-${protocolVersion}`
    const subscriber = await resume(broker, clientId, version)
    await subscriber.subscribe(topic, 2)
    const publisher = await RawClient.connected(broker, {}, version)
    for (const payload of ['a', 'b', 'c']) await publisher.publish({ topic, payload, qos: 2 })
    const [a, b, c] = (await subscriber.collect(3)).map(publish => publish.messageId)
    for (const messageId of [c, a, b]) subscriber.send({ cmd: 'pubrec', messageId })
    for (const messageId of [c, a, b]) await subscriber.expect('pubrel', { messageId })
    await subscriber.disconnect()
    const again = await resume(broker, clientId, version)
    const resent = [await again.expect('pubrel'), await again.expect('pubrel'), await again.expect('pubrel')]
    assert.deepEqual(resent.map(pubrel => pubrel.messageId).sort(), [a, b, c].sort())
    for (const { messageId } of resent) again.send({ cmd: 'pubcomp', messageId })
    await again.ping()
  })
}

/** A 3.1.1 subscriber that leaves its first message unacknowledged; returns the identifiers in the order they came. */
async function identifiersWithoutFirstAck(count: number, topic: string): Promise<Uint16Array> {
  const identifiers = new Uint16Array(count)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = createConnection(broker.port, broker.host)
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the broker closed the connection')))
  const connect = {
    cmd: 'connect',
    protocolId: 'MQTT',
    clientId: 'order-wrap',
    clean: true,
    keepalive: 60,
  } as const
  socket.write(encode({ ...connect, protocolVersion: 4 }, 4))
  socket.write(encode({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] }, 4))
  // CONNACK and SUBACK, then PUBLISH packets of one length: fixed header, topic, identifier, no payload.
  const frameBytes = 2 + 2 + Buffer.byteLength(topic) + 2
  let skip = 4 + 5
  let found = 0
  let rest = Buffer.alloc(0)
  const publisher = await RawClient.connected(broker, {}, { protocolVersion: 4 })
  socket.on('data', chunk => {
    rest = Buffer.concat([rest, chunk])
    if (skip > 0 && rest.length >= skip) {
      rest = rest.subarray(skip)
      skip = 0
      // All under one identifier: each is acknowledged before the next is read, so each is a new message.
      const publish = encode({ cmd: 'publish', topic, qos: 1, messageId: 1 }, 4)
      publisher.send(Buffer.concat(Array.from({ length: count }, () => publish)))
    }
    if (skip > 0) return
    const acks: Buffer[] = []
    for (; rest.length >= frameBytes && found < count; rest = rest.subarray(frameBytes)) {
      const identifier = rest.readUInt16BE(frameBytes - 2)
      if (found > 0) acks.push(Buffer.from([0x40, 2, identifier >> 8, identifier & 0xff]))
      identifiers[found++] = identifier
    }
    socket.write(Buffer.concat(acks))
    if (found === count) resolve()
  })
  await promise
  socket.removeAllListeners('close')
  socket.destroy()
  publisher.destroy()
  return identifiers
}

test('uses all 65,535 packet identifiers, none of them 0 and none that is in use [MQTT5-2.2.1-4, MQTT5-4.3.2-1] [MQTT3-2.3.1-4]', async () => {
  const identifiers = await identifiersWithoutFirstAck(66_000, 'wrap')
  const inUse = identifiers[0]
  const used = new Set(identifiers)
  assert.ok(!used.has(0), 'identifier 0 was used')
  assert.equal(used.size, 65_535)
  assert.equal(
    identifiers.indexOf(inUse ?? 0, 1),
    -1,
    'the identifier of the unacknowledged message was used again',
  )
})
