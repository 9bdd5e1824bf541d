// Authentication methods as the broker stands: it has none, and says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { packetBytes } from '../harness/malformed.ts'
import { RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

const transports = ['tcp', 'websocket'] as const

for (const transport of transports) {
  for (const method of ['SCRAM-SHA-1', 'PLAIN', '', 'x'.repeat(1000)]) {
    const name = method.slice(0, 12)
    test(`refuses the method '${name}' over ${transport} by CONNACK 8C and closes [MQTT5-4.12.0-1] [MQTT5-4.12.0-4]`, async () => {
      const client = await RawClient.open(broker, { transport })
      const properties = { authenticationMethod: method, authenticationData: Buffer.from('first') }
      // mqtt-packet leaves an empty one out.
      if (method === '') client.send(packetBytes("10 'MQTT' 05 02 003c ( 15 0000 ) 'x'"))
      else client.sendConnect({ properties })
      const connack = await client.expect('connack', { reasonCode: 0x8c, sessionPresent: false })
      assert.equal(connack.properties?.authenticationMethod, undefined)
      await client.expectClosed()
    })
  }

  test(`says nothing of authentication to who did not ask, over ${transport} [MQTT5-4.12.0-6]`, async () => {
    const client = await RawClient.open(broker, { transport })
    const connack = await client.connect({ username: 'ada', password: Buffer.from('secret') })
    assert.equal(connack.reasonCode, 0)
    assert.equal(connack.properties?.authenticationMethod, undefined)
    assert.equal(connack.properties?.authenticationData, undefined)
    await client.ping()
  })

  for (const [what, packet] of [
    ['that begins anew', "f0 19 ( 15 'NAME' )"],
    ['that continues', "f0 18 ( 15 'NAME' )"],
    ['that says nothing', 'f0'],
    ['without a method', 'f0 19 ( )'],
  ] as const) {
    test(`ends the connection for an AUTH ${what} when CONNECT had no method, ${transport} [MQTT5-4.12.0-7]`, async () => {
      const client = await RawClient.connected(broker, {}, { transport })
      client.send(packetBytes(packet))
      await client.expectDisconnect('protocol-error')
    })
  }
}

test('closes when AUTH comes instead of CONNECT [MQTT5-4.12.0-7]', async () => {
  const client = await RawClient.open(broker)
  client.send(packetBytes("f0 18 ( 15 'NAME' )"))
  await client.expectClosed()
})

test('refuses authentication data without a method [MQTT5-4.12.0-4]', async () => {
  const client = await RawClient.open(broker)
  client.send(packetBytes("10 'MQTT' 05 02 003c ( 16 'data' ) 'x'"))
  await client.expect('connack', { reasonCode: 0x82 })
  await client.expectClosed()
})
