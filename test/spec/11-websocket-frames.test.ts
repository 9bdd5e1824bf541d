// MQTT in WebSocket frames: packets cut and joined at will, and frames that a WebSocket client must not send.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { brokerForFile } from '../harness/broker.ts'
import { neighbourForFile } from '../harness/neighbour.ts'
import { encode, type Outgoing } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { openUpgraded } from '../harness/upgrade.ts'

const broker = brokerForFile()
const neighbour = neighbourForFile(broker)
const transport = 'websocket'

type Version = (typeof protocolVersions)[number]

/** CONNECT, SUBSCRIBE, a message of each QoS to itself, PINGREQ: all that a short session sends. */
function wholeSession(version: Version, topic: string): Buffer {
  const protocolId = version === 3 ? 'MQIsdp' : 'MQTT'
  const publish = { cmd: 'publish' as const, topic, payload: 'x' }
  const packets: Outgoing[] = [
    { cmd: 'connect', protocolId, protocolVersion: version, clientId: topic, clean: true, keepalive: 60 },
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] },
    publish,
    { ...publish, qos: 1, messageId: 2 },
    { ...publish, qos: 2, messageId: 3 },
    { cmd: 'pubrel', messageId: 3 },
    { cmd: 'pingreq' },
  ]
  return Buffer.concat(packets.map(packet => encode(packet, version)))
}

async function expectWholeSession(client: RawClient): Promise<void> {
  const received: string[] = []
  while (!received.includes('pingresp')) received.push((await client.receive()).cmd)
  const count = (cmd: string): number => received.filter(one => one === cmd).length
  assert.equal(received[0], 'connack')
  assert.deepEqual([count('suback'), count('publish'), count('puback'), count('pubrec')], [1, 3, 1, 1])
  assert.equal(count('pubcomp'), 1)
}

for (const protocolVersion of protocolVersions) {
  for (const as of ['messages', 'continuation'] as const) {
    const form = as === 'messages' ? 'messages' : 'frames of one message'
    test(`reads packets of version ${protocolVersion} cut into two ${form} at every offset [MQTT5-6.0.0-2] [MQTT3-6.0.0-2]`, async () => {
      const length = wholeSession(protocolVersion, 'cut-000').length
      for (let offset = 1; offset < length; offset++) {
        const bytes = wholeSession(protocolVersion, `cut-${String(offset).padStart(3, '0')}`)
        const client = await RawClient.open(broker, { transport, protocolVersion })
        await client.sendFragments(bytes, [offset], as)
        await expectWholeSession(client)
        client.destroy()
      }
    })

    test(`reads packets of version ${protocolVersion} byte by byte in ${form} [MQTT5-6.0.0-2] [MQTT3-6.0.0-2]`, async () => {
      const bytes = wholeSession(protocolVersion, `byte-${as}`)
      const client = await RawClient.open(broker, { transport, protocolVersion })
      await client.sendFragments(
        bytes,
        Array.from(bytes, () => 1),
        as,
      )
      await expectWholeSession(client)
    })
  }

  test(`reads a whole session of version ${protocolVersion} from one message [MQTT5-6.0.0-2] [MQTT3-6.0.0-2]`, async () => {
    const client = await RawClient.open(broker, { transport, protocolVersion })
    client.send(wholeSession(protocolVersion, `joined-${protocolVersion}`))
    await expectWholeSession(client)
  })

  test(`closes version ${protocolVersion} on a text message and does nothing that follows it [MQTT5-6.0.0-1] [MQTT3-6.0.0-1]`, async () => {
    const topic = `text/${protocolVersion}`
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(topic)
    const will = { topic, payload: Buffer.from('will'), qos: 0 as const, retain: false }
    const client = await RawClient.connected(broker, { will }, { transport, protocolVersion })
    client.sendText(encode({ cmd: 'publish', topic, payload: 'text' }, protocolVersion).toString('latin1'))
    client.send({ cmd: 'publish', topic, payload: 'binary' })
    const ending = await client.expectClosed()
    assert.equal(ending.closeCode, 1003)
    await watcher.expect('publish', { payload: 'will' })
    await watcher.ping()
    await neighbour.check()
  })
}

test('closes on a text message before CONNECT [MQTT5-6.0.0-1] [MQTT3-6.0.0-1]', async () => {
  const client = await RawClient.open(broker, { transport })
  client.sendText('hello')
  assert.equal((await client.expectClosed()).closeCode, 1003)
  await neighbour.check()
})

test('answers many packets of one turn without relying on frames [MQTT5-6.0.0-2] [MQTT3-6.0.0-2]', async () => {
  const random = new SeededRandom(11)
  const client = await RawClient.connected(broker, {}, { transport })
  const pings = Buffer.from('c000'.repeat(2_000), 'hex')
  await client.sendFragments(
    pings,
    Array.from({ length: 50 }, () => 1 + random.below(150)),
  )
  for (let count = 0; count < 2_000; count++) await client.expect('pingresp')
})

test('keeps the session when a WebSocket is closed without DISCONNECT [MQTT5-4.2.0-1] [MQTT3-7.1.1-1]', async () => {
  const fields = { clientId: 'browser', clean: false, properties: { sessionExpiryInterval: 60 } }
  const client = await RawClient.connected(broker, fields, { transport })
  await client.subscribe('browser/tab', 1)
  client.close()
  await client.expectClosed()
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'browser/tab', payload: 'while away', qos: 1 })
  const returned = await RawClient.open(broker, { transport })
  assert.equal((await returned.connect(fields)).sessionPresent, true)
  await returned.expect('publish', { payload: 'while away' })
})

/** Frames that ws does not write: opcode and length by hand, with a mask of zeros unless said otherwise. */
const badFrames: readonly [what: string, hex: string, closeCode: number][] = [
  ['a frame without a mask', '8202c000', 1002],
  ['a reserved bit', 'c28200000000c000', 1002],
  ['an unknown opcode', '838200000000c000', 1002],
  ['an unknown control opcode', '8b8000000000', 1002],
  ['a continuation of nothing', '808200000000c000', 1002],
  ['a control frame in fragments', '098000000000', 1002],
  ['a control frame of 126 bytes', '89fe007e00000000', 1002],
  ['a length of 2^63', '82ffffffffffffffffff00000000', 1009],
  ['a length above the largest message', '82ff000000000200000000000000', 1009],
  ['a close frame of one byte', '888100000000aa', 1002],
  ['text that is no UTF-8', '818100000000ff', 1007],
]

for (const [what, hex, closeCode] of badFrames) {
  test(`closes on ${what} <${hex}> with ${closeCode} [MQTT5-4.2.0-1] [MQTT3-7.1.1-1]`, async () => {
    await neighbour.arrive()
    const socket = await openUpgraded(broker)
    socket.write(Buffer.from(hex, 'hex'))
    const bytes = await socket.read()
    assert.equal(bytes[0], 0x88, `expected a close frame, got ${bytes.toString('hex')}`)
    assert.equal(bytes.readUInt16BE(2), closeCode)
    await neighbour.check()
  })
}

test('answers a WebSocket ping with a pong', async () => {
  const socket = await openUpgraded(broker)
  socket.write(Buffer.from('89820000000068690000', 'hex'))
  const bytes = await socket.read()
  assert.equal(bytes.subarray(0, 4).toString('hex'), '8a026869')
})

test('lets a socket vanish amid a frame [MQTT5-4.2.0-1] [MQTT3-7.1.1-1]', async () => {
  const socket = await openUpgraded(broker)
  socket.write(Buffer.from('82fe1000000000', 'hex'))
  socket.destroy()
  await neighbour.check()
})
