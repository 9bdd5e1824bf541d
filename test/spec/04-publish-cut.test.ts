// A publisher that loses the network at any point of a QoS 1 or 2 exchange: it sends again, and nothing is lost or doubled.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { encode } from '../harness/packets.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume } from '../harness/sessions.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }

  const scene = async (name: string) => {
    const topic = `cut/${protocolVersion}/${name}`
    const clientId = `cut-${protocolVersion}-${name}`
    const subscriber = await RawClient.connected(broker, {}, { ...version, autoAck: true })
    await subscriber.subscribe(topic, 2)
    const publisher = await resume(broker, clientId, version)
    const publish = { cmd: 'publish', topic, payload: 'once', qos: 2, messageId: 3 } as const
    return { topic, clientId, subscriber, publisher, publish }
  }

  /** The packet identifier is free again, and nothing came twice. */
  const expectSettled = async (publisher: RawClient, subscriber: RawClient, topic: string): Promise<void> => {
    await publisher.publish({ topic, payload: 'next', qos: 2, messageId: 3 })
    await subscriber.expect('publish', { payload: 'next', dup: false })
    await subscriber.ping()
  }

  test(`delivers once when a publisher of version ${protocolVersion} is cut before it sees PUBREC [MQTT5-4.3.3-10, MQTT3-4.3.3-2]`, async () => {
    const { topic, clientId, subscriber, publisher, publish } = await scene('before-pubrec')
    publisher.send(publish)
    // The message has arrived, so the PUBREC that the publisher never reads has been sent.
    await subscriber.expect('publish', { payload: 'once' })
    publisher.destroy()
    const again = await resume(broker, clientId, version)
    again.send({ ...publish, dup: true })
    await again.expect('pubrec', { messageId: 3 })
    again.send({ cmd: 'pubrel', messageId: 3 })
    await again.expect('pubcomp', { messageId: 3 })
    await expectSettled(again, subscriber, topic)
  })

  test(`delivers once when a publisher of version ${protocolVersion} is cut the moment after PUBLISH [MQTT5-4.3.3-10, MQTT3-4.3.3-2]`, async () => {
    const { topic, clientId, subscriber, publisher, publish } = await scene('at-once')
    publisher.send(publish)
    publisher.close()
    const again = await resume(broker, clientId, version)
    again.send({ ...publish, dup: true })
    await again.expect('pubrec', { messageId: 3 })
    again.send({ cmd: 'pubrel', messageId: 3 })
    await again.expect('pubcomp', { messageId: 3 })
    await subscriber.expect('publish', { payload: 'once', dup: false })
    await expectSettled(again, subscriber, topic)
  })

  test(`delivers once when a publisher of version ${protocolVersion} is cut between PUBREC and PUBREL, whichever it sends then [MQTT5-4.3.3-10, MQTT5-4.3.3-11, MQTT3-4.3.3-2]`, async () => {
    for (const first of ['pubrel', 'publish'] as const) {
      const { topic, clientId, subscriber, publisher, publish } = await scene(`before-pubrel-${first}`)
      publisher.send(publish)
      await publisher.expect('pubrec', { messageId: 3 })
      publisher.destroy()
      await subscriber.expect('publish', { payload: 'once' })
      const again = await resume(broker, clientId, version)
      if (first === 'publish') {
        again.send({ ...publish, dup: true })
        await again.expect('pubrec', { messageId: 3 })
      }
      again.send({ cmd: 'pubrel', messageId: 3 })
      const pubcomp = await again.expect('pubcomp', { messageId: 3 })
      assert.equal(pubcomp.reasonCode ?? 0, 0)
      await expectSettled(again, subscriber, topic)
    }
  })

  test(`answers PUBREL again when a publisher of version ${protocolVersion} is cut before it sees PUBCOMP [MQTT5-4.3.3-11, MQTT5-4.3.3-12, MQTT3-4.3.3-2]`, async () => {
    const { topic, clientId, subscriber, publisher, publish } = await scene('before-pubcomp')
    publisher.send(publish)
    await publisher.expect('pubrec', { messageId: 3 })
    await subscriber.expect('publish', { payload: 'once' })
    publisher.send({ cmd: 'pubrel', messageId: 3 })
    publisher.close()
    const again = await resume(broker, clientId, version)
    again.send({ cmd: 'pubrel', messageId: 3 })
    await again.expect('pubcomp', { messageId: 3 })
    await expectSettled(again, subscriber, topic)
  })

  test(`knows nothing of a PUBLISH of version ${protocolVersion} that was cut in the middle`, async () => {
    const { topic, clientId, subscriber, publisher, publish } = await scene('half')
    const bytes = encode(publish, protocolVersion)
    for (const length of [1, 2, 8, bytes.length - 1]) {
      const half = await resume(broker, clientId, version)
      half.send(bytes.subarray(0, length))
      half.close()
    }
    await subscriber.ping()
    assert.notEqual(publisher.ending, undefined)
    const again = await resume(broker, clientId, version)
    await again.publish({ topic, payload: 'once', qos: 2, messageId: 3 })
    await subscriber.expect('publish', { payload: 'once' })
    await expectSettled(again, subscriber, topic)
  })

  test(`accepts what a client of version ${protocolVersion} sends again into a session that was wiped [MQTT5-4.3.3-11, MQTT3-4.3.3-2]`, async () => {
    const { topic, clientId, subscriber, publisher, publish } = await scene('wiped')
    publisher.send(publish)
    await publisher.expect('pubrec', { messageId: 3 })
    publisher.send({ ...publish, messageId: 4, payload: 'released' })
    await publisher.expect('pubrec', { messageId: 4 })
    publisher.destroy()
    assert.deepEqual(await payloads(subscriber, 2), ['once', 'released'])
    const wiped = await RawClient.connected(broker, { clientId, clean: true }, version)
    wiped.send({ ...publish, dup: true })
    wiped.send({ cmd: 'pubrel', messageId: 4 })
    wiped.send({ cmd: 'publish', topic, payload: 'at least once', qos: 1, messageId: 5, dup: true })
    await wiped.expect('pubrec', { messageId: 3 })
    await wiped.expect('pubcomp', { messageId: 4 })
    await wiped.expect('puback', { messageId: 5 })
    wiped.send({ cmd: 'pubrel', messageId: 3 })
    await wiped.expect('pubcomp', { messageId: 3 })
    // The session that could have told the repeated message from a new one is gone.
    assert.deepEqual(await payloads(subscriber, 2), ['once', 'at least once'])
    await expectSettled(wiped, subscriber, topic)
  })

  test(`delivers what a publisher of version ${protocolVersion} sends again at QoS 1 after a cut [MQTT5-4.3.2-4, MQTT3-4.3.2-2]`, async () => {
    const { topic, clientId, subscriber, publisher } = await scene('qos-1')
    const publish = { cmd: 'publish', topic, qos: 1 } as const
    publisher.send({ ...publish, payload: 'a', messageId: 1 })
    publisher.send({ ...publish, payload: 'b', messageId: 2 })
    assert.deepEqual(await payloads(subscriber, 2), ['a', 'b'])
    publisher.destroy()
    const again = await resume(broker, clientId, version)
    again.send({ ...publish, payload: 'a', messageId: 1, dup: true })
    again.send({ ...publish, payload: 'b', messageId: 2, dup: true })
    again.send({ ...publish, payload: 'c', messageId: 3 })
    for (const messageId of [1, 2, 3]) await again.expect('puback', { messageId })
    const all = await subscriber.collect(3)
    assert.deepEqual(
      all.map(({ payload, dup }) => [payload.toString(), dup]),
      [
        ['a', false],
        ['b', false],
        ['c', false],
      ],
    )
  })
}
