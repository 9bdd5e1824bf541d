// `store backup` while the broker runs: whole, private, restorable; and the control socket it goes through.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { startBroker, type TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { cli, temporaryDirectory } from '../harness/store-files.ts'

const settings = { store: 'embedded' }

function socketOf(broker: TestBroker): string {
  return join(broker.dataDirectory, 'control.sock')
}

function backUp(broker: TestBroker, directory: string) {
  return cli('store', 'backup', directory, '--data-dir', broker.dataDirectory)
}

/** Sends text to the control socket; resolves with what comes back until it is closed. */
function ask(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8').on('data', (data: string) => {
      answer += data
    })
    socket.once('error', reject).once('close', () => resolve(answer))
  })
}

test('a backup made while clients publish holds everything acknowledged before it, and starts', async () => {
  const broker = await startBroker({ settings })
  await subscribeAndLeave(broker, 'a', 'x', 2)
  const publisher = await RawClient.connected(broker)
  const before = Array.from({ length: 200 }, (_, index) => `before ${index}`)
  for (const payload of before) await publisher.publish({ topic: 'x', payload, qos: 2 })
  let isDone = false
  const publishing = (async () => {
    for (let count = 0; !isDone; count++)
      await publisher.publish({ topic: 'x', payload: `during ${count}`, qos: 1 })
  })()
  const directory = join(temporaryDirectory(), 'deep', 'backup')
  const { code, out, err } = await backUp(broker, directory)
  isDone = true
  await publishing
  assert.equal(code, 0, err)
  assert.match(out, /made by its running broker:\n {2}sessions {2}1 \(1 subscriptions\)/)
  assert.ok(
    out.endsWith(`Checked: nothing is damaged. To restore it: holdfast start --data-dir ${directory}\n`),
  )
  assert.equal(statSync(directory).mode & 0o777, 0o700)
  for (const file of ['holdfast.db', 'admin.db'])
    assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)

  const restored = await startBroker({ settings, dataDirectory: directory })
  assert.deepEqual(await payloads(await resume(restored, 'a', { autoAck: true }), before.length), before)
  assert.deepEqual(await restored.stop(), { code: 0, signal: null })
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

test('a directory that holds a store, or cannot be made, is refused, and nothing in it is changed', async () => {
  const broker = await startBroker({ settings })
  const again = await backUp(broker, broker.dataDirectory)
  assert.deepEqual([again.code, again.out], [1, ''])
  assert.match(again.err, /holds a store already: choose another directory/)
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, 'mine')
  const refused = await backUp(broker, join(file, 'backup'))
  assert.equal(refused.code, 1)
  assert.match(refused.err, /cannot be made: ENOTDIR/)
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

test('the control socket is for its user alone, goes with the broker, and that of a killed one is replaced', async () => {
  const broker = await startBroker({ settings })
  const path = socketOf(broker)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  await broker.kill()
  assert.ok(existsSync(path), 'a killed broker cannot have removed it')
  // Nobody answers there, so that the file is copied directly.
  const { code, out } = await backUp(broker, join(temporaryDirectory(), 'backup'))
  assert.equal(code, 0)
  assert.match(out, /made while no broker ran/)
  await broker.start()
  assert.equal((await backUp(broker, join(temporaryDirectory(), 'backup'))).code, 0)
  await broker.stop()
  assert.ok(!existsSync(path))
  assert.deepEqual(broker.errors, [])
})

test('a control socket answers requests that are none, and survives whoever says nothing or leaves', async () => {
  const broker = await startBroker({ settings })
  const path = socketOf(broker)
  const unknown = '{"ok":false,"reason":"this broker does not know that request"}\n'
  for (const request of [
    '{}\n',
    'null\n',
    '[]\n',
    'not JSON\n',
    '{"do":"stop"}\n',
    '{"do":"backup"}\n',
    '{"do":"backup","directory":"relative"}\n',
    '\n',
    'x'.repeat(70_000),
  ]) {
    assert.equal(await ask(path, request), unknown)
  }
  const silent = connect(path)
  await new Promise(resolve => silent.once('connect', resolve))
  silent.destroy()
  const waiting = connect(path)
  await new Promise(resolve => waiting.once('connect', resolve))
  assert.equal((await backUp(broker, join(temporaryDirectory(), 'backup'))).code, 0)
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
  waiting.destroy()
})

test('where the path is too long for a socket, the broker warns, and the command says what to do', async () => {
  const dataDirectory = join(temporaryDirectory(), 'd'.repeat(100))
  const broker = await startBroker({ settings, dataDirectory })
  const warning = await broker.waitForLog({ level: 'warn' })
  assert.match(String(warning['reason']), /its path would have \d+ bytes, and 107 are the most/)
  const { code, err } = await backUp(broker, join(temporaryDirectory(), 'backup'))
  assert.equal(code, 1)
  assert.match(
    err,
    /cannot be asked for a backup \(the path of its data-dir is too long for a socket\): stop it/,
  )
  await broker.stop()
  const stopped = await backUp(broker, join(temporaryDirectory(), 'backup'))
  assert.equal(stopped.code, 0, stopped.err)
})

test('what lies where the socket belongs and is none stays there', async () => {
  const dataDirectory = temporaryDirectory()
  mkdirSync(join(dataDirectory, 'control.sock'))
  const broker = await startBroker({ settings, dataDirectory })
  assert.match(String((await broker.waitForLog({ level: 'warn' }))['reason']), /is there, and is no socket/)
  await broker.stop()
  assert.ok(statSync(join(dataDirectory, 'control.sock')).isDirectory())
})

test('a broker with the memory store has no control socket', async () => {
  const broker = await startBroker({ settings: { store: 'memory' } })
  assert.ok(!existsSync(socketOf(broker)))
  await broker.stop()
})

test('the command as a process: output on stdout, exit code 0, and 1 without a store', async () => {
  const broker = await startBroker({ settings })
  const directory = join(temporaryDirectory(), 'backup')
  const main = new URL('../../server/main.ts', import.meta.url).pathname
  const run = (dataDirectory: string) =>
    new Promise<number | null>(resolve => {
      const args = [main, 'store', 'backup', directory, '--data-dir', dataDirectory]
      spawn(process.execPath, args, { stdio: 'ignore' }).once('close', code => resolve(code))
    })
  assert.equal(await run(temporaryDirectory()), 1)
  assert.ok(!existsSync(join(directory, 'holdfast.db')))
  assert.equal(await run(broker.dataDirectory), 0)
  assert.ok(existsSync(join(directory, 'holdfast.db')))
  await broker.stop()
})
