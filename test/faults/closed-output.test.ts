// Nobody reads what is printed any more: a command ends without a word, and the broker goes on without its log.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { brokerForTest } from '../harness/broker-for-test.ts'
import { RawClient } from '../harness/raw-client.ts'

const mainFile = join(import.meta.dirname, '../../server/main.ts')

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit')
  return code
}

test('a command whose reader has gone ends quietly', async () => {
  const child = spawn(process.execPath, [mainFile, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text
  })
  assert.equal(await exitCodeOf(child), 0)
  assert.equal(said, '')
})

test('a broker whose log nobody reads goes on', async () => {
  const broker = await brokerForTest({ 'log-level': 'debug' })
  broker.stopReading()
  for (let round = 0; round < 5; round++) {
    const client = await RawClient.connected(broker)
    await client.publish({ topic: 'heard', payload: `${round}`, qos: 1 })
    await client.disconnect()
  }
  assert.equal(broker.state, 'running')
})
