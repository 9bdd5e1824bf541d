// The broker as receiver of PUBLISH: the answer that each QoS demands, and what a packet identifier stands for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads } from '../harness/sessions.ts'

const broker = brokerForFile()

for (const protocolVersion of protocolVersions) {
  const version = { protocolVersion }
  const root = `receive/${protocolVersion}`

  /** A publisher, and a subscriber that acknowledges all it gets. */
  const pair = async (topic: string): Promise<{ publisher: RawClient; subscriber: RawClient }> => {
    const subscriber = await RawClient.connected(broker, {}, { ...version, autoAck: true })
    await subscriber.subscribe(topic, 2)
    return { publisher: await RawClient.connected(broker, {}, version), subscriber }
  }

  test(`answers PUBLISH of version ${protocolVersion} as its QoS demands, with its packet identifier [MQTT5-3.3.4-1, MQTT5-2.2.1-5, MQTT5-4.3.2-4, MQTT5-4.3.3-8, MQTT5-4.3.3-11] [MQTT3-3.3.4-1, MQTT3-2.3.1-6, MQTT3-4.3.2-2, MQTT3-4.3.3-2]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/answers`)
    const topic = `${root}/answers`
    publisher.send({ cmd: 'publish', topic, payload: 'zero' })
    await publisher.ping()
    publisher.send({ cmd: 'publish', topic, payload: 'one', qos: 1, messageId: 0x1234 })
    assert.equal((await publisher.expect('puback')).raw.toString('hex'), '40021234')
    publisher.send({ cmd: 'publish', topic, payload: 'two', qos: 2, messageId: 0xfffe })
    assert.equal((await publisher.expect('pubrec')).raw.toString('hex'), '5002fffe')
    await publisher.ping()
    publisher.send({ cmd: 'pubrel', messageId: 0xfffe })
    assert.equal((await publisher.expect('pubcomp')).raw.toString('hex'), '7002fffe')
    assert.deepEqual(await payloads(subscriber, 3), ['zero', 'one', 'two'])
  })

  test(`takes a PUBLISH with the identifier of an acknowledged one for a new message in version ${protocolVersion}, whatever its DUP [MQTT5-4.3.2-5] [MQTT3-4.3.2-2]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/again`)
    const publish = { topic: `${root}/again`, qos: 1, messageId: 7 } as const
    await publisher.publish({ ...publish, payload: 'first' })
    await publisher.publish({ ...publish, payload: 'second' })
    await publisher.publish({ ...publish, payload: 'third', dup: true })
    assert.deepEqual(await payloads(subscriber, 3), ['first', 'second', 'third'])
  })

  test(`delivers a QoS 2 message of version ${protocolVersion} once however often it comes before PUBREL, and frees its identifier with PUBCOMP [MQTT5-4.3.3-10, MQTT5-4.3.3-12] [MQTT3-4.3.3-2]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/once`)
    const publish = { cmd: 'publish', topic: `${root}/once`, qos: 2, messageId: 9 } as const
    for (const dup of [false, true, false, true]) {
      publisher.send({ ...publish, payload: 'first', dup })
      await publisher.expect('pubrec', { messageId: 9 })
    }
    for (const payload of ['first', 'second', 'third']) {
      publisher.send({ cmd: 'pubrel', messageId: 9 })
      await publisher.expect('pubcomp', { messageId: 9 })
      if (payload === 'first') continue
      publisher.send({ ...publish, payload, dup: payload === 'third' })
      await publisher.expect('pubrec', { messageId: 9 })
    }
    assert.deepEqual(await payloads(subscriber, 3), ['first', 'second', 'third'])
    await subscriber.ping()
  })

  test(`loses neither of two live QoS 1 messages of version ${protocolVersion} that share a packet identifier`, async () => {
    const { publisher, subscriber } = await pair(`${root}/shared-id`)
    const publish = { cmd: 'publish', topic: `${root}/shared-id`, messageId: 5 } as const
    publisher.send({ ...publish, qos: 2, payload: 'exactly once' })
    publisher.send({ ...publish, qos: 1, payload: 'first' })
    publisher.send({ ...publish, qos: 1, payload: 'second', dup: true })
    await publisher.expect('pubrec', { messageId: 5 })
    await publisher.expect('puback', { messageId: 5 })
    await publisher.expect('puback', { messageId: 5 })
    publisher.send({ cmd: 'pubrel', messageId: 5 })
    await publisher.expect('pubcomp', { messageId: 5 })
    assert.deepEqual((await payloads(subscriber, 3)).sort(), ['exactly once', 'first', 'second'])
  })

  test(`keeps the packet identifiers of both directions apart in version ${protocolVersion} [MQTT5-2.2.1-5] [MQTT3-2.3.1-6]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/there`)
    await publisher.subscribe(`${root}/back`, 2)
    await subscriber.publish({ topic: `${root}/back`, payload: 'back', qos: 2 })
    const { messageId } = await publisher.expect('publish', { payload: 'back', qos: 2 })
    publisher.send({ cmd: 'publish', topic: `${root}/there`, payload: 'there', qos: 2, messageId })
    await publisher.expect('pubrec', { messageId })
    publisher.send({ cmd: 'pubrec', messageId })
    await publisher.expect('pubrel', { messageId })
    publisher.send({ cmd: 'pubrel', messageId })
    await publisher.expect('pubcomp', { messageId })
    publisher.send({ cmd: 'pubcomp', messageId })
    await publisher.ping()
    assert.deepEqual(await payloads(subscriber, 1), ['there'])
  })

  test(`answers PUBREL without state, and lets acknowledgements of unknown identifiers pass, in version ${protocolVersion} [MQTT5-4.3.3-11] [MQTT3-4.3.3-2]`, async () => {
    const client = await RawClient.connected(broker, {}, version)
    for (const messageId of [1, 1, 0xffff]) {
      client.send({ cmd: 'pubrel', messageId })
      const pubcomp = await client.expect('pubcomp', { messageId })
      assert.equal(pubcomp.reasonCode, protocolVersion === 5 ? 0x92 : undefined)
    }
    client.send({ cmd: 'puback', messageId: 21 })
    client.send({ cmd: 'pubcomp', messageId: 22 })
    await client.ping()
    client.send({ cmd: 'pubrec', messageId: 23 })
    const pubrel = await client.expect('pubrel', { messageId: 23 })
    assert.equal(pubrel.reasonCode, protocolVersion === 5 ? 0x92 : undefined)
    await client.ping()
  })

  test(`takes a first PUBLISH with DUP in version ${protocolVersion}, and does not pass the flag on [MQTT5-3.3.1-3] [MQTT3-3.3.1-3]`, async () => {
    const { publisher, subscriber } = await pair(`${root}/dup`)
    await publisher.publish({ topic: `${root}/dup`, payload: 'one', qos: 1, dup: true, messageId: 31 })
    await publisher.publish({ topic: `${root}/dup`, payload: 'two', qos: 2, dup: true, messageId: 32 })
    await subscriber.expect('publish', { payload: 'one', qos: 1, dup: false })
    await subscriber.expect('publish', { payload: 'two', qos: 2, dup: false })
  })

  test(`refuses a QoS 0 PUBLISH with DUP in version ${protocolVersion} [MQTT5-3.3.1-2] [MQTT3-3.3.1-2]`, async () => {
    const { publisher, subscriber } = await pair('receive/bad')
    publisher.send(
      `38 ${protocolVersion === 5 ? '0e' : '0d'} 000b ${Buffer.from('receive/bad').toString('hex')} ${protocolVersion === 5 ? '00' : ''}`,
    )
    await publisher.expectDisconnect('malformed-packet')
    await subscriber.ping()
  })
}

const listedFor = {
  puback: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  pubrec: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  pubrel: [0x00, 0x92],
  pubcomp: [0x00, 0x92],
} as const

test('answers with listed reason codes only: known and unknown identifiers, with and without subscribers [MQTT5-3.4.2-1, MQTT5-3.5.2-1, MQTT5-3.6.2-1, MQTT5-3.7.2-1]', async () => {
  const client = await RawClient.connected(broker)
  await client.subscribe('receive/codes/heard', 2, { subscriptionIdentifier: 1 })
  for (const topic of ['receive/codes/heard', 'receive/codes/unheard']) {
    for (const qos of [1, 2] as const) {
      const messageId = client.nextPacketId()
      client.send({ cmd: 'publish', topic, payload: 'x', qos, messageId })
      if (qos === 2) client.send({ cmd: 'pubrel', messageId })
    }
  }
  client.send({ cmd: 'pubrel', messageId: 900 })
  client.send({ cmd: 'pubrec', messageId: 901 })
  const seen = new Set<string>()
  for (let packet = 0; packet < 10; packet++) {
    const received = await client.receive()
    if (received.cmd === 'publish') {
      client.send({ cmd: received.qos === 1 ? 'puback' : 'pubrec', messageId: received.messageId })
      continue
    }
    const { cmd } = received
    assert.ok(cmd === 'puback' || cmd === 'pubrec' || cmd === 'pubrel' || cmd === 'pubcomp', cmd)
    const code = received.reasonCode ?? 0
    assert.ok((listedFor[cmd] as readonly number[]).includes(code), `${cmd} ${code}`)
    seen.add(`${cmd} ${code}`)
  }
  for (const answer of [
    'puback 0',
    'puback 16',
    'pubrec 0',
    'pubrec 16',
    'pubcomp 0',
    'pubcomp 146',
    'pubrel 146',
  ]) {
    assert.ok(seen.has(answer), `${answer} was not among ${[...seen].join(', ')}`)
  }
})
