// `$SYS` is the broker's own: what clients publish there reaches nobody and replaces nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()
const topic = '$SYS/broker/version'

test('refuses PUBLISH to $SYS with 0x87 in 5.0, at QoS 1 and 2, and keeps the broker’s own value', async () => {
  const client = await RawClient.connected(broker, {}, { protocolVersion: 5 })
  client.send({ cmd: 'publish', topic, payload: 'forged', qos: 1, retain: true, messageId: 1 })
  await client.expect('puback', { messageId: 1, reasonCode: 0x87 })
  client.send({ cmd: 'publish', topic, payload: 'forged', qos: 2, retain: true, messageId: 2 })
  await client.expect('pubrec', { messageId: 2, reasonCode: 0x87 })
  client.send({ cmd: 'publish', topic, payload: 'forged', qos: 0, retain: true })
  await client.subscribe(topic, 0)
  const { payload } = await client.expect('publish', { topic })
  assert.match(payload.toString(), /^holdfast /)
  await client.ping()
})

for (const protocolVersion of [3, 4] as const) {
  test(`acknowledges PUBLISH to $SYS in version ${protocolVersion} and gives it to nobody [MQTT3-3.3.5-2]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    await client.subscribe('$SYS/forged', 1)
    await client.publish({ topic: '$SYS/forged', payload: 'x', qos: 1 })
    await client.publish({ topic: '$SYS/forged', payload: 'x', qos: 2 })
    await client.ping()
  })
}

test('refuses a CONNECT whose will is for $SYS', async () => {
  const client = await RawClient.open(broker, { protocolVersion: 5 })
  client.sendConnect({ will: { topic, payload: Buffer.from('forged'), qos: 0, retain: true } })
  await client.expect('connack', { reasonCode: 0x87 })
  await client.expectClosed()
})
