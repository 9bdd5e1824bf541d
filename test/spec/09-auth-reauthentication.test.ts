// Re-authentication: a connected client proves itself anew, while everything else goes on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHALLENGE, NAME, reversed, SLOW, SLOW_MS, testMethods } from '../harness/authentication.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import type { Outgoing, Received } from '../harness/packets.ts'
import { RawClient, type RawClientOptions } from '../harness/raw-client.ts'

const broker = inProcessBrokerForFile({}, { authenticationMethods: testMethods })

const transports = ['tcp', 'websocket'] as const

const RE_AUTHENTICATE = 0x19
const CONTINUE = 0x18

function auth(reasonCode: number, data: string, method: string): Outgoing<'auth'> {
  const properties = { authenticationMethod: method, authenticationData: Buffer.from(data) }
  return { cmd: 'auth', reasonCode, properties }
}

/** Connected as ada by NAME, unless it is another method of one step. */
async function connectedBy(
  method: string,
  fields: Partial<Outgoing<'connect'>> = {},
  options: RawClientOptions = {},
): Promise<RawClient> {
  const properties = {
    authenticationMethod: method,
    authenticationData: Buffer.from('ada'),
    ...fields.properties,
  }
  return RawClient.connected(broker, { ...fields, properties }, options)
}

function proof(challenge: Received<'auth'>, user = 'ada'): string {
  return `${user}:${reversed(challenge.properties?.authenticationData)}`
}

async function connectedByChallenge(options: RawClientOptions = {}): Promise<RawClient> {
  const client = await RawClient.open(broker, options)
  client.sendConnect({
    properties: { authenticationMethod: CHALLENGE, authenticationData: Buffer.from('ada') },
  })
  client.send(auth(CONTINUE, proof(await client.expect('auth')), CHALLENGE))
  await client.expect('connack', { reasonCode: 0 })
  return client
}

for (const transport of transports) {
  const tags = '[MQTT5-4.12.0-2] [MQTT5-4.12.0-5] [MQTT5-3.15.2-1]'
  test(`asks again by AUTH 18 and ends with AUTH 0, over ${transport} ${tags}`, async () => {
    const client = await connectedByChallenge({ transport })
    for (let round = 0; round < 3; round++) {
      client.send(auth(RE_AUTHENTICATE, 'ada', CHALLENGE))
      const challenge = await client.expect('auth', { reasonCode: CONTINUE })
      assert.equal(challenge.properties?.authenticationMethod, CHALLENGE)
      client.send(auth(CONTINUE, proof(challenge), CHALLENGE))
      const done = await client.expect('auth', { reasonCode: 0 })
      assert.equal(done.properties?.authenticationMethod, CHALLENGE)
      assert.equal(done.properties?.authenticationData?.toString(), 'welcome')
      await client.ping()
    }
  })

  test(`closes after DISCONNECT 87 when the client fails to prove itself, over ${transport} [MQTT5-4.12.1-2]`, async () => {
    const client = await connectedByChallenge({ transport })
    client.send(auth(RE_AUTHENTICATE, 'ada', CHALLENGE))
    await client.expect('auth', { reasonCode: CONTINUE })
    client.send(auth(CONTINUE, 'ada:wrong', CHALLENGE))
    await client.expectDisconnect('not-authorized')
  })
}

test('goes on with everything else between the packets of a re-authentication', async () => {
  const client = await connectedByChallenge()
  await client.subscribe('reauth/traffic', 1)
  client.send(auth(RE_AUTHENTICATE, 'ada', CHALLENGE))
  const challenge = await client.expect('auth', { reasonCode: CONTINUE })
  await client.publish({ topic: 'reauth/traffic', payload: 'meanwhile', qos: 1 })
  await client.expect('publish', { payload: 'meanwhile' })
  await client.ping()
  client.send(auth(CONTINUE, proof(challenge), CHALLENGE))
  await client.expect('auth', { reasonCode: 0 })
})

for (const [what, packet] of [
  ['names another method than CONNECT', auth(RE_AUTHENTICATE, 'ada', SLOW)],
  ['names a method that is not there', auth(RE_AUTHENTICATE, 'ada', 'none')],
  ['names no method', Buffer.from('f00219 00'.replaceAll(' ', ''), 'hex')],
  ['continues what was not begun', auth(CONTINUE, 'ada', NAME)],
  ['says Success', Buffer.from('f000', 'hex')],
] as const) {
  test(`ends the connection when AUTH ${what} [MQTT5-4.12.1-1] [MQTT5-4.12.0-3] [MQTT5-4.12.1-2]`, async () => {
    const client = await connectedBy(NAME)
    client.send(packet)
    await client.expectDisconnect('protocol-error')
  })
}

test('ends the connection when AUTH 19 comes within a re-authentication [MQTT5-4.12.0-3] [MQTT5-4.12.1-2]', async () => {
  const client = await connectedByChallenge()
  client.send(auth(RE_AUTHENTICATE, 'ada', CHALLENGE))
  await client.expect('auth', { reasonCode: CONTINUE })
  client.send(auth(RE_AUTHENTICATE, 'ada', CHALLENGE))
  await client.expectDisconnect('protocol-error')
})

test('ends the connection of a client that proves to be another user [MQTT5-4.12.1-2]', async () => {
  const client = await connectedBy(NAME)
  client.send(auth(RE_AUTHENTICATE, 'ada', NAME))
  await client.expect('auth', { reasonCode: 0, properties: { authenticationMethod: NAME } })
  client.send(auth(RE_AUTHENTICATE, 'grace', NAME))
  await client.expectDisconnect('not-authorized')
})

test('publishes the will of a client that failed, and keeps its session [MQTT5-4.12.1-2] [MQTT5-3.1.2-8]', async () => {
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe('reauth/will')
  const will = { topic: 'reauth/will', payload: Buffer.from('failed'), qos: 0, retain: false } as const
  const fields = { clientId: 'failing', clean: false, will, properties: { sessionExpiryInterval: 60 } }
  const client = await connectedBy(NAME, fields)
  client.send(auth(RE_AUTHENTICATE, 'mallory', NAME))
  await client.expectDisconnect('not-authorized')
  await watcher.expect('publish', { payload: 'failed' })
  const again = await RawClient.open(broker)
  const properties = { authenticationMethod: NAME, authenticationData: Buffer.from('ada') }
  const connack = await again.connect({ ...fields, properties: { ...fields.properties, ...properties } })
  assert.deepEqual([connack.reasonCode, connack.sessionPresent], [0, true])
})

test('sends no AUTH after its DISCONNECT, when the method answers later [MQTT5-3.14.4-1]', async () => {
  const client = await connectedBy(SLOW)
  client.send(auth(RE_AUTHENTICATE, 'ada', SLOW))
  client.sendConnect()
  await client.expectDisconnect('protocol-error')
  await new Promise(resolve => setTimeout(resolve, SLOW_MS * 2))
  assert.deepEqual(client.waiting, [])
})

test('takes no AUTH while the method still thinks [MQTT5-4.12.0-3] [MQTT5-4.12.1-2]', async () => {
  const client = await connectedBy(SLOW)
  client.send(auth(RE_AUTHENTICATE, 'ada', SLOW))
  client.send(auth(CONTINUE, 'ada', SLOW))
  await client.expectDisconnect('protocol-error')
})

test('forgets a re-authentication with the connection it was begun on [MQTT5-4.12.1-2]', async () => {
  const fields = { clientId: 'half', clean: false, properties: { sessionExpiryInterval: 60 } }
  const client = await connectedBy(SLOW, fields)
  client.send(auth(RE_AUTHENTICATE, 'mallory', SLOW))
  const next = await connectedBy(NAME, fields)
  await client.expectDisconnect('session-taken-over')
  await next.expectSilence(SLOW_MS * 2)
  await next.ping()
})
