// The command line without a process: commands, help, suggestions, exit codes.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runCli } from '../../../server/cli.ts'
import { settingNames } from '../../../server/config/schema.ts'

async function cli(...argv: readonly string[]) {
  let out = ''
  let err = ''
  const code = await runCli({
    argv,
    environment: { HOLDFAST_INFLIGHT_MAX: '7' },
    readFile: () => 'mqtt-port: 1884',
    workingDirectory: '/srv',
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
    stdoutIsTerminal: false,
    loadBroker: () => Promise.reject(new Error('no test here starts a broker')),
  })
  return { code, out, err }
}

test('no command, --help and help show the overview with the exit codes', async () => {
  const { code, out } = await cli()
  assert.equal(code, 0)
  for (const text of ['start', 'config check', 'config show', '0 done, 1 failed, 2 wrong']) {
    assert.ok(out.includes(text), text)
  }
  assert.deepEqual(await cli('--help'), { code, out, err: '' })
  assert.deepEqual(await cli('help'), { code, out, err: '' })
})

test('--version shows the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  assert.deepEqual(await cli('--version'), { code: 0, out: `${version}\n`, err: '' })
})

test('start --help lists every setting with its default', async () => {
  const { code, out } = await cli('start', '--help')
  assert.equal(code, 0)
  for (const name of settingNames) assert.match(out, new RegExp(`^ {2}--${name} \\(default .+\\)$`, 'm'))
  assert.match(out, /--session-expiry-max \(default 30d\)/)
  assert.deepEqual(await cli('help', 'start'), { code, out, err: '' })
})

test('an unknown command is refused with exit code 2 and a suggestion', async () => {
  for (const [argv, pattern] of [
    [['strat'], /did you mean `holdfast start`/],
    [['config', 'chek'], /no command "config chek"; did you mean `holdfast config check`/],
    [['config'], /config needs one of: config check, config show/],
    [['help', 'shw'], /no command "shw"/],
    [['quite-another-thing'], /no command "quite-another-thing"\./],
    [['--mqtt-port', '0'], /Name a command before "--mqtt-port"/],
  ] as const) {
    const { code, out, err } = await cli(...argv)
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, pattern)
  }
})

test('config check tells whether the settings are valid', async () => {
  assert.deepEqual(await cli('config', 'check'), { code: 0, out: 'The settings are valid.\n', err: '' })
  const { code, err } = await cli('config', 'check', '--inflight-max', '0')
  assert.equal(code, 2)
  assert.match(err, /^A setting is wrong:\n {2}inflight-max = "0" \(flag --inflight-max\)/)
})

test('config show tells each value and where it came from', async () => {
  const { out } = await cli('config', 'show', '--config', 'x.yaml', '--http-port', '0')
  assert.match(out, /^mqtt-port +1884 +file x.yaml, line 1$/m)
  assert.match(out, /^http-port +0 +flag --http-port$/m)
  assert.match(out, /^inflight-max +7 +environment variable HOLDFAST_INFLIGHT_MAX$/m)
  assert.match(out, /^data-dir +\/srv\/data +default$/m)
  const rows = JSON.parse((await cli('config', 'show', '--json')).out)
  assert.equal(rows.length, settingNames.length)
  assert.deepEqual(rows[0], { name: 'host', value: '127.0.0.1', source: 'default' })
})
