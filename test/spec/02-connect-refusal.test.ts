// CONNACK for a CONNECT that is refused, and the silence after it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile, startBroker } from '../harness/broker.ts'
import { packetBytes } from '../harness/malformed.ts'
import { encode, type Outgoing } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const broker = brokerForFile({ 'will-bytes-max': 100, 'client-id-bytes-max': 40 })

/** Table 3-1 of the MQTT 5 specification. */
const connectReasonCodes = new Set([
  0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a,
  0x9b, 0x9c, 0x9d, 0x9f,
])

interface Refusal {
  readonly what: string
  readonly fields: Partial<Outgoing<'connect'>>
  /** Of CONNACK in 5.0. */
  readonly reasonCode: number
  /** Of CONNACK in 3.x; undefined is a close without one, absent does not exist there. */
  readonly returnCode?: number | undefined
}

const refusals: readonly Refusal[] = [
  {
    what: 'a will that is too large',
    fields: { will: { topic: 'refused/will', payload: Buffer.alloc(101), qos: 0, retain: false } },
    reasonCode: 0x97,
    returnCode: 3,
  },
  {
    what: 'a client identifier that is too long',
    fields: { clientId: 'i'.repeat(41) },
    reasonCode: 0x85,
    returnCode: 2,
  },
  {
    what: 'a user name with a control character',
    fields: { username: 'a\u0001b' },
    reasonCode: 0x86,
    returnCode: 4,
  },
  {
    what: 'a will topic with a wildcard',
    fields: { will: { topic: 'refused/+', payload: Buffer.from('x'), qos: 0, retain: false } },
    reasonCode: 0x90,
    returnCode: undefined,
  },
  {
    what: 'a will that is not the UTF-8 it claims to be',
    fields: {
      will: {
        topic: 'refused/utf8',
        payload: Buffer.from([0xff]),
        qos: 0,
        retain: false,
        properties: { payloadFormatIndicator: true },
      },
    },
    reasonCode: 0x99,
  },
  {
    what: 'an authentication method that is not there',
    fields: { properties: { authenticationMethod: 'SCRAM-SHA-256' } },
    reasonCode: 0x8c,
  },
]

for (const refusal of refusals) {
  const { what, fields, reasonCode } = refusal
  const tags = '[MQTT5-3.1.4-2] [MQTT5-3.2.2-6] [MQTT5-3.2.2-7] [MQTT5-3.2.2-8] [MQTT5-3.14.0-1]'
  test(`refuses ${what} by CONNACK ${reasonCode.toString(16)} and closes ${tags}`, async () => {
    const client = await RawClient.open(broker)
    const connack = await client.connect(fields)
    assert.equal(connack.reasonCode, reasonCode)
    assert.ok(connectReasonCodes.has(reasonCode))
    assert.equal(connack.sessionPresent, false)
    // Fails on a DISCONNECT, which must not follow a refusal.
    await client.expectClosed()
  })

  if (!('returnCode' in refusal)) continue
  for (const protocolVersion of [3, 4] as const) {
    const { returnCode } = refusal
    const ending = returnCode === undefined ? 'a close without CONNACK' : `return code ${returnCode}`
    const classicTags =
      returnCode === undefined ? '[MQTT3-3.2.2-6]' : '[MQTT3-3.2.2-4] [MQTT3-3.2.2-5] [MQTT3-3.1.4-5]'
    test(`refuses ${what} in version ${protocolVersion} by ${ending} ${classicTags}`, async () => {
      const client = await RawClient.open(broker, { protocolVersion })
      client.sendConnect(fields)
      // A packet behind it must not be answered.
      client.send({ cmd: 'pingreq' })
      if (returnCode !== undefined) await client.expect('connack', { returnCode, sessionPresent: false })
      await client.expectClosed()
    })
  }
}

test('says Session Present 0 in a refusal although there is a session [MQTT5-3.2.2-6]', async () => {
  const first = await resume(broker, 'refused-session')
  await first.disconnect()
  const client = await RawClient.open(broker)
  const connack = await client.connect({
    ...persistent('refused-session'),
    will: { topic: 'w', payload: Buffer.alloc(101), qos: 0, retain: false },
  })
  assert.deepEqual([connack.reasonCode, connack.sessionPresent], [0x97, false])
  // The refusal has not touched the session.
  const again = await RawClient.open(broker)
  assert.equal((await again.connect(persistent('refused-session'))).sessionPresent, true)
})

test('says Session Present 0 in a refusal of 3.1.1, too [MQTT3-3.2.2-4]', async () => {
  const first = await resume(broker, 'refused-classic', { protocolVersion: 4 })
  await first.disconnect()
  const client = await RawClient.open(broker, { protocolVersion: 4 })
  const connack = await client.connect({
    ...persistent('refused-classic'),
    will: { topic: 'w', payload: Buffer.alloc(101), qos: 0, retain: false },
  })
  assert.equal(connack.raw.toString('hex'), '20020003')
  await client.expectClosed()
})

for (const protocolVersion of protocolVersions) {
  const tags = '[MQTT5-3.1.4-6] [MQTT3-3.1.4-5]'
  test(`processes nothing behind a refused CONNECT of version ${protocolVersion} ${tags}`, async () => {
    const topic = `behind/${protocolVersion}`
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(`${topic}/#`)
    const client = await RawClient.open(broker, { protocolVersion })
    const payload = Buffer.alloc(101)
    const connect = {
      cmd: 'connect',
      clientId: `behind-${protocolVersion}`,
      clean: true,
      keepalive: 60,
      protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion,
      will: { topic: `${topic}/will`, payload, qos: 0, retain: false },
    } as const
    const publish = encode({ cmd: 'publish', topic: `${topic}/message`, payload: 'x' }, protocolVersion)
    client.send(Buffer.concat([encode(connect, protocolVersion), publish, publish]))
    client.send(publish)
    await client.expectClosed({ after: 'connack' })

    const other = await RawClient.connected(broker)
    await other.publish({ topic: `${topic}/end`, payload: 'x', qos: 1 })
    await watcher.expect('publish', { topic: `${topic}/end` })
  })

  test(`sends no DISCONNECT before CONNACK in version ${protocolVersion} [MQTT5-3.14.0-1]`, async () => {
    const client = await RawClient.open(broker, { protocolVersion })
    client.send(packetBytes("30 'a' 78"))
    await client.expectClosed()
    assert.equal(client.rawReceived.length, 0)
  })

  test(`refuses one session too many in version ${protocolVersion} [MQTT5-3.1.4-2] [MQTT5-3.2.2-8]`, async () => {
    const own = await startBroker({ settings: { 'sessions-max': 2 } })
    const first = await RawClient.connected(own, {}, { protocolVersion })
    await resume(own, 'second', { protocolVersion })
    const third = await RawClient.open(own, { protocolVersion })
    const connack = await third.connect()
    assert.equal(connack.returnCode ?? connack.reasonCode, protocolVersion === 5 ? 0x97 : 3)
    await third.expectClosed()
    // Who is in may come back, and one that leaves makes room.
    await resume(own, 'second', { protocolVersion })
    await first.disconnect()
    await RawClient.connected(own, {}, { protocolVersion })
    await own.stop()
  })
}

test('closes a connection that sends no CONNECT in time, without a word [MQTT5-3.14.0-1]', async () => {
  const own = await startBroker({ settings: { 'connect-timeout': '100ms' } })
  const silent = await RawClient.open(own)
  const dripping = await RawClient.open(own)
  dripping.send('10 20 00 04')
  const web = await RawClient.open(own, { transport: 'websocket' })
  await silent.expectClosed()
  await dripping.expectClosed()
  await web.expectClosed()
  await own.stop()
})

test('leaves the Reason String out of a refusal that it would make too large [MQTT5-3.2.2-19]', async () => {
  const client = await RawClient.open(broker)
  client.sendConnect({ properties: { authenticationMethod: 'unheard-of', maximumPacketSize: 10 } })
  const connack = await client.expect('connack', { reasonCode: 0x8c })
  assert.equal(connack.raw.toString('hex'), '2003008c00')
  await client.expectClosed()
})
