// A full queue or store that rejects: the publisher is told or cut off, nothing is acknowledged that is not kept.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const LIMIT = 3
const broker = brokerForFile({ 'queue-messages-max': LIMIT, 'queue-overflow': 'reject' })

/** An offline session whose queue holds '0', '1' and '2', and with that all it may. */
async function fullQueue(topic: string): Promise<void> {
  await subscribeAndLeave(broker, topic, topic, 2)
  const filler = await RawClient.connected(broker)
  for (let count = 0; count < LIMIT; count++) {
    const answer = await filler.publish({ topic, payload: `${count}`, qos: 1 })
    assert.equal(answer?.reasonCode, 0)
  }
  await filler.disconnect()
}

async function drain(topic: string, ...expected: string[]): Promise<void> {
  const back = await resume(broker, topic, { autoAck: true })
  assert.deepEqual(await payloads(back, expected.length), expected)
  await back.ping()
  await back.disconnect()
}

test('refuses QoS 1 and 2 of a 5.0 publisher with 0x97, and goes on [MQTT5-3.4.2-1, MQTT5-3.5.2-1]', async () => {
  await fullQueue('reject/5')
  const publisher = await RawClient.connected(broker)
  const puback = await publisher.publish({ topic: 'reject/5', payload: 'x', qos: 1 })
  assert.deepEqual([puback?.cmd, puback?.reasonCode], ['puback', 0x97])
  assert.match(String(puback?.properties?.reasonString), /full/)
  const pubrec = await publisher.publish({ topic: 'reject/5', payload: 'x', qos: 2 })
  assert.deepEqual([pubrec?.cmd, pubrec?.reasonCode], ['pubrec', 0x97])
  await publisher.publish({ topic: 'reject/5', payload: 'zero' })
  await publisher.ping()
  const elsewhere = await publisher.publish({ topic: 'reject/elsewhere', payload: 'x', qos: 1 })
  assert.equal(elsewhere?.reasonCode, 0x10)
  await drain('reject/5', '0', '1', '2')
})

test('takes a PUBLISH with the identifier of a refused one for a new message [MQTT5-4.3.3-9]', async () => {
  await fullQueue('reject/again')
  const publisher = await RawClient.connected(broker)
  const publish = { cmd: 'publish', topic: 'reject/again', qos: 2, messageId: 6 } as const
  for (let refused = 0; refused < 40; refused++) {
    publisher.send({ ...publish, payload: `refused ${refused}`, dup: refused > 0 })
    await publisher.expect('pubrec', { messageId: 6, reasonCode: 0x97 })
  }
  await drain('reject/again', '0', '1', '2')
  publisher.send({ ...publish, payload: 'new', dup: true })
  await publisher.expect('pubrec', { messageId: 6, reasonCode: 0 })
  publisher.send({ cmd: 'pubrel', messageId: 6 })
  await publisher.expect('pubcomp', { messageId: 6, reasonCode: 0 })
  await drain('reject/again', 'new')
})

test('answers PUBREL for a refused message as one that it does not know [MQTT5-4.3.3-9]', async () => {
  await fullQueue('reject/pubrel')
  const publisher = await RawClient.connected(broker)
  publisher.send({ cmd: 'publish', topic: 'reject/pubrel', payload: 'x', qos: 2, messageId: 6 })
  await publisher.expect('pubrec', { reasonCode: 0x97 })
  publisher.send({ cmd: 'pubrel', messageId: 6 })
  await publisher.expect('pubcomp', { messageId: 6, reasonCode: 0x92 })
})

for (const protocolVersion of [3, 4] as const) {
  for (const qos of [1, 2] as const) {
    test(`closes on a refused QoS ${qos} message of version ${protocolVersion} without an answer, and takes it when it comes again and there is room [MQTT3-4.8.0-2]`, async () => {
      const topic = `reject/${protocolVersion}/${qos}`
      const clientId = `publisher-${protocolVersion}-${qos}`
      await fullQueue(topic)
      const publish = { cmd: 'publish', topic, payload: 'again', qos, messageId: 4 } as const
      const cut = await resume(broker, clientId, { protocolVersion })
      cut.send(publish)
      await cut.expectClosed()
      const still = await resume(broker, clientId, { protocolVersion })
      still.send({ ...publish, dup: true })
      await still.expectClosed()
      await drain(topic, '0', '1', '2')
      const back = await resume(broker, clientId, { protocolVersion })
      back.send({ ...publish, dup: true })
      await back.expect(qos === 1 ? 'puback' : 'pubrec', { messageId: 4 })
      if (qos === 2) {
        back.send({ cmd: 'pubrel', messageId: 4 })
        await back.expect('pubcomp', { messageId: 4 })
      }
      await drain(topic, 'again')
    })
  }
}

test('refuses for all receivers when one of them has no room, and retains nothing of it', async () => {
  await fullQueue('reject/all')
  const roomy = await RawClient.connected(broker)
  await roomy.subscribe('reject/all', 1)
  const publisher = await RawClient.connected(broker)
  const puback = await publisher.publish({ topic: 'reject/all', payload: 'x', qos: 1, retain: true })
  assert.equal(puback?.reasonCode, 0x97)
  await roomy.ping()
  const late = await RawClient.connected(broker)
  await late.subscribe('reject/all', 1)
  await late.ping()
})

test('counts a refused message for nothing in the window of its publisher [MQTT5-3.3.4-7]', async () => {
  const settings = { 'queue-messages-max': 0, 'queue-overflow': 'reject', 'receive-maximum': 2 }
  const own = await brokerForTest(settings)
  await subscribeAndLeave(own, 'nothing', 'nothing', 1)
  const publisher = await RawClient.connected(own)
  for (let count = 0; count < 10; count++) {
    for (const qos of [1, 2] as const) {
      const answer = await publisher.publish({ topic: 'nothing', payload: 'x', qos })
      assert.equal(answer?.reasonCode, 0x97)
    }
  }
})

test('refuses what the whole store has no room for, in the words of each version, until there is room', async () => {
  const settings = { 'store-bytes-max': '8KiB', 'queue-messages-max': 1_000 }
  const own = await brokerForTest(settings)
  for (const clientId of ['one', 'two']) await subscribeAndLeave(own, clientId, 'store/#', 1)
  const publisher = await RawClient.connected(own)
  const publish = (payload: string) => publisher.publish({ topic: 'store/x', payload, qos: 1 })
  let kept = 0
  while ((await publish('x'.repeat(1_000)))?.reasonCode === 0) kept++
  // One body for both sessions, so that seven or eight of them fit.
  assert.ok(kept >= 6 && kept <= 8, `${kept} messages of 1,000 bytes were kept in 8 KiB`)
  const old = await RawClient.connected(own, {}, { protocolVersion: 4 })
  old.send({ cmd: 'publish', topic: 'store/x', payload: 'x'.repeat(1_000), qos: 1 })
  await old.expectClosed()
  assert.equal(
    (await publisher.publish({ topic: 'nobody', payload: 'x'.repeat(1_000), qos: 1 }))?.reasonCode,
    0x10,
  )
  for (const clientId of ['one', 'two']) {
    assert.notEqual((await publish('x'.repeat(1_000)))?.reasonCode, 0, 'there is no room yet')
    const back = await resume(own, clientId, { autoAck: true })
    await back.collect(kept)
    await back.ping()
    await back.disconnect()
  }
  assert.equal((await publish('room again'))?.reasonCode, 0)
})
