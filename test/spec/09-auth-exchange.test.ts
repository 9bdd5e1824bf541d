// The exchange of AUTH packets between CONNECT and CONNACK, with methods that an extension brings.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CHALLENGE,
  LONG,
  LONG_BYTES,
  LONG_ROUNDS,
  NAME,
  reversed,
  SLOW,
  SLOW_MS,
  testMethods,
} from '../harness/authentication.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { encode, type Outgoing, type Received } from '../harness/packets.ts'
import { RawClient, type RawClientOptions } from '../harness/raw-client.ts'

const broker = inProcessBrokerForFile({ 'connect-timeout': '500ms' }, { authenticationMethods: testMethods })

const transports = ['tcp', 'websocket'] as const

type ConnectFields = Partial<Outgoing<'connect'>>

function asking(method: string, data: string | undefined, fields: ConnectFields = {}): ConnectFields {
  const authenticationData = data === undefined ? {} : { authenticationData: Buffer.from(data) }
  return {
    ...fields,
    properties: { authenticationMethod: method, ...authenticationData, ...fields.properties },
  }
}

function answer(data: string, reasonCode = 0x18, method = CHALLENGE): Outgoing<'auth'> {
  const properties = { authenticationMethod: method, authenticationData: Buffer.from(data) }
  return { cmd: 'auth', reasonCode, properties }
}

/** Sends CONNECT as this user and returns the challenge. */
async function challenged(
  user: string,
  fields: ConnectFields = {},
  options: RawClientOptions = {},
): Promise<{ client: RawClient; challenge: Received<'auth'> }> {
  const client = await RawClient.open(broker, options)
  client.sendConnect(asking(CHALLENGE, user, fields))
  return { client, challenge: await client.expect('auth') }
}

function proofFor(user: string, challenge: Received<'auth'>): string {
  return `${user}:${reversed(challenge.properties?.authenticationData)}`
}

for (const transport of transports) {
  const tags = '[MQTT5-4.12.0-2] [MQTT5-4.12.0-5] [MQTT5-3.15.2-1] [MQTT5-3.2.0-1]'
  test(`asks by AUTH 18, repeats the method and ends with CONNACK 0, over ${transport} ${tags}`, async () => {
    const { client, challenge } = await challenged('ada', {}, { transport })
    assert.equal(challenge.reasonCode, 0x18)
    assert.equal(challenge.properties?.authenticationMethod, CHALLENGE)
    assert.match(challenge.properties?.authenticationData?.toString() ?? '', /^nonce-/)
    client.send(answer(proofFor('ada', challenge)))
    const connack = await client.expect('connack', { reasonCode: 0, sessionPresent: false })
    assert.equal(connack.properties?.authenticationMethod, CHALLENGE)
    assert.equal(connack.properties?.authenticationData?.toString(), 'welcome')
    await client.subscribe('auth/own')
    await client.publish({ topic: 'auth/own', payload: 'in' })
    await client.expect('publish', { payload: 'in' })
  })

  test(`closes on a wrong proof after CONNACK 87, over ${transport} [MQTT5-4.12.0-4] [MQTT5-3.1.4-2] [MQTT5-3.2.2-7]`, async () => {
    const { client } = await challenged('ada', {}, { transport })
    client.send(answer('ada:wrong'))
    const connack = await client.expect('connack', { reasonCode: 0x87, sessionPresent: false })
    assert.equal(connack.properties?.assignedClientIdentifier, undefined)
    await client.expectClosed()
  })
}

test('needs no AUTH where the first data is enough; CONNACK has the method [MQTT5-4.12.0-5]', async () => {
  const client = await RawClient.open(broker)
  const connack = await client.connect(asking(NAME, 'ada'))
  assert.equal(connack.reasonCode, 0)
  assert.equal(connack.properties?.authenticationMethod, NAME)
  assert.equal(connack.properties?.authenticationData, undefined)
})

test('runs as many rounds as the method wants [MQTT5-4.12.0-2] [MQTT5-4.12.0-5]', async () => {
  const client = await RawClient.open(broker)
  client.sendConnect(asking(LONG, undefined))
  for (let round = 1; round <= LONG_ROUNDS; round++) {
    const auth = await client.expect('auth', { reasonCode: 0x18, properties: { authenticationMethod: LONG } })
    assert.deepEqual(auth.properties?.authenticationData, Buffer.alloc(LONG_BYTES, round))
    client.send(answer('more', 0x18, LONG))
  }
  await client.expect('connack', { reasonCode: 0, properties: { authenticationMethod: LONG } })
})

test('keeps exchanges of several clients apart [MQTT5-4.12.0-5]', async () => {
  const all = await Promise.all(
    ['ada', 'grace', 'ada'].map(async user => ({ user, ...(await challenged(user)) })),
  )
  for (const { user, client, challenge } of all.reverse()) client.send(answer(proofFor(user, challenge)))
  for (const { client } of all) await client.expect('connack', { reasonCode: 0 })
})

for (const [what, packet] of [
  ['begins anew by AUTH 19', answer('ada:x', 0x19)],
  ['names another method', answer('ada:x', 0x18, NAME)],
  ['names no method', Buffer.from('f00318 01 00'.replaceAll(' ', ''), 'hex')],
  ['says Success', Buffer.from('f000', 'hex')],
] as const) {
  test(`refuses a client that ${what} instead of continuing [MQTT5-4.12.0-3]`, async () => {
    const { client } = await challenged('ada')
    client.send(packet)
    const connack = await client.expect('connack')
    assert.ok([0x81, 0x82].includes(connack.reasonCode ?? 0), `${connack.reasonCode}`)
    await client.expectClosed()
  })
}

for (const [what, packet] of [
  ['PUBLISH', encode({ cmd: 'publish', topic: 'auth/early', payload: 'x' }, 5)],
  ['QoS 1 PUBLISH', encode({ cmd: 'publish', topic: 'auth/early', payload: 'x', qos: 1, messageId: 1 }, 5)],
  ['SUBSCRIBE', encode({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 0 }] }, 5)],
  ['PINGREQ', encode({ cmd: 'pingreq' }, 5)],
  [
    'a second CONNECT',
    encode({ cmd: 'connect', clientId: 'x', protocolId: 'MQTT', clean: true, keepalive: 9 }, 5),
  ],
] as const) {
  test(`refuses ${what} before CONNACK, and does not process it [MQTT5-3.1.2-30] [MQTT5-3.1.4-6]`, async () => {
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe('auth/early')
    const { client, challenge } = await challenged('ada')
    client.send(packet)
    client.send(answer(proofFor('ada', challenge)))
    await client.expect('connack', { reasonCode: 0x82 })
    await client.expectClosed()
    await watcher.publish({ topic: 'auth/early', payload: 'only this', qos: 1 })
    await watcher.expect('publish', { payload: 'only this' })
  })
}

test('lets a client leave by DISCONNECT before CONNACK, without a word and without its will [MQTT5-3.1.2-30] [MQTT5-3.14.0-1]', async () => {
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe('auth/will')
  const will = { topic: 'auth/will', payload: Buffer.from('x'), qos: 0, retain: false } as const
  const { client } = await challenged('ada', { will })
  client.send('e0 00')
  await client.expectClosed()
  const { client: cut } = await challenged('ada', { will })
  cut.destroy()
  await watcher.publish({ topic: 'auth/will', payload: 'only this', qos: 1 })
  await watcher.expect('publish', { payload: 'only this' })
})

test('closes an exchange that is not finished in the time for CONNECT, without DISCONNECT [MQTT5-3.14.0-1]', async () => {
  const { client } = await challenged('ada')
  await client.expectClosed()
})

test('waits for a method that takes its time, and for nothing sent meanwhile [MQTT5-3.2.0-1]', async () => {
  const client = await RawClient.open(broker)
  client.sendConnect(asking(SLOW, 'ada'))
  client.send({ cmd: 'disconnect', reasonCode: 0 })
  await client.expectSilence(SLOW_MS / 2)
  await client.expect('connack', { reasonCode: 0 })
  await client.expectClosed()
})

test('touches the session of a client identifier only when its client is known [MQTT5-4.12.0-4] [MQTT5-3.1.4-2]', async () => {
  const fields = { clientId: 'adas', clean: false, properties: { sessionExpiryInterval: 60 } }
  const owner = await RawClient.connected(broker, asking(NAME, 'ada', fields))
  const { client } = await challenged('ada', fields)
  await owner.ping()
  client.send(answer('ada:wrong'))
  await client.expect('connack', { reasonCode: 0x87 })
  await owner.ping()

  // Somebody else who is known, too, does not get it, and neither does who named no method.
  const other = await RawClient.open(broker)
  const refused = await other.connect(asking(NAME, 'grace', fields))
  assert.deepEqual([refused.reasonCode, refused.sessionPresent], [0x87, false])
  const anonymous = await RawClient.open(broker)
  assert.equal((await anonymous.connect(fields)).reasonCode, 0x87)
  await owner.ping()

  const again = await RawClient.open(broker)
  assert.equal((await again.connect(asking(NAME, 'ada', fields))).sessionPresent, true)
  await owner.expectDisconnect('session-taken-over')
})

test('sends no AUTH where CONNECT had no method, though methods are there [MQTT5-4.12.0-6] [MQTT5-4.12.0-7]', async () => {
  const client = await RawClient.open(broker)
  const connack = await client.connect()
  assert.equal(connack.reasonCode, 0)
  assert.equal(connack.properties?.authenticationMethod, undefined)
  client.send(answer('ada', 0x19, NAME))
  await client.expectDisconnect('protocol-error')
})

test('refuses a method that is not there beside those that are [MQTT5-4.12.0-1]', async () => {
  for (const method of ['challenge', 'CHALLENGE ', 'toString', '__proto__']) {
    const client = await RawClient.open(broker)
    const connack = await client.connect(asking(method, 'ada'))
    assert.equal(connack.reasonCode, 0x8c, method)
    await client.expectClosed()
  }
})

const smallTags = '[MQTT5-3.15.2-2] [MQTT5-3.15.2-3]'
test(`keeps AUTH within the Maximum Packet Size and free of what may be left out ${smallTags}`, async () => {
  const { client, challenge } = await challenged('ada', { properties: { maximumPacketSize: 64 } })
  assert.ok(challenge.raw.length <= 64)
  assert.deepEqual(Object.keys(challenge.properties ?? {}).sort(), [
    'authenticationData',
    'authenticationMethod',
  ])
  client.send(answer(proofFor('ada', challenge)))
  const connack = await client.expect('connack', { reasonCode: 0 })
  assert.ok(connack.raw.length <= 64)
})

test(`refuses a client that has no room for the AUTH it must be sent ${smallTags}`, async () => {
  const client = await RawClient.open(broker)
  client.sendConnect(asking(LONG, undefined, { properties: { maximumPacketSize: LONG_BYTES } }))
  const connack = await client.expect('connack', { reasonCode: 0x95 })
  assert.ok(connack.raw.length <= LONG_BYTES)
  await client.expectClosed()
})
