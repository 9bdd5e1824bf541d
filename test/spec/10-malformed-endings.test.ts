// How the broker ends a connection over an error: with the reason, for good, at once, and whether or not the peer reads.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import { encode } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

const malformed = 'c1 00'

for (const protocolVersion of protocolVersions) {
  test(`does nothing that follows the malformed packet in the same segment, version ${protocolVersion} [MQTT5-4.13.1-1] [MQTT3-4.8.0-1]`, async () => {
    const topic = `after/${protocolVersion}`
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(topic)
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const before = encode({ cmd: 'publish', topic, payload: 'before' }, protocolVersion)
    const after = encode({ cmd: 'publish', topic, payload: 'after' }, protocolVersion)
    client.send(Buffer.concat([before, Buffer.from([0xc1, 0x00]), after, Buffer.from([0xc0, 0x00])]))
    await client.expectDisconnect('malformed-packet')
    await watcher.expect('publish', { payload: 'before' })
    await watcher.ping()
  })

  test(`publishes the will of a client that it cuts off, version ${protocolVersion} [MQTT5-4.13.1-1] [MQTT3-4.8.0-1]`, async () => {
    const topic = `cut-off/${protocolVersion}`
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(topic)
    const will = { topic, payload: Buffer.from('gone'), qos: 0 as const, retain: false }
    const client = await RawClient.connected(broker, { will }, { protocolVersion })
    client.send(malformed)
    await client.expectDisconnect('malformed-packet')
    await watcher.expect('publish', { payload: 'gone' })
  })
}

test('closes although the client reads nothing [MQTT5-4.13.2-1]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe('unread')
  client.pauseReading()
  const publisher = await RawClient.connected(broker)
  const payload = Buffer.alloc(500_000)
  for (let count = 0; count < 30; count++) await publisher.publish({ topic: 'unread', payload, qos: 1 })
  client.send(malformed)
  // The broker must let go of the socket by itself: only what the kernel holds by then can still be read.
  await publisher.expectSilence(1_500)
  client.resumeReading()
  let received = 0
  const readAll = async (): Promise<void> => {
    for (; ; received++) await client.receive()
  }
  await assert.rejects(readAll(), /but the connection ended/)
  assert.ok(received < 30, 'everything was delivered, so the socket was not let go of')
})

test('says a reason of 0x80 or above in CONNACK and closes [MQTT5-4.13.2-1]', async () => {
  const client = await RawClient.open(broker)
  const connack = await client.connect({ properties: { authenticationMethod: 'unknown-method' } })
  assert.ok((connack.reasonCode ?? 0) >= 0x80, `reason code ${connack.reasonCode}`)
  await client.expectClosed()
})

test('leaves out the reason string where DISCONNECT would be too large, and closes all the same [MQTT5-4.13.2-1] [MQTT5-4.13.1-1]', async () => {
  const client = await RawClient.connected(broker, { properties: { maximumPacketSize: 24 } })
  client.send(malformed)
  const disconnect = await client.expect('disconnect', { reasonCode: 0x81 })
  assert.ok(disconnect.raw.length <= 24, disconnect.raw.toString('hex'))
  assert.equal(disconnect.properties?.reasonString, undefined)
  await client.expectClosed()
})

test('closes without DISCONNECT where none fits into the Maximum Packet Size [MQTT5-4.13.2-1]', async () => {
  const client = await RawClient.open(broker)
  client.sendConnect({ properties: { maximumPacketSize: 3 } })
  client.send(malformed)
  await client.expectClosed()
})

test('writes a property length of zero where a packet has no properties [MQTT5-2.2.2-1]', async () => {
  const client = await RawClient.connected(broker)
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'bare', qos: 0 }] })
  assert.equal((await client.expect('suback')).raw.toString('hex'), '900400010000')
  client.send({ cmd: 'publish', topic: 'bare', payload: 'x' })
  assert.equal((await client.expect('publish')).raw.toString('hex'), '3008000462617265' + '0078')
  client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['bare'] })
  assert.equal((await client.expect('unsuback')).raw.toString('hex'), 'b00400020000')
})

test('closes a 3.1.1 publisher whose message the store has no room for, and takes others [MQTT3-4.8.0-2]', async () => {
  const full = await startBroker({ settings: { 'store-bytes-max': '1KiB' } })
  const away = await RawClient.connected(full, { clean: false, clientId: 'away' }, { protocolVersion: 4 })
  await away.subscribe('full', 1)
  await away.disconnect()
  const publisher = await RawClient.connected(full, {}, { protocolVersion: 4 })
  await publisher.publish({ topic: 'full', payload: Buffer.alloc(500), qos: 1 })
  publisher.send({ cmd: 'publish', topic: 'full', payload: Buffer.alloc(1_000), qos: 1 })
  await publisher.expectClosed()
  const other = await RawClient.connected(full, {}, { protocolVersion: 4 })
  await other.publish({ topic: 'elsewhere', payload: Buffer.alloc(1_000), qos: 1 })
  const returned = await RawClient.connected(full, { clean: false, clientId: 'away' }, { protocolVersion: 4 })
  const [kept] = await returned.collect(1)
  assert.equal(kept?.payload.length, 500)
  await returned.ping()
  assert.deepEqual(await full.stop(), { code: 0, signal: null })
})
