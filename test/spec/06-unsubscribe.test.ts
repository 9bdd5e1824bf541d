// UNSUBSCRIBE: takes away exactly the filters it names, at once, and finishes what had begun.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  const prefix = `un/${protocolVersion}`

  test(`compares the filters of an UNSUBSCRIBE of version ${protocolVersion} character by character [MQTT5-3.10.4-1] [MQTT3-3.10.4-1]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const topic = `${prefix}/exact`
    await client.subscribe(topic, 0)
    const others = [
      `${prefix}/#`,
      `${prefix}/+`,
      `${prefix}/Exact`,
      `${topic}/`,
      `/${topic}`,
      '#',
      `${topic} `,
    ]
    await client.unsubscribe(...others)
    await client.publish({ topic, payload: 'still' })
    await client.expect('publish', { topic, payload: 'still' })
    await client.unsubscribe(topic)
    await client.publish({ topic, payload: 'gone', qos: 1 })
    await client.ping()
  })

  test(`takes away a filter with wildcards and leaves those that it covers in version ${protocolVersion} [MQTT5-3.10.4-1] [MQTT3-3.10.4-1]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    await client.subscribe([
      { topic: `${prefix}/cover/#`, qos: 0 },
      { topic: `${prefix}/cover/+`, qos: 0 },
      { topic: `${prefix}/cover/a`, qos: 0 },
    ])
    await client.unsubscribe(`${prefix}/cover/#`)
    for (const rest of ['a', 'b', 'b/c']) await client.publish({ topic: `${prefix}/cover/${rest}`, qos: 1 })
    await client.expect('publish', { topic: `${prefix}/cover/a` })
    await client.expect('publish', { topic: `${prefix}/cover/b` })
    await client.ping()
  })

  test(`queues no message after an UNSUBSCRIBE of version ${protocolVersion}, online or offline [MQTT5-3.10.4-2] [MQTT3-3.10.4-2]`, async () => {
    const properties = { sessionExpiryInterval: 30 }
    const fields = { clientId: `un-${protocolVersion}`, clean: false, properties }
    const client = await RawClient.connected(broker, fields, { protocolVersion })
    const publisher = await RawClient.connected(broker)
    await client.subscribe(`${prefix}/queue`, 2)
    await client.unsubscribe(`${prefix}/queue`)
    await publisher.publish({ topic: `${prefix}/queue`, payload: 'online', qos: 1 })
    await client.ping()
    await client.disconnect()
    await publisher.publish({ topic: `${prefix}/queue`, payload: 'offline', qos: 2 })
    const returned = await RawClient.connected(broker, fields, { protocolVersion })
    await returned.ping()
  })

  test(`completes in version ${protocolVersion} deliveries that had begun before the UNSUBSCRIBE [MQTT5-3.10.4-3] [MQTT3-3.10.4-3]`, async () => {
    const properties = { sessionExpiryInterval: 30 }
    const fields = { clientId: `begun-${protocolVersion}`, clean: false, properties }
    const client = await RawClient.connected(broker, fields, { protocolVersion })
    const publisher = await RawClient.connected(broker)
    await client.subscribe(`${prefix}/begun`, 2)
    await publisher.publish({ topic: `${prefix}/begun`, payload: 'one', qos: 1 })
    await publisher.publish({ topic: `${prefix}/begun`, payload: 'two', qos: 2 })
    const one = await client.expect('publish', { payload: 'one', qos: 1 })
    const two = await client.expect('publish', { payload: 'two', qos: 2 })
    await client.unsubscribe(`${prefix}/begun`)
    client.send({ cmd: 'pubrec', messageId: two.messageId })
    await client.expect('pubrel', { messageId: two.messageId })
    client.destroy()

    const returned = await RawClient.connected(broker, fields, { protocolVersion })
    await returned.expect('publish', { payload: 'one', dup: true, messageId: one.messageId })
    await returned.expect('pubrel', { messageId: two.messageId })
    returned.send({ cmd: 'puback', messageId: one.messageId })
    returned.send({ cmd: 'pubcomp', messageId: two.messageId })
    await returned.ping()
    await returned.disconnect()
    const settled = await RawClient.connected(broker, fields, { protocolVersion })
    await settled.ping()
  })
}

test('takes a shared subscription away by its whole filter only [MQTT5-3.10.4-1]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe('$share/g/un/shared', 0)
  const { granted } = await client.unsubscribe('un/shared', '$share/h/un/shared', '$share/g/un/+')
  assert.deepEqual(granted, [0x11, 0x11, 0x11])
  await client.publish({ topic: 'un/shared', payload: 'still' })
  await client.expect('publish', { payload: 'still' })
  assert.deepEqual((await client.unsubscribe('$share/g/un/shared')).granted, [0])
  await client.publish({ topic: 'un/shared', payload: 'gone', qos: 1 })
  await client.ping()
})

test('leaves the ordinary subscription when the shared one to the same topics goes, and the other way round [MQTT5-3.10.4-1]', async () => {
  const client = await RawClient.connected(broker)
  for (const [gone, subscription] of [
    ['$share/g/un/both', 'un/both'],
    ['un/both', '$share/g/un/both'],
  ] as const) {
    await client.subscribe([
      { topic: gone, qos: 0 },
      { topic: subscription, qos: 0 },
    ])
    await client.unsubscribe(gone)
    await client.publish({ topic: 'un/both', payload: subscription })
    await client.expect('publish', { payload: subscription })
    await client.ping()
    await client.unsubscribe(subscription)
  }
})
