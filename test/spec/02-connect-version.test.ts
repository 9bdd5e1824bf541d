// The protocol name and version of CONNECT: what is accepted, what is refused, and the order of its payload.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { forVersion, packetBytes } from '../harness/malformed.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

/** Returns the hex of all that came before the broker closed. */
async function answerTo(bytes: Uint8Array, transport: 'tcp' | 'websocket' = 'tcp'): Promise<string> {
  const client = await RawClient.open(broker, { protocolVersion: 4, transport })
  client.send(bytes)
  await client.expectClosed({ after: 'connack' })
  return client.rawReceived.toString('hex')
}

for (const [name, level] of [
  ['MQTX', '04'],
  ['mqtt', '04'],
  ['MQIsdp', '04'],
  ['MQTT', '03'],
  ['HTTP', '05'],
  ['', '05'],
] as const) {
  test(`closes on the protocol name '${name}' with level ${level} [MQTT5-3.1.2-1] [MQTT3-3.1.2-1]`, async () => {
    const answer = await answerTo(packetBytes(`10 '${name}' ${level} 02 003c 'name-${level}'`))
    // Nothing, or "unacceptable protocol version" in the words of 3.1.1 or of 5.0.
    assert.ok(['', '20020001', '2003008400'].includes(answer), answer)
  })
}

for (const level of ['00', '06', '7f', 'ff']) {
  test(`answers protocol level ${level} with return code 1 and closes [MQTT3-3.1.2-2] [MQTT5-3.1.2-2]`, async () => {
    assert.equal(await answerTo(packetBytes(`10 'MQTT' ${level} 02 003c 'level-${level}'`)), '20020001')
  })
}

test('answers an unknown level over WebSocket, too, and closes [MQTT3-3.1.2-2] [MQTT5-3.1.2-2]', async () => {
  assert.equal(await answerTo(packetBytes("10 'MQTT' 09 02 003c 'web'"), 'websocket'), '20020001')
})

test('takes the level of a bridge, 0x80 on top, for one that is not supported [MQTT3-3.1.2-2]', async () => {
  assert.equal(await answerTo(packetBytes("10 'MQTT' 84 02 003c 'bridge'")), '20020001')
})

for (const transport of ['tcp', 'websocket'] as const) {
  test(`lets a client that tries again as 3.1, as Paho does, find its 3.1.1 session over ${transport}`, async () => {
    const clientId = `paho-${transport}`
    const first = await RawClient.connected(
      broker,
      { clientId, clean: false },
      { protocolVersion: 4, transport },
    )
    await first.subscribe(`paho/${transport}`, 1)
    first.destroy()

    const lost = await RawClient.open(broker, { protocolVersion: 4, transport })
    lost.sendConnect({ clientId, clean: false })
    lost.destroy()
    const retry = await RawClient.open(broker, { protocolVersion: 3, transport })
    const connack = await retry.connect({ clientId, clean: false })
    assert.equal(connack.raw.toString('hex'), '20020000', '3.1 has no Session Present')

    const publisher = await RawClient.connected(broker, {}, { protocolVersion: 4 })
    await publisher.publish({ topic: `paho/${transport}`, payload: 'still subscribed', qos: 1 })
    await retry.expect('publish', { payload: 'still subscribed', qos: 1 })
  })
}

test('refuses the 3.1 retry of a CONNECT that was refused as 3.1.1, and stays well [MQTT3-3.1.3-9]', async () => {
  for (const [version, name] of [
    [4, "'MQTT' 04"],
    [3, "'MQIsdp' 03"],
  ] as const) {
    const client = await RawClient.open(broker, { protocolVersion: version })
    client.send(packetBytes(`10 ${name} 00 003c ''`))
    await client.expect('connack', { returnCode: 2 })
    await client.expectClosed()
  }
  const client = await RawClient.connected(broker, {}, { protocolVersion: 3 })
  await client.ping()
})

for (const protocolVersion of protocolVersions) {
  const tags = '[MQTT5-3.1.3-1] [MQTT3-3.1.3-1]'
  test(`reads the payload of CONNECT in its order in version ${protocolVersion} ${tags}`, async () => {
    const topic = `order/${protocolVersion}`
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(topic, 1)
    const client = await RawClient.open(broker, { protocolVersion })
    const connect = `10 {name} ce 003c {none} 'order-${protocolVersion}' {none} '${topic}' 'bye' 'user' 'secret'`
    client.send(packetBytes(forVersion(connect, protocolVersion)))
    const connack = await client.expect('connack')
    assert.equal(connack.returnCode ?? connack.reasonCode, 0)
    client.destroy()
    await watcher.expect('publish', { topic, payload: 'bye', qos: 1 })
  })

  test(`refuses a password in front of the client identifier in version ${protocolVersion} ${tags}`, async () => {
    const client = await RawClient.open(broker, { protocolVersion })
    // Bytes that a password may have and a client identifier may not.
    client.send(packetBytes(forVersion(`10 {name} c2 003c {none} 0002fffe 'order' 'user'`, protocolVersion)))
    await client.expectClosed({ after: 'connack' })
    if (client.rawReceived.length > 0) assert.equal(client.rawReceived[3], 0x81)
  })

  test(`refuses a user name in front of the will in version ${protocolVersion} ${tags}`, async () => {
    const client = await RawClient.open(broker, { protocolVersion })
    const topic = `order/${randomBytes(4).toString('hex')}`
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(topic)
    // Read in the order of the specification, the user name is a will topic with a wildcard.
    client.send(
      packetBytes(forVersion(`10 {name} 86 003c {none} 'o' 'user#' {none} '${topic}' 'x'`, protocolVersion)),
    )
    await client.expectClosed({ after: 'connack' })
    if (client.rawReceived.length > 0) assert.ok((client.rawReceived[3] ?? 0) >= 0x80)
    await watcher.ping()
  })
}
