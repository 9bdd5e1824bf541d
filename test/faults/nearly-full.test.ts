// A disk, or a store, that is nearly full: said once in the log, in $SYS and by /health/ready, while all goes on.

import assert from 'node:assert/strict'
import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startBroker, type TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { mountSmallDisk } from './small-disk.ts'

const SAID_WITHIN_MS = 5_000
const kept = { clean: false, properties: { sessionExpiryInterval: 3600 } }

const probe = mountSmallDisk('1m')
const skip = typeof probe === 'string' ? probe : false
if (typeof probe !== 'string') probe.unmount()

async function leaveSubscriber(broker: TestBroker): Promise<void> {
  const absent = await RawClient.connected(broker, { ...kept, clientId: 'absent' })
  await absent.subscribe('nearly/#', 1)
  await absent.disconnect()
}

async function publish(broker: TestBroker, bytes: number): Promise<void> {
  const publisher = await RawClient.connected(broker)
  const payload = Buffer.alloc(bytes)
  assert.equal((await publisher.publish({ topic: 'nearly/full', payload, qos: 1 }))?.reasonCode, 0)
  await publisher.disconnect()
}

async function becomes(broker: TestBroker, warning: RegExp | undefined): Promise<void> {
  const deadline = performance.now() + SAID_WITHIN_MS
  for (;;) {
    const response = await fetch(`${broker.httpUrl}/health/ready`)
    const body = (await response.json()) as { status: string; warning?: string }
    assert.deepEqual([response.status, body.status], [200, 'ready'])
    if (warning === undefined ? body.warning === undefined : warning.test(body.warning ?? '')) break
    assert.ok(performance.now() < deadline, `the warning stays ${body.warning}`)
    await wait(100)
  }
  const client = await RawClient.connected(broker)
  await client.subscribe('$SYS/broker/store/warning', 0)
  const said = warning ?? /^none$/
  while (!said.test(String((await client.expect('publish', {}, SAID_WITHIN_MS)).payload)));
  await client.disconnect()
}

function logged(broker: TestBroker, message: string): number {
  return broker.logs.filter(line => line.msg === message).length
}

test('a disk that is nearly full is said once, and when it has room again', { skip }, async () => {
  const small = mountSmallDisk('16m')
  assert.ok(typeof small !== 'string')
  after(() => small.unmount())
  const broker = await startBroker({ settings: { 'sys-interval': '1s' }, dataDirectory: small.directory })
  await leaveSubscriber(broker)
  await becomes(broker, undefined)
  const hog = join(small.directory, 'hog')
  writeFileSync(hog, Buffer.alloc(13 * 1024 * 1024))
  await publish(broker, 10)
  await becomes(broker, /^the disk of the data directory is 9\d % full$/)
  await publish(broker, 10)
  await becomes(broker, /^the disk/)
  assert.equal(logged(broker, 'the store is nearly full'), 1)
  unlinkSync(hog)
  await publish(broker, 10)
  await becomes(broker, undefined)
  assert.equal(logged(broker, 'the store is nearly full'), 1)
  assert.equal(logged(broker, 'the store has room again'), 1)
  await broker.stop()
})

for (const store of ['embedded', 'memory'] as const) {
  test(`messages that nearly fill store-bytes-max are said once, with store ${store}`, async () => {
    const settings = { store, 'store-bytes-max': '10KiB', 'sys-interval': '1s' }
    const broker = await startBroker({ settings })
    await leaveSubscriber(broker)
    await publish(broker, 8_000)
    await becomes(broker, undefined)
    await publish(broker, 1_500)
    await becomes(broker, /^messages fill 9\d % of store-bytes-max$/)
    const client = await RawClient.connected(broker, { ...kept, clientId: 'absent' }, { autoAck: true })
    await client.collect(2)
    await becomes(broker, undefined)
    assert.equal(logged(broker, 'the store is nearly full'), 1)
    assert.equal(logged(broker, 'the store has room again'), 1)
    await broker.stop()
  })
}
