// Shared subscriptions when a member goes: what it had not taken goes to another, what it had begun at QoS 2 does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()

interface Options {
  readonly qos?: 1 | 2
  readonly clientId?: string
  readonly expirySeconds?: number
  readonly receiveMaximum?: number
  readonly autoAck?: boolean
}

function connectFields(options: Options) {
  const { clientId, expirySeconds = 0, receiveMaximum = 100 } = options
  const properties = { sessionExpiryInterval: expirySeconds, receiveMaximum }
  return { clean: expirySeconds === 0, properties, ...(clientId === undefined ? {} : { clientId }) }
}

/** A member that acknowledges nothing by itself. */
async function member(topic: string, options: Options = {}): Promise<RawClient> {
  const { autoAck = false } = options
  const client = await RawClient.connected(broker, connectFields(options), { autoAck })
  await client.subscribe(`$share/group/${topic}`, options.qos ?? 1)
  return client
}

async function publishAll(topic: string, payloads: readonly string[], qos: 1 | 2): Promise<void> {
  const publisher = await RawClient.connected(broker)
  for (const payload of payloads) await publisher.publish({ topic, payload, qos })
}

async function payloadsOf(client: RawClient, count: number): Promise<string[]> {
  const payloads = (await client.collect(count)).map(publish => publish.payload.toString())
  await client.ping()
  return payloads
}

const ten = [...'0123456789']

test('gives what a member did not acknowledge at QoS 1 to another one when its session ends, in order', async () => {
  const first = await member('unacknowledged')
  await publishAll('unacknowledged', ten, 1)
  await first.collect(10)
  const second = await member('unacknowledged', { autoAck: true })
  first.destroy()
  assert.deepEqual(await payloadsOf(second, 10), ten)
})

test('gives what a member acknowledged to nobody else', async () => {
  const first = await member('acknowledged')
  await publishAll('acknowledged', ten, 1)
  for (const publish of (await first.collect(10)).slice(0, 7)) {
    first.send({ cmd: 'puback', messageId: publish.messageId })
  }
  await first.ping()
  const second = await member('acknowledged', { autoAck: true })
  first.destroy()
  assert.deepEqual(await payloadsOf(second, 3), ten.slice(7))
})

for (const qos of [1, 2] as const) {
  test(`gives what waited for room in a member's window at QoS ${qos} to another one when its session ends`, async () => {
    const topic = `waiting/${qos}`
    const first = await member(topic, { qos, receiveMaximum: 2 })
    await publishAll(topic, ten, qos)
    await first.collect(2)
    const second = await member(topic, { qos, autoAck: true })
    first.destroy()
    // At QoS 2 the two that were sent are not sent to anybody else.
    const expected = qos === 1 ? ten : ten.slice(2)
    assert.deepEqual(await payloadsOf(second, expected.length), expected)
  })

  test(`gives what waited for an absent member at QoS ${qos} to another one when its session expires`, async () => {
    const topic = `expiring/${qos}`
    const first = await member(topic, { qos, clientId: `expiring-${qos}`, expirySeconds: 1 })
    await first.disconnect()
    await publishAll(topic, ten, qos)
    const second = await member(topic, { qos, autoAck: true })
    await second.ping()
    const received = await second.collect(10, 4_000)
    assert.deepEqual(
      received.map(publish => publish.payload.toString()),
      ten,
    )
  })
}

test('gives what waited for an absent member to another one when the client starts clean', async () => {
  const first = await member('cleaned', { clientId: 'cleaned', expirySeconds: 60 })
  await first.disconnect()
  await publishAll('cleaned', ten, 1)
  const second = await member('cleaned', { autoAck: true })
  await second.ping()
  const returned = await RawClient.connected(broker, { clientId: 'cleaned', clean: true })
  assert.deepEqual(await payloadsOf(second, 10), ten)
  await returned.ping()
})

test('passes on what came at the very moment at which the session ends', async () => {
  const staying = { clientId: 'staying', expirySeconds: 60 }
  for (const clientId of ['leaving', 'staying']) {
    const client = await member('moment', { clientId, expirySeconds: 60 })
    await client.disconnect()
  }
  const publisher = await RawClient.connected(broker)
  const cleaning = await RawClient.open(broker)
  const numbers = Array.from({ length: 30 }, (_, index) => `${index + 10}`)
  for (const payload of numbers) publisher.send({ cmd: 'publish', topic: 'moment', payload, qos: 1 })
  cleaning.sendConnect({ clientId: 'leaving', clean: true })
  await cleaning.expect('connack')
  for (let count = 0; count < 30; count++) await publisher.expect('puback')
  const returned = await RawClient.connected(broker, connectFields(staying), { autoAck: true })
  assert.deepEqual((await payloadsOf(returned, 30)).toSorted(), numbers)
})

test('keeps it for a member that is away when no other is connected', async () => {
  const options = { clientId: 'stand-in', expirySeconds: 60 }
  const away = await member('stand-in', options)
  await away.disconnect()
  const first = await member('stand-in')
  await publishAll('stand-in', ten, 1)
  await first.collect(10)
  first.destroy()
  const returned = await RawClient.connected(broker, connectFields(options), { autoAck: true })
  assert.deepEqual(await payloadsOf(returned, 10), ten)
})

test('passes it on along a chain of members that all leave, and drops it when none is left', async () => {
  let holder = await member('chain')
  await publishAll('chain', ten, 1)
  await holder.collect(10)
  for (let count = 0; count < 4; count++) {
    const next = await member('chain')
    holder.destroy()
    assert.deepEqual(await payloadsOf(next, 10), ten)
    holder = next
  }
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe('chain/will')
  holder.destroy()
  const late = await member('chain')
  await late.ping()
  await publishAll('chain', ['new'], 1)
  await late.expect('publish', { payload: 'new' })
})

test('completes a QoS 2 delivery that broke off to the same member when it is back [MQTT5-4.8.2-4]', async () => {
  const options = { qos: 2, clientId: 'back', expirySeconds: 60 } as const
  const first = await member('back', options)
  await publishAll('back', ['sent', 'received'], 2)
  const [sent, received] = await first.collect(2)
  assert.ok(sent !== undefined && received !== undefined)
  first.send({ cmd: 'pubrec', messageId: received.messageId })
  await first.expect('pubrel', { messageId: received.messageId })
  first.destroy()
  const second = await member('back', { qos: 2, autoAck: true })
  await second.ping()
  const returned = await RawClient.connected(broker, connectFields(options))
  await returned.expect('publish', { payload: 'sent', dup: true, messageId: sent.messageId })
  await returned.expect('pubrel', { messageId: received.messageId })
  returned.send({ cmd: 'pubcomp', messageId: received.messageId })
  returned.send({ cmd: 'pubrec', messageId: sent.messageId })
  await returned.expect('pubrel', { messageId: sent.messageId })
  returned.send({ cmd: 'pubcomp', messageId: sent.messageId })
  await returned.ping()
  await second.ping()
})

test('gives a QoS 2 message that a member was sent to no other one when its session ends [MQTT5-4.8.2-5]', async () => {
  const first = await member('begun', { qos: 2 })
  await publishAll('begun', ['sent', 'received'], 2)
  const [, received] = await first.collect(2)
  first.send({ cmd: 'pubrec', messageId: received?.messageId })
  await first.expect('pubrel')
  const second = await member('begun', { qos: 2, autoAck: true })
  await first.disconnect()
  await publishAll('begun', ['next'], 2)
  assert.deepEqual(await payloadsOf(second, 1), ['next'])
})

for (const reasonCode of [0x80, 0x83, 0x87, 0x97]) {
  const hex = reasonCode.toString(16)
  test(`gives a message that a member refused with PUBACK 0x${hex} to no other one [MQTT5-4.8.2-6]`, async () => {
    const topic = `refused/1/${hex}`
    const first = await member(topic)
    await publishAll(topic, ['refused'], 1)
    const publish = await first.expect('publish')
    const second = await member(topic, { autoAck: true })
    first.send({ cmd: 'puback', messageId: publish.messageId, reasonCode })
    await first.ping()
    await first.disconnect()
    await second.ping()
  })

  test(`gives a message that a member refused with PUBREC 0x${hex} to no other one [MQTT5-4.8.2-6]`, async () => {
    const topic = `refused/2/${hex}`
    const first = await member(topic, { qos: 2 })
    await publishAll(topic, ['refused'], 2)
    const publish = await first.expect('publish')
    const second = await member(topic, { qos: 2, autoAck: true })
    first.send({ cmd: 'pubrec', messageId: publish.messageId, reasonCode })
    await first.ping()
    await first.disconnect()
    await second.ping()
  })
}

test('still sends a member that unsubscribes what was already on its way to it', async () => {
  const client = await member('unsubscribed', { receiveMaximum: 3 })
  await publishAll('unsubscribed', ten, 1)
  const other = await member('unsubscribed', { autoAck: true })
  await client.unsubscribe('$share/group/unsubscribed')
  const payloads: string[] = []
  for (let count = 0; count < 10; count++) {
    const publish = await client.expect('publish')
    payloads.push(publish.payload.toString())
    client.send({ cmd: 'puback', messageId: publish.messageId })
  }
  assert.deepEqual(payloads, ten)
  await other.ping()
})
