// DISCONNECT in both directions: what it says, that nothing follows it, and that the connection ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import { packetBytes } from '../harness/malformed.ts'
import { encode, type Received } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const broker = brokerForFile({ 'max-packet-size': '2KiB', 'max-packet-size-before-connect': '2KiB' })

/** What table 3-13 of the MQTT 5 specification lets a server send. */
const serverReasonCodes = new Set([
  0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
  0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
])

const offences = [
  ['a second CONNECT', packetBytes("10 'MQTT' 05 02 003c ( ) 'again'"), 0x82],
  ['a reserved packet type', Buffer.from('0000', 'hex'), 0x81],
  ['a topic name with a wildcard', packetBytes("30 'a/#' ( ) 78"), 0x90],
  ['a topic alias that is too large', packetBytes("30 'a' ( 23 ffff ) 78"), 0x94],
  ['a packet that is too large', Buffer.concat([Buffer.from([0x30, 0x81, 0x10]), Buffer.alloc(2049)]), 0x95],
  ['a payload that is not the UTF-8 it claims', packetBytes("30 'a' ( 01 01 ) ff"), 0x99],
] as const

for (const [what, bytes, reasonCode] of offences) {
  const tags = '[MQTT5-3.14.2-1] [MQTT5-3.14.2-2] [MQTT5-3.14.4-1] [MQTT5-3.14.4-2]'
  test(`answers ${what} with DISCONNECT ${reasonCode.toString(16)}, then closes ${tags}`, async () => {
    const client = await RawClient.connected(broker, { properties: { sessionExpiryInterval: 60 } })
    // Packets behind the offence are not answered: nothing follows DISCONNECT.
    client.send(Buffer.concat([bytes, Buffer.from('c000c000', 'hex')]))
    const disconnect = await client.expect('disconnect', { reasonCode })
    assert.ok(serverReasonCodes.has(reasonCode))
    assert.equal(disconnect.properties?.sessionExpiryInterval, undefined)
    await client.expectClosed()
  })

  test(`leaves the reason string out where ${what} meets a small client [MQTT5-3.14.2-3] [MQTT5-3.14.2-4]`, async () => {
    const client = await RawClient.connected(broker, { properties: { maximumPacketSize: 20 } })
    client.send(bytes)
    const disconnect = await client.expect('disconnect', { reasonCode })
    assert.ok(disconnect.raw.length <= 20, `${disconnect.raw.length} bytes`)
    assert.deepEqual(Object.keys(disconnect.properties ?? {}), [])
    await client.expectClosed()
  })
}

test('keeps the reason string where it fits, so that leaving it out is seen to be a choice [MQTT5-3.14.2-3]', async () => {
  const lengths: number[] = []
  for (const maximumPacketSize of [100, 16]) {
    const client = await RawClient.connected(broker, { properties: { maximumPacketSize } })
    client.sendConnect()
    const disconnect = await client.expect('disconnect', { reasonCode: 0x82 })
    lengths.push(disconnect.raw.length)
  }
  assert.ok((lengths[0] ?? 0) > 16 && (lengths[0] ?? 0) <= 100, `${lengths}`)
  assert.ok((lengths[1] ?? 99) <= 5, `${lengths}`)
})

test('tells who is taken over, in a packet without a session expiry [MQTT5-3.14.2-1] [MQTT5-3.14.2-2]', async () => {
  const first = await resume(broker, 'taken')
  await resume(broker, 'taken')
  const disconnect = await first.expect('disconnect', { reasonCode: 0x8e })
  assert.equal(disconnect.properties?.sessionExpiryInterval, undefined)
  await first.expectClosed()
})

test('sends DISCONNECT 8B to everybody when it stops, and closes [MQTT5-3.14.2-1] [MQTT5-3.14.4-2]', async () => {
  const own = await startBroker()
  const clients = await Promise.all(
    (['tcp', 'websocket'] as const).map(transport => RawClient.connected(own, {}, { transport })),
  )
  const old = await RawClient.connected(own, {}, { protocolVersion: 4 })
  const exit = await own.stop()
  for (const client of clients) await client.expectDisconnect('server-shutting-down')
  await old.expectClosed()
  assert.deepEqual(exit, { code: 0, signal: null })
})

test('sends nothing after DISCONNECT, though messages keep coming [MQTT5-3.14.4-1]', async () => {
  const subscriber = await RawClient.connected(broker)
  await subscriber.subscribe('after/disconnect', 1)
  const publisher = await RawClient.connected(broker)
  const offence = encode({ cmd: 'connect', clientId: 'x', protocolId: 'MQTT', clean: true, keepalive: 9 }, 5)
  for (let count = 0; count < 50; count++) {
    publisher.send({ cmd: 'publish', topic: 'after/disconnect', payload: `${count}`, qos: 0 })
    if (count === 25) subscriber.send(offence)
  }
  await publisher.ping()
  let last: Received
  do last = await subscriber.receive()
  while (last.cmd === 'publish')
  assert.equal(last.cmd, 'disconnect')
  await subscriber.expectClosed()
})

for (const protocolVersion of protocolVersions) {
  for (const transport of ['tcp', 'websocket'] as const) {
    const tags = '[MQTT5-3.14.4-1] [MQTT5-3.14.4-2]'
    test(`closes on DISCONNECT and reads nothing behind it, version ${protocolVersion}, ${transport} ${tags}`, async () => {
      const topic = `behind/${protocolVersion}/${transport}`
      const watcher = await RawClient.connected(broker)
      await watcher.subscribe(`${topic}/#`)
      const client = await RawClient.connected(broker, {}, { protocolVersion, transport })
      client.send(
        Buffer.concat([
          encode({ cmd: 'publish', topic: `${topic}/before`, payload: 'x' }, protocolVersion),
          Buffer.from('e000', 'hex'),
          encode({ cmd: 'publish', topic: `${topic}/after`, payload: 'x' }, protocolVersion),
          Buffer.from('c000', 'hex'),
        ]),
      )
      await client.expectClosed()
      await watcher.publish({ topic: `${topic}/end`, payload: 'x', qos: 1 })
      await watcher.expect('publish', { topic: `${topic}/before` })
      await watcher.expect('publish', { topic: `${topic}/end` })
    })
  }
}

for (const reasonCode of [0x01, 0x03, 0x87, 0x8b, 0x8d, 0x8e, 0x9c, 0xff]) {
  test(`refuses DISCONNECT ${reasonCode.toString(16)}, which a client may not send [MQTT5-3.14.2-1]`, async () => {
    const client = await RawClient.connected(broker)
    client.send(Buffer.from([0xe0, 0x01, reasonCode]))
    await client.expectDisconnect('protocol-error')
  })
}

test('accepts every reason code that a client may send, with its properties [MQTT5-3.14.2-1]', async () => {
  const codes = [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]
  for (const reasonCode of codes) {
    const client = await resume(broker, `codes-${reasonCode}`)
    const properties = { reasonString: 'going', userProperties: { why: 'test' }, sessionExpiryInterval: 5 }
    await client.disconnect({ reasonCode, properties })
    const again = await RawClient.open(broker)
    const connack = await again.connect(persistent(`codes-${reasonCode}`))
    assert.equal(connack.sessionPresent, true)
  }
})
