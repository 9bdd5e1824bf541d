// CONNACK for a CONNECT that is accepted: first, once, and with what the client was granted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import { encode } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile({ 'session-expiry-max': '1h' })

const connackFirstByte = 0x20

/** First bytes of all packets that arrived; every one of these tests has packets shorter than 128 bytes. */
function packetTypesIn(bytes: Buffer): number[] {
  const types: number[] = []
  for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) types.push((bytes[at] ?? 0) & 0xf0)
  return types
}

for (const protocolVersion of protocolVersions) {
  for (const transport of ['tcp', 'websocket'] as const) {
    const tags = '[MQTT5-3.1.4-5] [MQTT5-3.2.0-1] [MQTT3-3.1.4-4] [MQTT3-3.2.0-1]'
    test(`answers CONNECT with CONNACK 0 before all else, version ${protocolVersion}, ${transport} ${tags}`, async () => {
      const client = await RawClient.open(broker, { protocolVersion, transport })
      const clientId = `first-${protocolVersion}-${transport}`
      const protocolId = protocolVersion === 3 ? 'MQIsdp' : 'MQTT'
      // All in one piece, so that the later ones are there before the broker has answered the first.
      client.send(
        Buffer.concat([
          encode(
            { cmd: 'connect', clientId, clean: true, keepalive: 60, protocolId, protocolVersion },
            protocolVersion,
          ),
          encode({ cmd: 'pingreq' }, protocolVersion),
          encode(
            { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: `first/${transport}`, qos: 1 }] },
            protocolVersion,
          ),
          encode(
            { cmd: 'publish', topic: `first/${transport}`, payload: 'x', qos: 1, messageId: 8 },
            protocolVersion,
          ),
        ]),
      )
      const connack = await client.expect('connack')
      assert.equal(connack.returnCode ?? connack.reasonCode, 0)
      await client.expect('pingresp')
      await client.expect('suback', { messageId: 7 })
      const rest = [await client.receive(), await client.receive()].map(packet => packet.cmd).sort()
      assert.deepEqual(rest, ['puback', 'publish'])
    })
  }

  test(`sends CONNACK before what waited in version ${protocolVersion} [MQTT5-3.2.0-1] [MQTT3-3.2.0-1]`, async () => {
    const clientId = `waited-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    const publisher = await RawClient.connected(broker)
    for (const payload of ['1', '2', '3']) await publisher.publish({ topic: clientId, payload, qos: 1 })

    const client = await RawClient.open(broker, { protocolVersion })
    client.sendConnect(persistent(clientId))
    await client.expect('connack')
    assert.deepEqual(await payloads(client, 3), ['1', '2', '3'])
  })

  test(`sends one CONNACK on a connection of version ${protocolVersion} [MQTT5-3.2.0-2]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    await client.subscribe('once')
    client.sendConnect()
    await client.expectClosed({ after: 'disconnect' })
    const connacks = packetTypesIn(client.rawReceived).filter(type => type === connackFirstByte)
    assert.equal(connacks.length, 1)
  })
}

test('leaves the reserved acknowledge flags 0 in every CONNACK [MQTT5-3.2.2-1]', async () => {
  const flags: (number | undefined)[] = []
  const fields = [
    { clientId: 'flags', clean: true },
    persistent('flags'),
    persistent('flags'),
    { properties: { authenticationMethod: 'unheard-of' } },
  ]
  for (const one of fields) {
    const client = await RawClient.open(broker)
    const connack = await client.connect(one)
    flags.push(connack.raw[2])
    client.destroy()
  }
  assert.deepEqual(flags, [0, 0, 1, 0])
})

for (const [what, properties] of [
  ['0', { requestResponseInformation: false }],
  ['nothing', {}],
] as const) {
  test(`gives no Response Information to who asked for ${what} [MQTT5-3.1.2-28]`, async () => {
    const client = await RawClient.open(broker)
    const connack = await client.connect({ properties })
    assert.equal(connack.reasonCode, 0)
    assert.equal(connack.properties?.responseInformation, undefined)
  })
}

for (const [asked, told] of [
  [undefined, undefined],
  [0, undefined],
  [1, undefined],
  [3600, undefined],
  [3601, 3600],
  [0xffffffff, 3600],
] as const) {
  test(`tells in CONNACK what a session expiry of ${asked} becomes: ${told ?? 'as asked'}`, async () => {
    const client = await RawClient.open(broker)
    const properties = asked === undefined ? {} : { sessionExpiryInterval: asked }
    const connack = await client.connect({ properties })
    assert.equal(connack.properties?.sessionExpiryInterval, told)
  })
}

test('grants a session that never expires where the settings allow it', async () => {
  const own = await startBroker({ settings: { 'session-expiry-max': 'never' } })
  const client = await RawClient.open(own)
  const connack = await client.connect({ properties: { sessionExpiryInterval: 0xffffffff } })
  assert.equal(connack.properties?.sessionExpiryInterval, undefined)
  await own.stop()
})

test('tells a 5.0 client that resumes what its session is granted now', async () => {
  const first = await resume(broker, 'granted-anew')
  await first.disconnect()
  const client = await RawClient.open(broker)
  const connack = await client.connect(persistent('granted-anew', { sessionExpiryInterval: 7200 }))
  assert.equal(connack.sessionPresent, true)
  assert.equal(connack.properties?.sessionExpiryInterval, 3600)
})

test('refuses a client whose Maximum Packet Size has no room for CONNACK, and keeps no connection open', async () => {
  const client = await RawClient.open(broker)
  client.sendConnect({ clientId: 'tiny', properties: { maximumPacketSize: 8 } })
  await client.expect('connack', { reasonCode: 0x95 })
  await client.expectClosed()
  const other = await RawClient.open(broker)
  const connack = await other.connect(persistent('tiny'))
  assert.equal(connack.sessionPresent, false)
})
