// What must hold between settings.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback } from '../../../server/config/checks.ts'
import { loadSettings } from '../../../server/config/load.ts'
import { describeProblem } from '../../../server/config/source.ts'

function problems(...flags: readonly string[]): readonly string[] {
  const loaded = loadSettings({ argv: flags, environment: {}, workingDirectory: '/', readFile: () => '' })
  return loaded.ok ? [] : loaded.problems.map(describeProblem)
}

test('a host that others can reach is refused without allow-anonymous, and the message names both', () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'broker.example', '2001:db8::1']) {
    const [problem, ...more] = problems('--host', host)
    assert.match(problem ?? '', /^host .*allow-anonymous/)
    assert.equal(more.length, 0)
    assert.deepEqual(problems('--host', host, '--allow-anonymous'), [])
  }
})

test('loopback addresses are accepted as they are', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', 'LOCALHOST']) {
    assert.deepEqual(problems('--host', host), [], host)
  }
  assert.equal(isLoopback('::ffff:127.0.0.1'), true)
  assert.equal(isLoopback('::ffff:192.0.2.1'), false)
  assert.equal(isLoopback('localhost.example'), false)
})

test('at least one listener is needed', () => {
  assert.match(problems('--mqtt-port', 'off', '--http-port', 'off')[0] ?? '', /mqtt-port and http-port/)
  assert.deepEqual(problems('--mqtt-port', 'off'), [])
  assert.deepEqual(problems('--http-port', 'none'), [])
})

test('two listeners cannot share a port, unless it is 0 for a free one', () => {
  assert.match(problems('--mqtt-port', '8080')[0] ?? '', /both 8080/)
  assert.deepEqual(problems('--mqtt-port', '0', '--http-port', '0'), [])
})

test('a check is skipped where one of its settings was refused by itself', () => {
  assert.equal(problems('--host', '0.0.0.0', '--allow-anonymous=perhaps').length, 1)
})

test('the admin port is one of its own, unless it is on another address', () => {
  assert.match(problems('--admin-port', '8080')[0] ?? '', /admin-port and http-port are both 8080/)
  assert.match(problems('--admin-port', '1883')[0] ?? '', /admin-port and mqtt-port are both 1883/)
  const open = ['--host', '0.0.0.0', '--allow-anonymous']
  assert.match(problems('--admin-port', '8080', ...open)[0] ?? '', /both 8080/)
  assert.deepEqual(problems('--admin-port', '9090', ...open), [])
  assert.deepEqual(problems('--admin-port', '8080', '--admin-host', '192.0.2.7'), [])
  assert.deepEqual(problems('--admin-port', '0'), [])
  assert.deepEqual(problems('--admin-port', '8080', '--http-port', 'off'), [])
})

test('an admin port or address that would serve nothing is refused, and the message says what to do', () => {
  assert.match(problems('--admin', 'off', '--admin-port', '9090')[0] ?? '', /admin is off, so nothing/)
  assert.match(
    problems('--admin-host', '192.0.2.7')[0] ?? '',
    /admin-host 192\.0\.2\.7 has no listener: give admin-port/,
  )
  assert.deepEqual(problems('--admin', 'off'), [])
  assert.match(problems('--admin', 'false')[0] ?? '', /one of on, off/)
})
