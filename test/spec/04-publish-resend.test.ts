// Reconnect to a session: what was not acknowledged is sent again, in its order, under its identifiers, with DUP.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume } from '../harness/sessions.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }

  const scene = async (name: string) => {
    const topic = `resend/${protocolVersion}/${name}`
    const clientId = `resend-${protocolVersion}-${name}`
    const publisher = await RawClient.connected(broker, {}, version)
    const subscriber = await resume(broker, clientId, version)
    await subscriber.subscribe(topic, 2)
    const publish = (payload: string, qos: 1 | 2) => publisher.publish({ topic, payload, qos })
    return { topic, clientId, publisher, subscriber, publish }
  }

  test(`sends unacknowledged PUBLISH again with DUP, identifier and order until they are acknowledged, in version ${protocolVersion} [MQTT5-3.3.1-1, MQTT5-4.4.0-1, MQTT5-4.3.2-3, MQTT5-4.3.3-3] [MQTT3-3.3.1-1, MQTT3-4.4.0-1, MQTT3-4.3.2-1]`, async () => {
    const { clientId, subscriber, publish } = await scene('again')
    for (const [payload, qos] of [
      ['a', 1],
      ['b', 2],
      ['c', 1],
      ['d', 2],
      ['e', 1],
    ] as const)
      await publish(payload, qos)
    const first = await subscriber.collect(5)
    // Acknowledged out of order: c and d have arrived, a, b and e have not.
    subscriber.send({ cmd: 'puback', messageId: first[2]?.messageId })
    subscriber.send({ cmd: 'pubrec', messageId: first[3]?.messageId })
    await subscriber.expect('pubrel')
    subscriber.send({ cmd: 'pubcomp', messageId: first[3]?.messageId })
    await subscriber.ping()
    for (const how of ['close', 'destroy'] as const) {
      const cut = await resume(broker, clientId, version)
      const again = await cut.collect(3)
      assert.deepEqual(
        again.map(({ payload, qos, dup, messageId }) => [payload.toString(), qos, dup, messageId]),
        [
          ['a', 1, true, first[0]?.messageId],
          ['b', 2, true, first[1]?.messageId],
          ['e', 1, true, first[4]?.messageId],
        ],
      )
      await cut.ping()
      cut[how]()
    }
    const last = await resume(broker, clientId, { ...version, autoAck: true })
    assert.deepEqual(await payloads(last, 3), ['a', 'b', 'e'])
    await last.settled()
    await last.disconnect()
    await (await resume(broker, clientId, version)).ping()
  })

  test(`resends PUBREL, not PUBLISH, after PUBREC and a reconnect, until PUBCOMP, in version ${protocolVersion} [MQTT5-4.4.0-1, MQTT5-4.3.3-5, MQTT5-4.3.3-6] [MQTT3-4.4.0-1, MQTT3-4.3.3-1]`, async () => {
    const { clientId, subscriber, publish } = await scene('pubrel')
    await publish('x', 2)
    const { messageId } = await subscriber.expect('publish', { qos: 2 })
    subscriber.send({ cmd: 'pubrec', messageId })
    await subscriber.expect('pubrel', { messageId })
    subscriber.destroy()
    for (let cuts = 0; cuts < 2; cuts++) {
      const cut = await resume(broker, clientId, version)
      await cut.expect('pubrel', { messageId })
      await cut.ping()
      cut.destroy()
    }
    const last = await resume(broker, clientId, version)
    await last.expect('pubrel', { messageId })
    last.send({ cmd: 'pubcomp', messageId })
    await last.ping()
    await last.disconnect()
    await (await resume(broker, clientId, version)).ping()
  })

  test(`remembers a PUBREC whose PUBREL never arrived in version ${protocolVersion} [MQTT5-4.3.3-6] [MQTT3-4.3.3-1]`, async () => {
    const { clientId, subscriber, publish } = await scene('pubrec-cut')
    await publish('x', 2)
    const { messageId } = await subscriber.expect('publish', { qos: 2 })
    subscriber.send({ cmd: 'pubrec', messageId })
    subscriber.close()
    const again = await resume(broker, clientId, version)
    await again.expect('pubrel', { messageId })
    again.send({ cmd: 'pubrec', messageId })
    await again.expect('pubrel', { messageId })
    again.send({ cmd: 'pubcomp', messageId })
    await again.ping()
  })

  test(`sends what is in flight first, then what came meanwhile, in version ${protocolVersion} [MQTT5-4.4.0-1, MQTT5-4.6.0-5] [MQTT3-4.4.0-1, MQTT3-4.6.0-6]`, async () => {
    const { clientId, subscriber, publish } = await scene('mixed')
    for (const payload of ['a', 'b', 'c']) await publish(payload, 2)
    const [a, b, c] = await subscriber.collect(3)
    subscriber.send({ cmd: 'pubrec', messageId: b?.messageId })
    await subscriber.expect('pubrel', { messageId: b?.messageId })
    await subscriber.disconnect()
    await publish('d', 2)
    await publish('e', 1)
    const again = await resume(broker, clientId, version)
    await again.expect('publish', { payload: 'a', dup: true, messageId: a?.messageId })
    await again.expect('pubrel', { messageId: b?.messageId })
    await again.expect('publish', { payload: 'c', dup: true, messageId: c?.messageId })
    const { messageId } = await again.expect('publish', { payload: 'd', dup: false })
    assert.ok(![a, b, c].some(one => one?.messageId === messageId), 'd has the identifier of another')
    await again.expect('publish', { payload: 'e', dup: false })
    await again.ping()
  })

  test(`sends again to the connection that takes the session over, in version ${protocolVersion} [MQTT5-4.4.0-1] [MQTT3-4.4.0-1]`, async () => {
    const { clientId, subscriber, publish } = await scene('takeover')
    await publish('x', 1)
    const { messageId } = await subscriber.expect('publish', { payload: 'x', dup: false })
    const second = await resume(broker, clientId, version)
    await second.expect('publish', { payload: 'x', dup: true, messageId })
    await subscriber.expectClosed({ after: 'disconnect' })
    second.send({ cmd: 'puback', messageId })
    await second.ping()
  })

  test(`forgets what is in flight with a clean start in version ${protocolVersion}`, async () => {
    const { clientId, subscriber, publish } = await scene('wiped')
    await publish('a', 1)
    await publish('b', 2)
    const [, b] = await subscriber.collect(2)
    subscriber.send({ cmd: 'pubrec', messageId: b?.messageId })
    await subscriber.expect('pubrel')
    await subscriber.disconnect()
    await publish('c', 1)
    const clean = await RawClient.connected(broker, { clientId, clean: true }, version)
    await clean.ping()
    await clean.disconnect()
    await (await resume(broker, clientId, version)).ping()
  })

  test(`starts each connection of version ${protocolVersion} with the whole send quota [MQTT5-4.9.0-1]`, async () => {
    const { clientId, subscriber, publish, topic, publisher } = await scene('quota')
    await subscriber.disconnect()
    for (let count = 0; count < 8; count++) await publish(`${count}`, count % 2 === 0 ? 1 : 2)
    const window = { receiveMaximum: 2 }
    for (let cuts = 0; cuts < 4; cuts++) {
      const cut = await resume(broker, clientId, version, window)
      assert.deepEqual(await payloads(cut, 2), ['0', '1'])
      cut.destroy()
    }
    const last = await resume(broker, clientId, { ...version, autoAck: true }, window)
    assert.deepEqual(await payloads(last, 8), ['0', '1', '2', '3', '4', '5', '6', '7'])
    await publisher.publish({ topic, payload: 'live', qos: 1 })
    assert.deepEqual(await payloads(last, 1), ['live'])
  })
}

test('does not hold PUBREL back when the window of the new connection is full [MQTT5-3.3.4-10, MQTT5-4.9.0-3]', async () => {
  const publisher = await RawClient.connected(broker)
  const subscriber = await resume(broker, 'resend-window')
  await subscriber.subscribe('resend/window', 2)
  await publisher.publish({ topic: 'resend/window', payload: 'one', qos: 1 })
  await publisher.publish({ topic: 'resend/window', payload: 'two', qos: 2 })
  const [one, two] = await subscriber.collect(2)
  subscriber.send({ cmd: 'pubrec', messageId: two?.messageId })
  await subscriber.expect('pubrel')
  subscriber.destroy()
  const again = await resume(broker, 'resend-window', {}, { receiveMaximum: 1 })
  await again.expect('publish', { payload: 'one', dup: true })
  await again.expect('pubrel', { messageId: two?.messageId })
  again.send({ cmd: 'pubcomp', messageId: two?.messageId })
  again.send({ cmd: 'puback', messageId: one?.messageId })
  await again.ping()
})
