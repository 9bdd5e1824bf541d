// Subscriptions that an operator adds and removes: messages, retained ones, limits, and what the store keeps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addSubscription, removeSubscription } from '../../server/broker/operations/subscription.ts'
import type { QoS } from '../../server/protocol/packet.ts'
import { ANA, durableBroker, type OperatedBroker, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile({ 'subscriptions-max': 3, 'shared-groups-max': 1 })

function add(clientId: string, topicFilter: string, qos: QoS = 1, on: OperatedBroker = broker) {
  const subscription = {
    topicFilter,
    qos,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
  } as const
  return addSubscription(on.parts, { clientId, subscription, by: ANA })
}

function remove(clientId: string, topicFilter: string) {
  return removeSubscription(broker.parts, { clientId, topicFilter, by: ANA })
}

async function publish(
  topic: string,
  payload: string,
  retain = false,
  on: OperatedBroker = broker,
): Promise<void> {
  const client = await RawClient.connected(on)
  await client.publish({ topic, payload, qos: 1, retain })
  await client.disconnect()
}

for (const [kind, clean] of [
  ['lasting', false],
  ['volatile', true],
] as const) {
  test(`a connected client of a ${kind} session gets what it is subscribed to, retained messages first`, async () => {
    const topic = `online/${kind}`
    await publish(topic, 'retained', true)
    const properties = clean ? {} : { sessionExpiryInterval: 600 }
    const client = await RawClient.connected(broker, { clientId: kind, clean, properties }, { autoAck: true })
    const { version } = broker.session(kind)
    assert.deepEqual(await add(kind, topic), { at: 'added', unsafe: undefined })
    await client.expect('publish', { payload: 'retained', retain: true })
    await publish(topic, 'live')
    assert.deepEqual(await payloads(client, 1), ['live'])
    assert.equal(broker.session(kind).version, version + 1)
    const { by, subscriptions } = broker.event('subscribed', kind)
    assert.deepEqual([by, subscriptions.map(one => [one.topicFilter, one.qos])], [ANA, [[topic, 1]]])
    assert.deepEqual(await remove(kind, topic), { at: 'removed', unsafe: undefined })
    await publish(topic, 'to nobody')
    await client.expectNothingBeforePing()
    assert.deepEqual(broker.event('unsubscribed', kind).by, ANA)
  })
}

test('what is published for an offline session waits for it, and retained messages do not', async () => {
  await publish('offline/a', 'retained', true)
  await subscribeAndLeave(broker, 'away', 'elsewhere', 1)
  assert.equal((await add('away', 'offline/#')).at, 'added')
  await publish('offline/b', 'waiting')
  const client = await resume(broker, 'away', { autoAck: true })
  assert.deepEqual(await payloads(client, 1), ['waiting'])
  await client.expectNothingBeforePing()
})

test('another subscription to the same filter takes the place of the first', async () => {
  await subscribeAndLeave(broker, 'replacing', 'replaced', 2)
  assert.equal((await add('replacing', 'replaced', 0)).at, 'replaced')
  const { subscriptions } = broker.session('replacing')
  assert.deepEqual(
    subscriptions.map(one => one.qos),
    [0],
  )
})

test('limits hold for operators too, and what is not there cannot be removed', async () => {
  await subscribeAndLeave(broker, 'limited', 'one', 1)
  assert.deepEqual(await add('limited', 'a/#/b'), { at: 'refused', why: 'topic-filter-invalid' })
  assert.equal((await add('limited', '$share/g/one')).at, 'added')
  assert.deepEqual(await add('limited', '$share/h/one'), { at: 'refused', why: 'quota-exceeded' })
  assert.equal((await add('limited', 'two')).at, 'added')
  assert.deepEqual(await add('limited', 'three'), { at: 'refused', why: 'quota-exceeded' })
  assert.deepEqual(await remove('limited', 'three'), { at: 'no-subscription' })
  assert.deepEqual(await add('nobody', 'one'), { at: 'no-session' })
})

test('it is kept as one of the client is', async () => {
  const durable = await durableBroker()
  await subscribeAndLeave(durable, 'kept', 'kept', 1)
  await add('kept', 'added/#', 1, durable)
  const { version } = durable.session('kept')
  await durable.restart()
  assert.ok(durable.session('kept').version >= version)
  await publish('added/x', 'after the restart', false, durable)
  const client = await resume(durable, 'kept', { autoAck: true })
  assert.deepEqual(await payloads(client, 1), ['after the restart'])
})
