// Time for which the broker was down: it counts towards every deadline, or is credited to sessions and wills.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { begin, HOUR_MS, isThere, leaveSession, MINUTE_MS, type World } from './wrong-clock.ts'

const credit = { downtime: 'credit' }
/** What a restart takes by itself, and more. */
const SLACK_MS = 5_000

function leftMs({ broker, clock }: World, clientId: string): number {
  const session = broker.running.broker.parts.registry.get(clientId)
  assert.ok(session?.expiresAt !== undefined, `${clientId} has no session that expires`)
  return session.expiresAt - clock.now()
}

function assertNear(actualMs: number, expectedMs: number): void {
  assert.ok(Math.abs(actualMs - expectedMs) < SLACK_MS, `${actualMs} ms are left, not ${expectedMs}`)
}

test('downtime counts unless the settings say otherwise', async () => {
  const world = await begin()
  await leaveSession(world.broker, 'half-an-hour', 30 * 60)
  await leaveSession(world.broker, 'an-hour', 60 * 60)
  await world.restart(40 * MINUTE_MS)
  assert.equal(await isThere(world.broker, 'half-an-hour'), false)
  assertNear(leftMs(world, 'an-hour'), 20 * MINUTE_MS)
})

test('credited downtime is added to what a session had left, over any number of restarts', async () => {
  const world = await begin(credit)
  await leaveSession(world.broker, 'half-an-hour', 30 * 60)
  world.clock.wrongByMs += 10 * MINUTE_MS
  await world.restart(50 * MINUTE_MS)
  assertNear(leftMs(world, 'half-an-hour'), 20 * MINUTE_MS)
  await world.restart(50 * MINUTE_MS)
  assertNear(leftMs(world, 'half-an-hour'), 20 * MINUTE_MS)
  assert.equal(await isThere(world.broker, 'half-an-hour'), true)
})

test('no credit lets a session live for longer than its expiry interval from the start', async () => {
  const world = await begin(credit)
  await leaveSession(world.broker, 'short', 60)
  await world.restart(-HOUR_MS)
  assertNear(leftMs(world, 'short'), MINUTE_MS)
  await world.restart(10 * HOUR_MS)
  assertNear(leftMs(world, 'short'), MINUTE_MS)
})

test('a session that was due when the broker stopped ends when it starts, credit or not', async () => {
  const world = await begin(credit)
  await leaveSession(world.broker, 'due', 60)
  world.clock.wrongByMs += 2 * MINUTE_MS
  await world.restart(HOUR_MS)
  assert.equal(await isThere(world.broker, 'due'), false)
})

test('the delay of a will is credited', async () => {
  const world = await begin(credit)
  const will = {
    topic: 'downtime/will',
    payload: Buffer.from('gone'),
    qos: 1 as const,
    retain: false,
    properties: { willDelayInterval: 600 },
  }
  const properties = { sessionExpiryInterval: 7_200 }
  const mortal = await RawClient.connected(world.broker, {
    clientId: 'mortal',
    clean: false,
    properties,
    will,
  })
  mortal.send({ cmd: 'disconnect', reasonCode: 4 })
  await mortal.expectClosed()
  await world.restart(HOUR_MS)
  const { willDueAt } = world.broker.running.broker.parts.registry.get('mortal') ?? {}
  assertNear((willDueAt ?? 0) - world.clock.now(), 10 * MINUTE_MS)
})

test('a message expires by the clock, credit or not: it has waited all the same [MQTT5-3.3.2-6]', async () => {
  const { broker, restart } = await begin(credit)
  await leaveSession(broker, 'reader', 7_200)
  const publisher = await RawClient.connected(broker)
  for (const [payload, messageExpiryInterval] of [['short', 60] as const, ['long', 7_200] as const])
    await publisher.publish({ topic: 'clock/of', payload, qos: 1, properties: { messageExpiryInterval } })
  await restart(HOUR_MS)
  const client = await RawClient.open(broker, { autoAck: true })
  await client.connect({ clientId: 'reader', clean: false, properties: { sessionExpiryInterval: 7_200 } })
  const { properties } = await client.expect('publish', { payload: 'long' })
  assertNear(Number(properties?.messageExpiryInterval) * 1_000, HOUR_MS)
  await client.ping()
})

for (const downtime of ['count', 'credit'] as const) {
  const ends = downtime === 'count' ? 'ends' : 'does not end'
  test(`a session ${ends} during the downtime after a kill with downtime ${downtime}`, async () => {
    const broker = await startBroker({ settings: { store: 'embedded', downtime } })
    const kept = { clientId: 'kept', clean: false, properties: { sessionExpiryInterval: 3 } }
    const client = await RawClient.connected(broker, kept)
    await client.disconnect()
    await client.expectClosed()
    // What is acknowledged to somebody later is on the disk later.
    await RawClient.connected(broker, { ...kept, clientId: 'later' })
    await broker.kill()
    await wait(3_500)
    await broker.restart()
    const back = await RawClient.open(broker)
    assert.equal((await back.connect(kept)).sessionPresent, downtime === 'credit')
    await broker.stop()
  })
}
