// A wall clock that is wrong after a restart, by an hour either way: nobody lives for ever, nobody goes too early.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, mock, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Clock, SystemClock } from '../../server/clock.ts'
import { InProcessBroker } from '../harness/in-process-broker.ts'
import { RawClient } from '../harness/raw-client.ts'

const HOUR_MS = 3_600_000
const BACK_SECONDS = 2

/** The machine's clock, wrong by as much as it is told. */
class WrongClock implements Clock {
  readonly #right = new SystemClock()
  wrongByMs = 0

  now(): number {
    return this.#right.now() + this.wrongByMs
  }
}

interface World {
  readonly clock: WrongClock
  readonly broker: InProcessBroker
  /** The next run of the broker begins with a clock that is wrong by so much more. */
  restart(jumpMs: number): Promise<void>
}

async function begin(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-clock-'))
  const clock = new WrongClock()
  const settings = { store: 'embedded', 'data-dir': directory }
  const broker = new InProcessBroker(settings, { clock })
  await broker.start()
  after(async () => {
    await broker.stop()
    rmSync(directory, { recursive: true })
  })
  const restart = async (jumpMs: number): Promise<void> => {
    await broker.stop()
    clock.wrongByMs += jumpMs
    await broker.start()
  }
  return { clock, broker, restart }
}

async function leaveSession(broker: InProcessBroker, clientId: string, expirySeconds: number): Promise<void> {
  const properties = { sessionExpiryInterval: expirySeconds }
  const client = await RawClient.connected(broker, { clientId, clean: false, properties })
  await client.subscribe('clock/#', 1)
  await client.disconnect()
}

async function isThere(broker: InProcessBroker, clientId: string): Promise<boolean> {
  const client = await RawClient.open(broker)
  const properties = { sessionExpiryInterval: 7200 }
  const { sessionPresent } = await client.connect({ clientId, clean: false, properties })
  await client.disconnect()
  return sessionPresent
}

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
