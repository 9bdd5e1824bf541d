// What every version of the protocol begins with: CONNECT first and once, PINGREQ, and a message through the broker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  test(`accepts CONNECT of version ${protocolVersion} without a session present`, async () => {
    const client = await RawClient.open(broker, { protocolVersion })
    const connack = await client.connect()
    assert.equal(connack.returnCode ?? connack.reasonCode, 0)
    assert.equal(connack.sessionPresent, false)
  })

  test(`answers PINGREQ in version ${protocolVersion} [MQTT5-3.12.4-1] [MQTT3-3.12.4-1]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    client.send('c0 00')
    const pingresp = await client.expect('pingresp')
    assert.equal(pingresp.raw.toString('hex'), 'd000')
  })

  test(`closes on a second CONNECT in version ${protocolVersion} [MQTT5-3.1.0-2] [MQTT3-3.1.0-2]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    client.sendConnect()
    await client.expectClosed({ after: 'disconnect' })
  })

  test(`carries a QoS 1 message in version ${protocolVersion} [MQTT5-4.3.2-4] [MQTT3-4.3.2-2]`, async () => {
    const subscriber = await RawClient.connected(broker, {}, { protocolVersion })
    const publisher = await RawClient.connected(broker, {}, { protocolVersion })
    const suback = await subscriber.subscribe(`basics/${protocolVersion}`, 1)
    assert.deepEqual(suback.granted, [1])

    const puback = await publisher.publish({ topic: `basics/${protocolVersion}`, payload: 'hello', qos: 1 })
    assert.equal(puback?.cmd, 'puback')

    const publish = await subscriber.expect('publish', {
      payload: 'hello',
      qos: 1,
      dup: false,
      retain: false,
    })
    subscriber.send({ cmd: 'puback', messageId: publish.messageId })
    await subscriber.ping()
  })
}

test('names the protocol error before it closes on a second CONNECT [MQTT5-3.1.0-2] [MQTT5-4.13.1-1]', async () => {
  const client = await RawClient.connected(broker)
  client.sendConnect()
  await client.expectDisconnect('protocol-error')
})

test('closes without an answer when the first packet is not CONNECT [MQTT5-3.1.0-1] [MQTT3-3.1.0-1]', async () => {
  const client = await RawClient.open(broker)
  client.send('c0 00')
  await client.expectClosed()
})

test('carries a message over WebSocket [MQTT5-6.0.0-1] [MQTT3-6.0.0-1]', async () => {
  const client = await RawClient.connected(broker, {}, { transport: 'websocket' })
  await client.subscribe('basics/websocket')
  await client.publish({ topic: 'basics/websocket', payload: 'hello' })
  await client.expect('publish', { topic: 'basics/websocket', payload: 'hello' })
})
