// A store that is slow: no answer leaves before what it says is safe, answers keep their order, reading pauses.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { UNSAFE_REPLIES_MAX } from '../../server/limits.ts'
import { inProcessBrokerForFile } from '../harness/in-process-broker.ts'
import { encode } from '../harness/packets.ts'
import { RawClient } from '../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { SlowStore } from '../harness/slow-store.ts'

const store = new SlowStore()
const broker = inProcessBrokerForFile({}, { store })
afterEach(() => store.reset())

for (const protocolVersion of [4, 5] as const) {
  const version = { protocolVersion }
  const named = (name: string) => `late/${protocolVersion}/${name}`

  test(`holds PUBACK until the message is safe, version ${protocolVersion} [MQTT5-4.3.2-4] [MQTT3-4.3.2-2]`, async () => {
    await subscribeAndLeave(broker, named('puback'), named('puback'), 1, version)
    const publisher = await RawClient.connected(broker, {}, version)
    store.pace('hold', 'append')
    publisher.send({ cmd: 'publish', topic: named('puback'), payload: 'x', qos: 1, messageId: 4 })
    const [append] = await store.waitFor('append')
    await publisher.ping()
    append?.settle()
    await publisher.expect('puback', { messageId: 4 })
  })

  test(`holds PUBREC until both message and identifier are safe, whichever comes first, version ${protocolVersion} [MQTT5-4.3.3-8] [MQTT3-4.3.3-2]`, async () => {
    await subscribeAndLeave(broker, named('pubrec'), named('pubrec'), 2, version)
    const publisher = await resume(broker, named('publisher'), version)
    store.pace('hold', 'append', 'keep')
    for (const [first, second] of [
      ['append', 'keep'],
      ['keep', 'append'],
    ] as const) {
      const messageId = publisher.nextPacketId()
      publisher.send({ cmd: 'publish', topic: named('pubrec'), payload: 'x', qos: 2, messageId })
      await store.waitFor(first)
      await store.waitFor(second)
      await publisher.ping()
      store.settleAll(first)
      await publisher.ping()
      store.settleAll(second)
      await publisher.expect('pubrec', { messageId })
    }
  })

  test(`holds PUBCOMP until the identifier is forgotten, version ${protocolVersion} [MQTT5-4.3.3-11] [MQTT3-4.3.3-2]`, async () => {
    const publisher = await resume(broker, named('pubcomp'), version)
    publisher.send({ cmd: 'publish', topic: named('pubcomp'), payload: 'x', qos: 2, messageId: 5 })
    await publisher.expect('pubrec')
    store.pace('hold', 'forget')
    publisher.send({ cmd: 'pubrel', messageId: 5 })
    const [forget] = await store.waitFor('forget')
    await publisher.ping()
    forget?.settle()
    await publisher.expect('pubcomp', { messageId: 5 })
  })

  test(`holds a QoS 2 PUBLISH until its identifier is bound, and PUBREL until PUBREC is kept, version ${protocolVersion} [MQTT5-4.3.3-4] [MQTT3-4.3.3-1]`, async () => {
    const subscriber = await resume(broker, named('send'), version)
    await subscriber.subscribe(named('send'), 2)
    const publisher = await RawClient.connected(broker, {}, version)
    store.pace('hold', 'send', 'release')
    await publisher.publish({ topic: named('send'), payload: 'x', qos: 2 })
    const [send] = await store.waitFor('send')
    await subscriber.ping()
    send?.settle()
    const { messageId } = await subscriber.expect('publish', { payload: 'x', qos: 2, dup: false })
    subscriber.send({ cmd: 'pubrec', messageId })
    const [release] = await store.waitFor('release')
    subscriber.send({ cmd: 'pubrec', messageId })
    await subscriber.ping()
    release?.settle()
    await subscriber.expect('pubrel', { messageId })
    await subscriber.expect('pubrel', { messageId })
    subscriber.send({ cmd: 'pubcomp', messageId })
    await subscriber.ping()
  })

  test(`holds SUBACK and UNSUBACK until the session is safe, retained messages behind SUBACK, version ${protocolVersion}`, async () => {
    const client = await resume(broker, named('suback'), version)
    await client.publish({ topic: named('suback'), payload: 'kept', qos: 1, retain: true })
    store.pace('hold', 'change')
    client.send({ cmd: 'subscribe', messageId: 11, subscriptions: [{ topic: named('suback'), qos: 1 }] })
    const [subscribed] = await store.waitFor('change')
    await client.ping()
    subscribed?.settle()
    await client.expect('suback', { messageId: 11 })
    const { messageId } = await client.expect('publish', { payload: 'kept', retain: true })
    client.send({ cmd: 'puback', messageId })
    client.send({ cmd: 'unsubscribe', messageId: 12, unsubscriptions: [named('suback')] })
    const [unsubscribed] = await store.waitFor('change')
    await client.ping()
    unsubscribed?.settle()
    await client.expect('unsuback', { messageId: 12 })
  })

  test(`holds CONNACK until the session is safe, and answers nothing before it, version ${protocolVersion} [MQTT5-3.2.0-1] [MQTT3-3.2.0-1]`, async () => {
    store.pace('hold', 'attach')
    const client = await RawClient.open(broker, version)
    client.sendConnect(persistent(named('connack')))
    client.send({ cmd: 'pingreq' })
    const [attach] = await store.waitFor('attach')
    // Another connection shows that the broker had time for this one.
    await (await RawClient.connected(broker)).ping()
    await client.expectSilence(20)
    attach?.settle()
    await client.expect('connack')
    await client.expect('pingresp')
  })

  test(`answers in the order of the packets when the store settles in another, version ${protocolVersion} [MQTT3-4.6.0-6]`, async () => {
    await subscribeAndLeave(broker, named('order'), named('order/kept'), 2, version)
    const publisher = await resume(broker, named('orderly'), version)
    store.pace('hold', 'append', 'keep')
    const kept = { cmd: 'publish', topic: named('order/kept') } as const
    for (const messageId of [1, 2, 3, 4, 5]) {
      publisher.send({ ...kept, payload: `${messageId}`, qos: messageId === 3 ? 2 : 1, messageId })
    }
    // Nobody listens to this one, so nothing has to be kept for it.
    publisher.send({ cmd: 'publish', topic: named('order/free'), payload: 'x', qos: 1, messageId: 6 })
    const appends = await store.waitFor('append', 5)
    store.settleAll('keep')
    const settle = (payload: string) => appends.find(one => one.about === payload)?.settle()
    for (const payload of ['5', '3', '2']) settle(payload)
    await publisher.ping()
    settle('1')
    for (const messageId of [1, 2]) await publisher.expect('puback', { messageId })
    await publisher.expect('pubrec', { messageId: 3 })
    await publisher.ping()
    settle('4')
    for (const messageId of [4, 5, 6]) await publisher.expect('puback', { messageId })
    await publisher.ping()
  })

  test(`sends QoS 2 messages in their order when the store settles in another, or at once, version ${protocolVersion} [MQTT5-4.6.0-5] [MQTT3-4.6.0-6]`, async () => {
    const subscriber = await resume(broker, named('sorted'), version)
    await subscriber.subscribe(named('sorted'), 2)
    const publisher = await RawClient.connected(broker, {}, version)
    store.pace('hold', 'send')
    for (const payload of ['a', 'b', 'c'])
      await publisher.publish({ topic: named('sorted'), payload, qos: 2 })
    const sends = await store.waitFor('send', 3)
    store.pace('pass', 'send')
    await publisher.publish({ topic: named('sorted'), payload: 'd', qos: 2 })
    for (const payload of ['c', 'b']) sends.find(one => one.about === payload)?.settle()
    await subscriber.ping()
    sends.find(one => one.about === 'a')?.settle()
    for (const payload of ['a', 'b', 'c', 'd']) await subscriber.expect('publish', { payload, dup: false })
  })

  test(`does not let one connection wait for the answers of another, version ${protocolVersion}`, async () => {
    await subscribeAndLeave(broker, named('apart'), named('apart'), 1, version)
    const slow = await RawClient.connected(broker, {}, version)
    const quick = await RawClient.connected(broker, {}, version)
    store.pace('hold', 'append')
    slow.send({ cmd: 'publish', topic: named('apart'), payload: 'slow', qos: 1, messageId: 1 })
    await store.waitFor('append')
    store.pace('pass', 'append')
    await quick.publish({ topic: named('apart'), payload: 'quick', qos: 1 })
    await slow.ping()
    store.settleAll()
    await slow.expect('puback', { messageId: 1 })
  })
}

test('says nothing on a new connection of what an old one was to be told, and answers what comes again', async () => {
  await subscribeAndLeave(broker, 'late-cut', 'late-cut', 2)
  const before = await resume(broker, 'late-cut-publisher')
  store.pace('hold', 'append')
  const publish = { cmd: 'publish', topic: 'late-cut', payload: 'x', qos: 1, messageId: 3 } as const
  before.send(publish)
  await store.waitFor('append')
  const after = await resume(broker, 'late-cut-publisher')
  store.settleAll()
  await after.ping()
  store.pace('pass', 'append')
  after.send({ ...publish, dup: true })
  await after.expect('puback', { messageId: 3 })
})

test('does not answer a repeated QoS 2 PUBLISH before the message itself is safe, on whatever connection [MQTT5-4.3.3-10] [MQTT3-4.3.3-2]', async () => {
  await subscribeAndLeave(broker, 'late-repeat', 'late-repeat', 2)
  const before = await resume(broker, 'late-repeat-publisher')
  store.pace('hold', 'append')
  const publish = { cmd: 'publish', topic: 'late-repeat', payload: 'x', qos: 2, messageId: 3 } as const
  before.send(publish)
  await store.waitFor('append')
  before.send({ ...publish, dup: true })
  await before.ping()
  before.destroy()
  const after = await resume(broker, 'late-repeat-publisher')
  after.send({ ...publish, dup: true })
  await after.ping()
  store.settleAll()
  await after.expect('pubrec', { messageId: 3 })
  const back = await resume(broker, 'late-repeat')
  await back.expect('publish', { payload: 'x' })
  await back.ping()
})

test(`stops reading when ${UNSAFE_REPLIES_MAX} answers wait, and goes on when they have left`, async () => {
  const SENT = UNSAFE_REPLIES_MAX + 500
  await subscribeAndLeave(broker, 'late-pause', 'late-pause', 1)
  const publisher = await RawClient.connected(broker, {}, { protocolVersion: 4 })
  const { counters } = broker.running.broker.parts
  const before = counters.messagesReceived
  store.pace('hold', 'append')
  const publishes = Array.from({ length: SENT }, (_, index) =>
    encode({ cmd: 'publish', topic: 'late-pause', payload: 'x', qos: 1, messageId: index + 1 }, 4),
  )
  publisher.send(Buffer.concat(publishes))
  await store.waitFor('append', UNSAFE_REPLIES_MAX)
  await (await RawClient.connected(broker)).ping()
  await publisher.expectSilence(50)
  assert.equal(counters.messagesReceived - before, UNSAFE_REPLIES_MAX)
  store.pace('pass', 'append')
  store.settleAll()
  for (let messageId = 1; messageId <= SENT; messageId++) await publisher.expect('puback', { messageId })
  await publisher.ping()
  assert.equal(counters.messagesReceived - before, SENT)
})
