// Client identifiers: which are accepted, which are assigned, which are refused, and that they name the session.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { packetBytes } from '../harness/malformed.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume } from '../harness/sessions.ts'

const broker = brokerForFile({ 'client-id-bytes-max': 40 })

const accepted = [
  'a',
  '0',
  'Z9',
  'abcdefghijklmnopqrstuvw',
  'ABCDEFGHIJKLMNOPQRSTUVW',
  '01234567890123456789012',
]

for (const protocolVersion of protocolVersions) {
  const tags = '[MQTT5-3.1.3-5] [MQTT3-3.1.3-5]'
  test(`accepts 1 to 23 digits and letters in version ${protocolVersion} ${tags}`, async () => {
    for (const clientId of [...accepted, 'xyz'.padEnd(23, 'A')]) {
      const client = await RawClient.connected(broker, { clientId }, { protocolVersion })
      await client.ping()
      await client.disconnect()
    }
  })

  test(`accepts longer ones and other characters up to the setting in version ${protocolVersion}`, async () => {
    for (const clientId of ['a'.repeat(40), 'device/1 #+', 'Zähler-ü', '\u{1f431}'.repeat(10)]) {
      const client = await RawClient.connected(broker, { clientId }, { protocolVersion })
      await client.ping()
    }
  })

  test(`tells sessions apart by every byte of the id in version ${protocolVersion} [MQTT5-3.1.3-2] [MQTT3-3.1.3-2]`, async () => {
    const ids = ['key', 'Key', 'key ', 'ke', 'kéy', 'ke\u0301y'].map(id => `${id}-${protocolVersion}`)
    for (const clientId of ids) {
      const client = await resume(broker, clientId, { protocolVersion })
      await client.subscribe(`keyed/${protocolVersion}/${ids.indexOf(clientId)}`, 1)
      await client.disconnect()
    }
    const publisher = await RawClient.connected(broker)
    for (const index of ids.keys()) {
      await publisher.publish({
        topic: `keyed/${protocolVersion}/${index}`,
        payload: ids[index] ?? '',
        qos: 1,
      })
    }
    for (const clientId of ids) {
      const client = await resume(broker, clientId, { protocolVersion, autoAck: true })
      await client.expect('publish', { payload: clientId })
      await client.ping()
    }
  })
}

test('assigns an id and names it in CONNACK [MQTT5-3.1.3-6] [MQTT5-3.1.3-7] [MQTT5-3.2.2-16]', async () => {
  const clients = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = await RawClient.open(broker)
      const connack = await client.connect({ clientId: '' })
      return { client, assigned: connack.properties?.assignedClientIdentifier ?? '' }
    }),
  )
  assert.equal(new Set(clients.map(one => one.assigned)).size, clients.length)
  assert.ok(clients.every(one => one.assigned.length > 0))
  // No client took another's session over: each still answers.
  for (const { client } of clients) await client.ping()
})

for (const [clean, flags] of [
  [true, '02'],
  [false, '00'],
] as const) {
  test(`keeps the session under the assigned id, clean start ${clean} [MQTT5-3.1.3-7]`, async () => {
    const first = await RawClient.open(broker)
    first.send(packetBytes(`10 'MQTT' 05 ${flags} 003c ( 11 0000003c ) ''`))
    const connack = await first.expect('connack', { reasonCode: 0 })
    assert.equal(connack.sessionPresent, false)
    const clientId = connack.properties?.assignedClientIdentifier ?? ''
    await first.subscribe(`assigned/${clean}`, 1)
    await first.disconnect()

    const again = await RawClient.open(broker)
    const second = await again.connect(persistent(clientId))
    assert.equal(second.sessionPresent, true)
    assert.equal(second.properties?.assignedClientIdentifier, undefined)
    await again.publish({ topic: `assigned/${clean}`, payload: 'own', qos: 1 })
    await again.expect('publish', { payload: 'own' })
  })
}

test('assigns a unique id to each 3.1.1 client with an empty one [MQTT3-3.1.3-6]', async () => {
  const clients = []
  for (let count = 0; count < 5; count++) {
    const client = await RawClient.open(broker, { protocolVersion: 4 })
    client.send(packetBytes("10 'MQTT' 04 02 003c ''"))
    await client.expect('connack', { returnCode: 0, sessionPresent: false })
    await client.subscribe(`nameless/${count}`)
    clients.push(client)
  }
  for (const [index, client] of clients.entries()) {
    await client.publish({ topic: `nameless/${index}`, payload: 'mine' })
    await client.expect('publish', { payload: 'mine' })
  }
})

test('does not let two nameless 3.1.1 clients share a session [MQTT3-3.1.3-6]', async () => {
  const first = await RawClient.open(broker, { protocolVersion: 4 })
  first.send(packetBytes("10 'MQTT' 04 02 003c ''"))
  await first.expect('connack', { returnCode: 0 })
  await first.subscribe('nameless/shared')
  const second = await RawClient.open(broker, { protocolVersion: 4 })
  second.send(packetBytes("10 'MQTT' 04 02 003c ''"))
  await second.expect('connack', { returnCode: 0, sessionPresent: false })
  await second.publish({ topic: 'nameless/shared', payload: 'for the first' })
  await first.expect('publish', { payload: 'for the first' })
  await second.ping()
})

test('refuses an empty id with CleanSession 0 by return code 2 [MQTT3-3.1.3-7] [MQTT3-3.1.3-8]', async () => {
  const client = await RawClient.open(broker, { protocolVersion: 4 })
  client.send(packetBytes("10 'MQTT' 04 00 003c ''"))
  await client.expect('connack', { returnCode: 2, sessionPresent: false })
  await client.expectClosed()
})

test('refuses an empty id in 3.1, which must have one of its own, by return code 2 [MQTT3-3.1.3-9]', async () => {
  const client = await RawClient.open(broker, { protocolVersion: 3 })
  client.send(packetBytes("10 'MQIsdp' 03 02 003c ''"))
  await client.expect('connack', { returnCode: 2 })
  await client.expectClosed()
})

for (const [what, clientId] of [
  ['one that is too long', 'a'.repeat(41)],
  ['one with a control character', 'a\u0007b'],
] as const) {
  for (const protocolVersion of protocolVersions) {
    test(`refuses ${what} in version ${protocolVersion} [MQTT5-3.1.3-8] [MQTT3-3.1.3-9]`, async () => {
      const client = await RawClient.open(broker, { protocolVersion })
      const connack = await client.connect({ clientId })
      assert.equal(connack.sessionPresent, false)
      assert.equal(connack.returnCode ?? connack.reasonCode, protocolVersion === 5 ? 0x85 : 2)
      await client.expectClosed()
    })
  }
}
