// The broker as sender of PUBLISH on one connection: flags, packet identifiers, and each step of QoS 1 and 2.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume } from '../harness/sessions.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }
  const root = `send/${protocolVersion}`

  const pair = async (topic: string): Promise<{ publisher: RawClient; subscriber: RawClient }> => {
    const subscriber = await RawClient.connected(broker, {}, version)
    await subscriber.subscribe(topic, 2)
    return { publisher: await RawClient.connected(broker, {}, version), subscriber }
  }

  test(`sends QoS 0 without packet identifier and DUP in version ${protocolVersion} [MQTT5-2.2.1-2, MQTT5-3.3.1-2, MQTT5-4.3.1-1] [MQTT3-2.3.1-5, MQTT3-3.3.1-2, MQTT3-4.3.1-1]`, async () => {
    const subscriber = await RawClient.connected(broker, {}, version)
    const publisher = await RawClient.connected(broker, {}, version)
    await subscriber.subscribe(`${root}/zero`, 0)
    for (const qos of [0, 1, 2] as const) {
      await publisher.publish({ topic: `${root}/zero`, payload: 'xy', qos, dup: qos > 0 })
      const { raw } = await subscriber.expect('publish', { qos: 0, payload: 'xy' })
      const variableHeader = `000b${Buffer.from(`${root}/zero`).toString('hex')}${protocolVersion === 5 ? '00' : ''}`
      const rest = `${variableHeader}${Buffer.from('xy').toString('hex')}`
      assert.equal(raw.toString('hex'), `30${(rest.length / 2).toString(16).padStart(2, '0')}${rest}`)
    }
  })

  test(`gives each unacknowledged message of version ${protocolVersion} an identifier of its own, and no DUP [MQTT5-2.2.1-4, MQTT5-4.3.2-1, MQTT5-4.3.2-2, MQTT5-4.3.3-1, MQTT5-4.3.3-2, MQTT5-3.3.1-3] [MQTT3-2.3.1-4, MQTT3-4.3.2-1, MQTT3-4.3.3-1, MQTT3-3.3.1-3]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/identifiers`)
    const inFlight = new Set<number>()
    for (let count = 0; count < 12; count++) {
      const qos = count % 2 === 0 ? 1 : 2
      await publisher.publish({ topic: `${root}/identifiers`, payload: `${count}`, qos, dup: true })
      const publish = await subscriber.expect('publish', { payload: `${count}`, qos, dup: false })
      assert.notEqual(publish.messageId, 0)
      assert.ok(!inFlight.has(publish.messageId), `${publish.messageId} is in use`)
      inFlight.add(publish.messageId)
      // Some are acknowledged, so that their identifiers may be used again.
      if (count % 3 !== 0 || qos !== 1) continue
      subscriber.send({ cmd: 'puback', messageId: publish.messageId })
      inFlight.delete(publish.messageId)
    }
    await subscriber.ping()
  })

  test(`answers each PUBREC with PUBREL of the same identifier until PUBCOMP in version ${protocolVersion} [MQTT5-4.3.3-4, MQTT5-2.2.1-5] [MQTT3-4.3.3-1, MQTT3-2.3.1-6]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/pubrel`)
    await publisher.publish({ topic: `${root}/pubrel`, payload: 'x', qos: 2 })
    const { messageId } = await subscriber.expect('publish', { qos: 2 })
    for (let repeated = 0; repeated < 3; repeated++) {
      subscriber.send({ cmd: 'pubrec', messageId })
      const { raw } = await subscriber.expect('pubrel', { messageId })
      assert.equal(raw.toString('hex'), `6202${messageId.toString(16).padStart(4, '0')}`)
    }
    subscriber.send({ cmd: 'pubcomp', messageId })
    await subscriber.ping()
  })

  test(`sends nothing again while the connection of version ${protocolVersion} lasts, acknowledged or not [MQTT5-4.4.0-1] [MQTT3-4.4.0-1]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/patience`)
    await publisher.publish({ topic: `${root}/patience`, payload: 'one', qos: 1 })
    await publisher.publish({ topic: `${root}/patience`, payload: 'two', qos: 2 })
    await publisher.publish({ topic: `${root}/patience`, payload: 'released', qos: 2 })
    const [, , released] = await subscriber.collect(3)
    subscriber.send({ cmd: 'pubrec', messageId: released?.messageId })
    await subscriber.expect('pubrel')
    await subscriber.expectSilence(700)
    await subscriber.ping()
  })
}

test('sends no PUBREL after a PUBREC that refuses, which ends the exchange for good [MQTT5-4.3.3-4, MQTT5-4.4.0-2]', async () => {
  const publisher = await RawClient.connected(broker)
  const subscriber = await resume(broker, 'send-refuses', {}, { receiveMaximum: 1 })
  await subscriber.subscribe('send/refused', 2)
  for (const reasonCode of [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]) {
    await publisher.publish({ topic: 'send/refused', payload: `${reasonCode}`, qos: 2 })
    const { messageId } = await subscriber.expect('publish', { payload: `${reasonCode}`, dup: false })
    subscriber.send({ cmd: 'pubrec', messageId, reasonCode })
    await subscriber.ping()
  }
  // Each refusal has given the only place in the window back, and nothing of it is left for later.
  await subscriber.disconnect()
  const again = await resume(broker, 'send-refuses', {}, { receiveMaximum: 1 })
  await again.ping()
})

test('takes a PUBACK that refuses for an acknowledgement [MQTT5-4.4.0-2]', async () => {
  const publisher = await RawClient.connected(broker)
  const subscriber = await resume(broker, 'send-refuses-1', {}, { receiveMaximum: 1 })
  await subscriber.subscribe('send/refused-1', 1)
  for (const reasonCode of [0x10, 0x80, 0x97]) {
    await publisher.publish({ topic: 'send/refused-1', payload: `${reasonCode}`, qos: 1 })
    const { messageId } = await subscriber.expect('publish', { payload: `${reasonCode}`, dup: false })
    subscriber.send({ cmd: 'puback', messageId, reasonCode })
  }
  await subscriber.disconnect()
  const again = await resume(broker, 'send-refuses-1')
  await again.ping()
})

test('goes on with PUBREL after a PUBREC that succeeds with a reason, and reads PUBCOMP with one [MQTT5-4.3.3-4]', async () => {
  const publisher = await RawClient.connected(broker)
  const subscriber = await resume(broker, 'send-reasons', {}, { receiveMaximum: 1 })
  await subscriber.subscribe('send/reasons', 2)
  for (const payload of ['one', 'two']) {
    await publisher.publish({ topic: 'send/reasons', payload, qos: 2 })
    const { messageId } = await subscriber.expect('publish', { payload })
    const properties = { reasonString: 'nobody is here', userProperties: { a: 'b' } }
    subscriber.send({ cmd: 'pubrec', messageId, reasonCode: 0x10, properties })
    await subscriber.expect('pubrel', { messageId })
    subscriber.send({ cmd: 'pubcomp', messageId, reasonCode: 0x92, properties })
  }
  await subscriber.ping()
})

test('closes on an acknowledgement that does not fit the QoS of the message', async () => {
  const publisher = await RawClient.connected(broker)
  for (const [qos, cmd] of [
    [1, 'pubrec'],
    [2, 'puback'],
  ] as const) {
    const subscriber = await RawClient.connected(broker)
    await subscriber.subscribe('send/misfit', qos)
    await publisher.publish({ topic: 'send/misfit', payload: 'x', qos })
    const { messageId } = await subscriber.expect('publish', { qos })
    subscriber.send({ cmd, messageId })
    await subscriber.expectDisconnect('protocol-error')
  }
})

test('delivers in the version of the receiver what another version published [MQTT5-4.5.0-1] [MQTT3-4.5.0-1]', async () => {
  const subscribers = await Promise.all(
    protocolVersions.map(async protocolVersion => {
      const subscriber = await RawClient.connected(broker, {}, { protocolVersion, autoAck: true })
      await subscriber.subscribe('send/versions', 2)
      return subscriber
    }),
  )
  for (const protocolVersion of protocolVersions) {
    const publisher = await RawClient.connected(broker, {}, { protocolVersion })
    for (const qos of [0, 1, 2] as const) {
      await publisher.publish({ topic: 'send/versions', payload: `${protocolVersion}-${qos}`, qos })
    }
    await publisher.ping()
  }
  for (const subscriber of subscribers) {
    const expected = protocolVersions.flatMap(one => [`${one}-0`, `${one}-1`, `${one}-2`])
    assert.deepEqual(await payloads(subscriber, 9), expected)
  }
})
