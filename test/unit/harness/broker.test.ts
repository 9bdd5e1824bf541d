// Proves that the harness's brokers start, crash, restart and are missed, with mosquitto as the broker.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBroker } from '../../harness/broker.ts'
import { requireProgram } from '../../harness/programs.ts'
import { RawClient } from '../../harness/raw-client.ts'

Object.assign(process.env, { SPEC_TARGET: 'mosquitto' })
const mosquitto = await requireProgram('mosquitto')
const needsMosquitto = { skip: 'skip' in mosquitto ? mosquitto.skip : false }

test('starts, serves both transports, restarts on the same ports and stops', needsMosquitto, async () => {
  const broker = await startBroker()
  const { port } = broker
  for (const transport of ['tcp', 'websocket'] as const) {
    const client = await RawClient.connected(broker, {}, { transport })
    await client.sendFragments('c0 00', [1])
    await client.expect('pingresp')
    await client.disconnect()
  }
  await broker.kill()
  await assert.rejects(RawClient.open(broker), /ECONNREFUSED/)
  await broker.restart()
  assert.equal(broker.port, port)
  const client = await RawClient.connected(broker)
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
  await client.expectClosed({ after: 'disconnect' })
  assert.ok(existsSync(broker.dataDirectory))
})

test('misses a broker that ended by itself, and shows its output', needsMosquitto, async () => {
  const broker = await startBroker()
  process.kill(broker.pid, 'SIGKILL')
  while (broker.state === 'running') await sleep(5)
  await assert.rejects(broker.stop(), /ended by itself: it was ended by SIGKILL\n.*mosquitto/s)
})

test('a broker that cannot start says why', needsMosquitto, async () => {
  await assert.rejects(startBroker({ dataDirectory: '/nonexistent' }), /ENOENT/)
})

test('waits for a log line and fails without one', needsMosquitto, async () => {
  const broker = await startBroker()
  await broker.waitForLog({ level: 'stderr' })
  await assert.rejects(broker.waitForLog({ msg: 'never' }, 20), /no log line .*never.* within 20 ms/)
  await broker.stop()
})
