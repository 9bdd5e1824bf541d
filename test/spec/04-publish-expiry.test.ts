// Message expiry: what is dropped when its time has come, what is told to subscribers, and what it must not touch.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brokerForFile } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import type { Received } from '../harness/packets.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = brokerForFile()

/** Longer than an expiry of one second, with the 100 ms in which the broker notices. */
const PAST_ONE_SECOND_MS = 1_250

const expiring = (seconds: number) => ({ properties: { messageExpiryInterval: seconds } })

function expiryOf(publish: Received<'publish'>): number | undefined {
  return publish.properties?.messageExpiryInterval
}

test('passes the interval on to who is there, and less the time that it waited to who was not [MQTT5-3.3.2-6]', async () => {
  await subscribeAndLeave(broker, 'expiry-waits', 'expiry/waits', 1)
  const live = await RawClient.connected(broker)
  await live.subscribe('expiry/waits', 1)
  const publisher = await RawClient.connected(broker)
  for (const seconds of [100, 0xffffffff]) {
    await publisher.publish({ topic: 'expiry/waits', payload: `${seconds}`, qos: 1, ...expiring(seconds) })
    const interval = expiryOf(await live.expect('publish', { payload: `${seconds}` }))
    assert.ok(interval === seconds || interval === seconds - 1, `${interval} s are left of ${seconds}`)
  }
  await publisher.publish({ topic: 'expiry/waits', payload: 'for ever', qos: 1 })
  assert.equal(expiryOf(await live.expect('publish', { payload: 'for ever' })), undefined)
  await sleep(2_100)
  const late = await resume(broker, 'expiry-waits')
  for (const seconds of [100, 0xffffffff]) {
    const interval = expiryOf(await late.expect('publish', { payload: `${seconds}` })) ?? 0
    assert.ok(interval >= seconds - 4 && interval <= seconds - 2, `${interval} s are left of ${seconds}`)
  }
  assert.equal(expiryOf(await late.expect('publish', { payload: 'for ever' })), undefined)
})

test('drops what expired before its delivery began: for the offline, and behind a full window, in every version [MQTT5-3.3.2-5]', async () => {
  const publisher = await RawClient.connected(broker)
  await subscribeAndLeave(broker, 'expiry-offline', 'expiry/dropped', 2)
  await subscribeAndLeave(broker, 'expiry-offline-4', 'expiry/dropped', 1, { protocolVersion: 4 })
  const busy = await RawClient.connected(broker, { properties: { receiveMaximum: 1 } })
  await busy.subscribe('expiry/dropped', 1)
  await publisher.publish({ topic: 'expiry/dropped', payload: 'first', qos: 2 })
  for (const payload of ['short 1', 'short 2']) {
    await publisher.publish({ topic: 'expiry/dropped', payload, qos: 2, ...expiring(1) })
  }
  await publisher.publish({ topic: 'expiry/dropped', payload: 'zero', qos: 1, ...expiring(0) })
  await publisher.publish({ topic: 'expiry/dropped', payload: 'last', qos: 2, ...expiring(60) })
  const { messageId } = await busy.expect('publish', { payload: 'first' })
  await sleep(PAST_ONE_SECOND_MS)
  busy.send({ cmd: 'puback', messageId })
  await busy.expect('publish', { payload: 'last' })
  for (const [clientId, protocolVersion] of [
    ['expiry-offline', 5],
    ['expiry-offline-4', 4],
  ] as const) {
    const back = await resume(broker, clientId, { protocolVersion })
    await back.expect('publish', { payload: 'first' })
    await back.expect('publish', { payload: 'last' })
    await back.ping()
  }
})

test('finishes a QoS 2 exchange whose message has expired: PUBREL after PUBREC, PUBLISH again before it [MQTT5-4.3.3-7, MQTT5-4.3.3-13]', async () => {
  const publisher = await RawClient.connected(broker)
  const subscriber = await resume(broker, 'expiry-exchange')
  await subscriber.subscribe('expiry/exchange', 2)
  await publisher.publish({ topic: 'expiry/exchange', payload: 'received', qos: 2, ...expiring(1) })
  await publisher.publish({ topic: 'expiry/exchange', payload: 'sent', qos: 2, ...expiring(1) })
  const received = await subscriber.expect('publish', { payload: 'received' })
  const sent = await subscriber.expect('publish', { payload: 'sent' })
  subscriber.send({ cmd: 'pubrec', messageId: received.messageId })
  await subscriber.expect('pubrel', { messageId: received.messageId })
  await subscriber.disconnect()
  await sleep(PAST_ONE_SECOND_MS)
  const back = await resume(broker, 'expiry-exchange')
  await back.expect('pubrel', { messageId: received.messageId })
  await back.expect('publish', { payload: 'sent', dup: true, messageId: sent.messageId })
  back.send({ cmd: 'pubcomp', messageId: received.messageId })
  back.send({ cmd: 'pubrec', messageId: sent.messageId })
  await back.expect('pubrel', { messageId: sent.messageId, reasonCode: 0 })
  back.send({ cmd: 'pubcomp', messageId: sent.messageId })
  await back.ping()
})

test('answers PUBREL for a message that expired for all its subscribers meanwhile [MQTT5-4.3.3-13]', async () => {
  await subscribeAndLeave(broker, 'expiry-publisher', 'expiry/publisher', 2)
  const publisher = await RawClient.connected(broker)
  const publish = { cmd: 'publish', topic: 'expiry/publisher', payload: 'x', qos: 2, messageId: 8 } as const
  publisher.send({ ...publish, ...expiring(1) })
  await publisher.expect('pubrec', { messageId: 8, reasonCode: 0 })
  await sleep(PAST_ONE_SECOND_MS)
  publisher.send({ ...publish, ...expiring(1), dup: true })
  await publisher.expect('pubrec', { messageId: 8 })
  publisher.send({ cmd: 'pubrel', messageId: 8 })
  await publisher.expect('pubcomp', { messageId: 8, reasonCode: 0 })
  await (await resume(broker, 'expiry-publisher')).ping()
})

test('drops an expired retained message, and tells a new subscriber what is left of the others [MQTT5-3.3.2-5, MQTT5-3.3.2-6]', async () => {
  const publisher = await RawClient.connected(broker)
  const retained = { qos: 1, retain: true } as const
  await publisher.publish({ ...retained, topic: 'expiry/retained/short', payload: 'x', ...expiring(1) })
  await publisher.publish({ ...retained, topic: 'expiry/retained/long', payload: 'y', ...expiring(60) })
  await sleep(PAST_ONE_SECOND_MS)
  const late = await RawClient.connected(broker)
  await late.subscribe('expiry/retained/#', 1)
  const interval = expiryOf(await late.expect('publish', { payload: 'y', retain: true })) ?? 0
  assert.ok(interval >= 57 && interval <= 59, `${interval} s are left`)
  await late.ping()
})

test('gives messages without an expiry the one of the setting, also those of 3.1.1 publishers [MQTT5-3.3.2-6]', async () => {
  const own = await brokerForTest({ 'message-expiry-default': '90s' })
  const subscriber = await RawClient.connected(own)
  await subscriber.subscribe('expiry/default', 1)
  for (const protocolVersion of [4, 5] as const) {
    const publisher = await RawClient.connected(own, {}, { protocolVersion })
    await publisher.publish({ topic: 'expiry/default', payload: 'x', qos: 1 })
    assert.equal(expiryOf(await subscriber.expect('publish', { payload: 'x' })), 90)
  }
  const publisher = await RawClient.connected(own)
  await publisher.publish({ topic: 'expiry/default', payload: 'own', qos: 1, ...expiring(500) })
  assert.equal(expiryOf(await subscriber.expect('publish', { payload: 'own' })), 500)
})
