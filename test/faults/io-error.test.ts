// A disk that fails: nobody knows what is on it any more, so nothing is acknowledged and the process ends.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'

const hasCompiler = spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0
const skip = hasCompiler ? false : 'failing syncs need gcc, to compile test/faults/io-error.c'

test('a failed sync ends the process within a second, without an acknowledgement, and loses nothing', {
  skip,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-io-error-'))
  after(() => rmSync(directory, { recursive: true }))
  const library = join(directory, 'io-error.so')
  const flag = join(directory, 'the-disk-fails')
  const source = join(import.meta.dirname, 'io-error.c')
  execFileSync('gcc', ['-shared', '-fPIC', '-o', library, source, '-ldl'])
  const broker = await startBroker({ environment: { LD_PRELOAD: library, IO_ERROR_WHEN: flag } })
  const kept = { clean: false, properties: { sessionExpiryInterval: 3600 }, clientId: 'absent' }
  const absent = await RawClient.connected(broker, kept)
  await absent.subscribe('to/absent', 1)
  await absent.disconnect()
  const publisher = await RawClient.connected(broker)
  const answer = await publisher.publish({ topic: 'to/absent', payload: 'acknowledged', qos: 1 })
  assert.equal(answer?.reasonCode, 0)
  writeFileSync(flag, '')
  publisher.send({ cmd: 'publish', topic: 'to/absent', payload: 'not acknowledged', qos: 1 })
  const sentAt = performance.now()
  const exit = await broker.waitForEnd()
  assert.ok(performance.now() - sentAt < 1_000, 'the process ended too late')
  assert.deepEqual(exit, { code: 1, signal: null })
  await publisher.expectClosed()
  assert.ok(broker.logs.some(line => line.msg === 'the store has failed'))
  rmSync(flag)
  await broker.start()
  const back = await RawClient.connected(broker, kept)
  await back.expect('publish', { payload: 'acknowledged' })
  await broker.stop()
})
