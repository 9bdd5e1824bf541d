// A wall clock that is wrong after a restart, by an hour either way: nobody lives for ever, nobody goes too early.

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { SystemClock } from '../../server/clock.ts'
import { RawClient } from '../harness/raw-client.ts'
import { begin, HOUR_MS, isThere, leaveSession } from './wrong-clock.ts'

const BACK_SECONDS = 2

test('a clock an hour ahead after a restart expires what is due by then, and nothing else', async () => {
  const { broker, restart } = await begin()
  await leaveSession(broker, 'half-an-hour', HOUR_MS / 2_000)
  await leaveSession(broker, 'two-hours', (2 * HOUR_MS) / 1_000)
  const publisher = await RawClient.connected(broker)
  const publish = (payload: string, messageExpiryInterval: number): ReturnType<RawClient['publish']> =>
    publisher.publish({ topic: 'clock/of', payload, qos: 1, properties: { messageExpiryInterval } })
  await publish('short', 60)
  await publish('long', 7_200)
  await restart(HOUR_MS)
  assert.equal(await isThere(broker, 'half-an-hour'), false)
  const client = await RawClient.open(broker, { autoAck: true })
  const properties = { sessionExpiryInterval: 7200 }
  assert.equal(
    (await client.connect({ clientId: 'two-hours', clean: false, properties })).sessionPresent,
    true,
  )
  await client.expect('publish', { payload: 'long' })
  await client.ping()
})

test('a clock an hour back after a restart lets no session live for longer than its expiry interval', async () => {
  const { broker, restart } = await begin()
  await leaveSession(broker, 'short', BACK_SECONDS)
  await leaveSession(broker, 'long', 7_200)
  await restart(-HOUR_MS)
  const { registry } = broker.running.broker.parts
  assert.ok(registry.get('short'), 'a clock that is set back ends nothing at once')
  await wait(BACK_SECONDS * 1_000 + 500)
  assert.equal(registry.get('short'), undefined)
  assert.equal(await isThere(broker, 'long'), true)
})

test('a clock an hour back after a restart publishes a will no later than its delay from then', async () => {
  const { broker, restart } = await begin()
  const will = {
    topic: 'clock/will',
    payload: Buffer.from('gone'),
    qos: 1 as const,
    retain: false,
    properties: { willDelayInterval: 1 },
  }
  const properties = { sessionExpiryInterval: 7_200 }
  const mortal = await RawClient.connected(broker, { clientId: 'mortal', clean: false, properties, will })
  mortal.destroy()
  await restart(-HOUR_MS)
  const watcher = await RawClient.connected(broker)
  await watcher.subscribe('clock/will', 0)
  await watcher.expect('publish', { payload: 'gone' }, 3_000)
})

test('the clock of a running broker does not follow a jump of the machine', () => {
  const clock = new SystemClock()
  const before = clock.now()
  const real = Date.now()
  for (const jumpMs of [-10 * 365 * 24 * HOUR_MS, -HOUR_MS, HOUR_MS, 10 * 365 * 24 * HOUR_MS]) {
    const jumped = mock.method(Date, 'now', () => real + jumpMs)
    const now = clock.now()
    jumped.mock.restore()
    assert.ok(now >= before && now - before < 1_000, `${now - before} ms have passed`)
  }
})
