// `start` as a process: what it prints, and how signals and errors end it.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const fakeBroker = fileURLToPath(new URL('fake-broker.ts', import.meta.url))

interface Ending {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The signals are sent when it is ready, one after the other with a pause between. */
function run(
  fake: string,
  flags: readonly string[],
  signals: readonly NodeJS.Signals[] = [],
  pauseMs = 500,
): Promise<Ending> {
  const child = spawn(process.execPath, [fakeBroker, 'start', ...flags], { env: { FAKE: fake } })
  let out = ''
  let err = ''
  child.stderr.on('data', data => {
    err += data
  })
  child.stdout.on('data', data => {
    const before = out
    out += data
    if (out.includes('ready') && !before.includes('ready')) void sendSignals(child, signals, pauseMs)
  })
  return new Promise(resolve => child.on('close', code => resolve({ code, out, err })))
}

async function sendSignals(
  child: ChildProcess,
  signals: readonly NodeJS.Signals[],
  pauseMs: number,
): Promise<void> {
  for (const [index, signal] of signals.entries()) {
    if (index > 0) await setTimeout(pauseMs)
    child.kill(signal)
  }
}

function messages(out: string): readonly unknown[] {
  return out
    .trimEnd()
    .split('\n')
    .map(line => {
      const { time, ...rest } = JSON.parse(line)
      assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000)
      return rest
    })
}

test('not on a terminal it prints JSON lines, and SIGTERM ends it with exit code 0', async () => {
  const { code, out, err } = await run('', ['--mqtt-port', '0'], ['SIGTERM'])
  assert.deepEqual(messages(out), [
    { level: 'info', msg: 'listening', listener: 'tcp', url: 'mqtt://127.0.0.1:1' },
    {
      level: 'info',
      msg: 'listening',
      listener: 'http',
      url: 'http://127.0.0.1:2',
      mqttUrl: 'ws://127.0.0.1:2/mqtt',
    },
    { level: 'info', msg: 'ready' },
    { level: 'info', msg: 'stopping', signal: 'SIGTERM' },
    { level: 'info', msg: 'stopped' },
  ])
  assert.equal(err, '')
  assert.equal(code, 0)
})

test('on a terminal it prints one line in words per listener', async () => {
  const { code, out } = await run('terminal', [], ['SIGINT'])
  assert.match(out, / info {2}MQTT on mqtt:\/\/127.0.0.1:1\n/)
  assert.match(
    out,
    / info {2}MQTT over WebSocket on ws:\/\/127.0.0.1:2\/mqtt, HTTP on http:\/\/127.0.0.1:2\n/,
  )
  assert.equal(code, 0)
})

test('a second signal ends it at once', async () => {
  const { code } = await run('hangs', [], ['SIGTERM', 'SIGINT'])
  assert.equal(code, 130)
})

test('one Ctrl-C that arrives twice, as it does under npm, is one signal', async () => {
  const { code, out } = await run('slow-stop', [], ['SIGINT', 'SIGINT'], 20)
  assert.match(out, /"msg":"stopped"/)
  assert.equal(code, 0)
})

test('a stop that takes too long, or fails, ends with exit code 1', async () => {
  const late = await run('hangs', ['--shutdown-timeout', '0'], ['SIGTERM'])
  assert.match(late.out, /"msg":"did not stop in time"/)
  assert.equal(late.code, 1)
  const failed = await run('stop-fails', [], ['SIGTERM'])
  assert.match(failed.out, /"msg":"did not stop cleanly","reason":"disk gone"/)
  assert.equal(failed.code, 1)
})

test('a port in use is told in words, with exit code 1', async () => {
  const { code, out } = await run('in-use', [])
  assert.match(out, /"msg":"cannot start","reason":"::1 port 1883 is in use by another program/)
  assert.equal(code, 1)
})

test('an error of our own is logged and ends the process with exit code 1', async () => {
  const thrown = await run('throws-later', [])
  assert.match(thrown.out, /"level":"error","msg":"uncaught exception","reason":"SyntaxError/)
  assert.equal(thrown.code, 1)
  const rejected = await run('rejects-later', [])
  assert.match(rejected.out, /"level":"error","msg":"unhandled rejection","reason":"Error: lost/)
  assert.equal(rejected.code, 1)
})

test('wrong settings are refused before anything starts, with exit code 2', async () => {
  const { code, out, err } = await run('', ['--host', '0.0.0.0', '--log-level', 'loud'])
  assert.equal(out, '')
  assert.match(err, /^2 settings are wrong:\n/)
  assert.equal(code, 2)
})

test('log-level and log-format are obeyed', async () => {
  const { out } = await run(
    '',
    ['--log-level', 'debug', '--log-format', 'text', '--mqtt-port', '0'],
    ['SIGTERM'],
  )
  assert.match(out, / debug fake port=0\n/)
})
