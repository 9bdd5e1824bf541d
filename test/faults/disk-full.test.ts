// A full disk: nothing acknowledged is lost, publishers are told, everybody else goes on, and room brings writing back.

import assert from 'node:assert/strict'
import { appendFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startBroker, type TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

const QUOTA_EXCEEDED = 0x97
const RESUMES_WITHIN_MS = 5_000
const kept = { clean: false, properties: { sessionExpiryInterval: 3600 } }
const filler = 'x'.repeat(8_000)

const probe = mountSmallDisk('1m')
const skip = typeof probe === 'string' ? probe : false
if (typeof probe !== 'string') probe.unmount()

interface Full {
  readonly disk: SmallDisk
  readonly broker: TestBroker
  /** Names of the messages that the broker has acknowledged, in order. */
  readonly acknowledged: string[]
  readonly refusal: { reasonCode?: number | undefined; properties?: { reasonString?: unknown } | undefined }
}

/** A broker whose one absent subscriber has been sent messages of QoS 1 and 2 until one was refused. */
async function fillDisk(): Promise<Full> {
  const disk = mountSmallDisk('6m')
  assert.ok(typeof disk !== 'string')
  after(() => disk.unmount())
  const settings = { 'queue-messages-max': 100_000, 'sys-interval': '1s' }
  const broker = await startBroker({ settings, dataDirectory: disk.directory })
  const absent = await RawClient.connected(broker, { ...kept, clientId: 'absent' })
  await absent.subscribe('full/#', 2)
  await absent.disconnect()
  const publisher = await RawClient.connected(broker)
  const acknowledged: string[] = []
  for (let number = 0; number < 1_000; number++) {
    const qos = number % 2 === 0 ? 1 : 2
    const answer = await publisher.publish({ topic: 'full/of', payload: `${number} ${filler}`, qos })
    if (answer?.reasonCode === QUOTA_EXCEEDED) {
      assert.equal(answer.cmd, qos === 1 ? 'puback' : 'pubrec')
      return { disk, broker, acknowledged, refusal: answer }
    }
    assert.equal(answer?.reasonCode ?? 0, 0)
    acknowledged.push(String(number))
  }
  return assert.fail('the disk never became full')
}

/** Takes everything that waits for the absent subscriber; the names of the messages, in order. */
async function drain(broker: TestBroker, count: number): Promise<string[]> {
  const client = await RawClient.connected(broker, { ...kept, clientId: 'absent' }, { autoAck: true })
  const messages = await client.collect(count, 10_000)
  await client.ping()
  await client.disconnect()
  return messages.map(({ payload }) => String(payload).split(' ')[0]!)
}

async function resumes(broker: TestBroker): Promise<void> {
  const publisher = await RawClient.connected(broker)
  const deadline = performance.now() + RESUMES_WITHIN_MS
  for (;;) {
    const answer = await publisher.publish({ topic: 'full/again', payload: `again ${filler}`, qos: 1 })
    if (answer?.reasonCode === 0) return
    assert.equal(answer?.reasonCode, QUOTA_EXCEEDED)
    assert.ok(performance.now() < deadline, 'writes did not resume in time')
    await wait(100)
  }
}

async function readiness(broker: TestBroker): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${broker.httpUrl}/health/ready`)
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

function logged(broker: TestBroker, message: string): number {
  return broker.logs.filter(line => line.msg === message).length
}

test('on a full disk a 5.0 publisher is told 0x97 and why, and a 3.x connection ends without an acknowledgement [MQTT3-4.8.0-2]', {
  skip,
}, async () => {
  const { broker, refusal } = await fillDisk()
  assert.match(String(refusal.properties?.reasonString), /no room on the disk/)
  for (const qos of [1, 2] as const) {
    const current = await RawClient.connected(broker)
    const answer = await current.publish({ topic: 'full/of', payload: filler, qos })
    assert.equal(answer?.cmd, qos === 1 ? 'puback' : 'pubrec')
    assert.equal(answer?.reasonCode, QUOTA_EXCEEDED)
    await current.ping()
    const old = await RawClient.connected(broker, {}, { protocolVersion: 4 })
    old.send({ cmd: 'publish', topic: 'full/of', payload: filler, qos })
    await old.expectClosed()
  }
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

test('on a full disk connected clients go on, and health and log say what is wrong once', {
  skip,
}, async () => {
  const { broker, disk } = await fillDisk()
  const listener = await RawClient.connected(broker, { ...kept, clientId: 'listener' }, { autoAck: true })
  await listener.subscribe('live/#', 1)
  const publisher = await RawClient.connected(broker)
  for (const qos of [0, 1] as const) {
    publisher.send({ cmd: 'publish', topic: 'live/now', payload: `qos ${qos}`, qos })
    await listener.expect('publish', { payload: `qos ${qos}` })
  }
  await publisher.expect('puback', { reasonCode: 0 })
  const degraded = await readiness(broker)
  assert.equal(degraded.status, 200)
  assert.equal(degraded.body['status'], 'degraded')
  assert.match(degraded.body['store'] ?? '', /no room/)
  assert.equal((await fetch(`${broker.httpUrl}/health/live`)).status, 200)
  await wait(2_500)
  await listener.subscribe('$SYS/broker/store/problem', 0)
  const told = await listener.expect('publish', { topic: '$SYS/broker/store/problem' })
  assert.match(String(told.payload), /no room/)
  assert.equal(logged(broker, 'the store takes no messages'), 1)
  disk.resize('32m')
  await resumes(broker)
  assert.equal(logged(broker, 'the store takes messages again'), 1)
  assert.deepEqual(await readiness(broker), { status: 200, body: { status: 'ready' } })
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

test('a full disk becomes writable by being drained: all that was acknowledged comes, once and in order', {
  skip,
}, async () => {
  const { broker, acknowledged } = await fillDisk()
  assert.deepEqual(await drain(broker, acknowledged.length), acknowledged)
  await resumes(broker)
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

for (const end of ['stop', 'kill'] as const) {
  test(`a broker restarted after ${end} on a full disk has lost nothing, and resumes once there is room`, {
    skip,
  }, async () => {
    const { broker, acknowledged, disk } = await fillDisk()
    if (end === 'kill') await broker.kill()
    await broker.restart()
    const drained = await drain(broker, acknowledged.length)
    assert.deepEqual(drained, acknowledged)
    disk.resize('32m')
    await resumes(broker)
    assert.deepEqual(await broker.stop(), { code: 0, signal: null })
  })
}

test('when another program takes the last byte the broker lives, and loses nothing until it is given back', {
  skip,
}, async () => {
  const { broker, acknowledged, disk } = await fillDisk()
  const connected = await RawClient.connected(broker)
  const hog = join(disk.directory, 'hog')
  takeLastByte(hog)
  const absent = await RawClient.open(broker)
  await absent.connect({ ...kept, clientId: 'absent' }).catch(error => assert.match(String(error), /closed/))
  await connected.ping()
  absent.destroy()
  unlinkSync(hog)
  disk.resize('32m')
  await resumes(broker)
  const names = await drain(broker, acknowledged.length + 1)
  assert.deepEqual(names, [...acknowledged, 'again'])
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

function takeLastByte(path: string): void {
  for (const piece of [65_536, 1_024, 1]) {
    let code = ''
    while (code === '') {
      try {
        appendFileSync(path, Buffer.alloc(piece))
      } catch (error) {
        code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      }
    }
    assert.equal(code, 'ENOSPC')
  }
}
