// A full queue: what is dropped or who is refused, by messages and by bytes, and that every loss is counted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile, type TestBroker } from '../harness/broker.ts'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'

const LIMIT = 5
const limits = { 'queue-messages-max': LIMIT, 'inflight-max': 2, 'sys-interval': '20ms' }
const oldest = brokerForFile({ ...limits, 'queue-overflow': 'drop-oldest' })
const newest = brokerForFile({ ...limits, 'queue-overflow': 'drop-newest' })

/** Waits until the broker says so of itself: its own count of messages that were lost. */
async function waitForDropped(broker: TestBroker, count: number): Promise<void> {
  const topic = '$SYS/broker/publish/messages/dropped'
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe(topic)
  for (;;) {
    const { payload } = await watcher.expect('publish', { topic })
    if (Number(payload) === count) break
    assert.ok(Number(payload) < count, `${payload} messages were counted as dropped, not ${count}`)
  }
  await watcher.disconnect()
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`)

let droppedByOldest = 0
for (const protocolVersion of protocolVersions) {
  test(`keeps the newest messages for an offline session of version ${protocolVersion}, and counts the others`, async () => {
    const clientId = `oldest-${protocolVersion}`
    await subscribeAndLeave(oldest, clientId, clientId, 2, { protocolVersion })
    const publisher = await RawClient.connected(oldest, {}, { protocolVersion })
    for (const payload of numbers(0, LIMIT + 50)) {
      const answer = await publisher.publish({
        topic: clientId,
        payload,
        qos: Number(payload) % 2 === 0 ? 1 : 2,
      })
      assert.equal(answer?.cmd, Number(payload) % 2 === 0 ? 'puback' : 'pubcomp')
    }
    droppedByOldest += 50
    await waitForDropped(oldest, droppedByOldest)
    const back = await resume(oldest, clientId, { protocolVersion, autoAck: true })
    assert.deepEqual(await payloads(back, LIMIT), numbers(50, LIMIT + 50))
    await back.ping()
  })
}

test('never drops what is in flight, behind a full window as well as offline', async () => {
  const clientId = 'oldest-flight'
  const subscriber = await resume(oldest, clientId)
  await subscriber.subscribe(clientId, 1)
  const publisher = await RawClient.connected(oldest)
  for (const payload of numbers(0, 20)) await publisher.publish({ topic: clientId, payload, qos: 1 })
  const first = await subscriber.collect(2)
  assert.deepEqual(
    first.map(publish => publish.payload.toString()),
    ['0', '1'],
  )
  await subscriber.disconnect()
  for (const payload of numbers(20, 30)) await publisher.publish({ topic: clientId, payload, qos: 1 })
  const back = await resume(oldest, clientId, { autoAck: true })
  const found = await back.collect(LIMIT)
  assert.deepEqual(
    found.map(({ payload, dup }) => `${payload}${dup ? ' again' : ''}`),
    ['0 again', '1 again', '27', '28', '29'],
  )
  await back.ping()
  droppedByOldest += 25
  await waitForDropped(oldest, droppedByOldest)
})

test('delivers QoS 0 to a client whose queue is full', async () => {
  const subscriber = await RawClient.connected(oldest)
  await subscriber.subscribe('oldest/zero', 1)
  const publisher = await RawClient.connected(oldest)
  for (const payload of numbers(0, LIMIT)) await publisher.publish({ topic: 'oldest/zero', payload, qos: 1 })
  await subscriber.collect(2)
  await publisher.publish({ topic: 'oldest/zero', payload: 'zero' })
  await subscriber.expect('publish', { payload: 'zero', qos: 0 })
})

test('drops only for the session whose queue is full', async () => {
  await subscribeAndLeave(newest, 'narrow', 'shared/#', 1)
  const roomy = await RawClient.connected(newest, {}, { autoAck: true })
  await roomy.subscribe('shared/#', 1)
  const publisher = await RawClient.connected(newest)
  for (const payload of numbers(0, 12)) await publisher.publish({ topic: 'shared/x', payload, qos: 1 })
  assert.deepEqual(await payloads(roomy, 12), numbers(0, 12))
  const back = await resume(newest, 'narrow', { autoAck: true })
  assert.deepEqual(await payloads(back, LIMIT), numbers(0, LIMIT))
  await back.ping()
  // There is room again for what comes now.
  await publisher.publish({ topic: 'shared/x', payload: 'next', qos: 1 })
  await back.expect('publish', { payload: 'next' })
  await waitForDropped(newest, 7)
})

for (const [overflow, kept] of [
  ['drop-oldest', ['large', '4', '5']],
  ['drop-newest', ['0', '1', '2', '3', '4', '5']],
] as const) {
  test(`bounds a queue by bytes, ${overflow}`, async () => {
    const settings = { 'queue-bytes-max': '1KiB', 'queue-overflow': overflow, 'store-bytes-max': '1MiB' }
    const own = await brokerForTest(settings)
    await subscribeAndLeave(own, 'bytes', 'bytes', 1)
    const publisher = await RawClient.connected(own)
    const publish = (payload: string) => publisher.publish({ topic: 'bytes', payload, qos: 1 })
    const small = (name: string) => name.padEnd(100, '.')
    for (const name of ['0', '1', '2', '3']) await publish(small(name))
    await publish('large'.padEnd(780, '.'))
    for (const name of ['4', '5']) await publish(small(name))
    // It fits into no queue, and drops nothing in vain.
    await publish('x'.repeat(1_100))
    const back = await resume(own, 'bytes', { autoAck: true })
    const found = (await payloads(back, kept.length)).map(payload => payload.replaceAll('.', ''))
    assert.deepEqual(found, kept)
    await back.ping()
  })
}

test('does not queue QoS 0 for the offline unless the setting says so, and then like any other message', async () => {
  for (const [queueQos0, kept] of [
    [false, ['one']],
    [true, ['zero 0', 'one', 'zero 1', 'zero 2']],
  ] as const) {
    const settings = { 'queue-qos0': queueQos0, 'queue-messages-max': 4, 'inflight-max': 1 }
    const own = await brokerForTest(settings)
    await subscribeAndLeave(own, 'zero', 'zero', 1)
    const publisher = await RawClient.connected(own)
    if (queueQos0) await publisher.publish({ topic: 'zero', payload: 'displaced' })
    await publisher.publish({ topic: 'zero', payload: 'zero 0' })
    await publisher.publish({ topic: 'zero', payload: 'one', qos: 1 })
    for (const payload of ['zero 1', 'zero 2']) await publisher.publish({ topic: 'zero', payload })
    await publisher.ping()
    const back = await resume(own, 'zero', { autoAck: true })
    const found = await back.collect(kept.length)
    assert.deepEqual(
      found.map(publish => [publish.payload.toString(), publish.qos]),
      kept.map(payload => [payload, payload === 'one' ? 1 : 0]),
    )
    await back.ping()
    await back.disconnect()
    await (await resume(own, 'zero')).ping()
  }
})
