// Loading: which source wins, what is refused, and what the refusal says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSettings } from '../../../server/config/load.ts'
import { describeProblem, describeSource } from '../../../server/config/source.ts'

interface Inputs {
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

function load(inputs: Inputs) {
  return loadSettings({
    argv: inputs.flags ?? [],
    environment: inputs.environment ?? {},
    workingDirectory: '/srv/broker',
    readFile: path => {
      const content = inputs.files?.[path]
      if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
      return content
    },
  })
}

function settingsOf(inputs: Inputs) {
  const loaded = load(inputs)
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(describeProblem).join('\n'))
  return loaded.settings
}

function problemsOf(inputs: Inputs): readonly string[] {
  const loaded = load(inputs)
  assert.ok(!loaded.ok, 'the settings should have been refused')
  return loaded.problems.map(describeProblem)
}

const file = '/srv/broker/holdfast.yaml'

test('without any source every setting has its default', () => {
  const settings = settingsOf({})
  assert.equal(settings.host, '127.0.0.1')
  assert.equal(settings.mqttPort, 1883)
  assert.equal(settings.dataDir, '/srv/broker/data')
  assert.equal(settings.sessionExpiryDefaultSeconds, 7 * 86_400)
  assert.equal(settings.connectTimeoutMs, 10_000)
  assert.equal(settings.maxPacketSizeBytes, 1_048_576)
  assert.equal(settings.messageExpiryDefaultSeconds, undefined)
  assert.deepEqual(settings.websocketOrigins, ['localhost'])
})

test('flags win over the environment, the environment over the file, the file over defaults', () => {
  const loaded = load({
    flags: ['--config', 'holdfast.yaml', '--mqtt-port', '3'],
    environment: { HOLDFAST_MQTT_PORT: '2', HOLDFAST_HTTP_PORT: '22' },
    files: { [file]: 'mqtt-port: 1\nhttp-port: 11\n\ninflight-max: 5\n' },
  })
  assert.ok(loaded.ok)
  assert.equal(loaded.settings.mqttPort, 3)
  assert.equal(loaded.settings.httpPort, 22)
  assert.equal(loaded.settings.inflightMax, 5)
  assert.equal(describeSource(loaded.sources.mqttPort), 'flag --mqtt-port')
  assert.equal(describeSource(loaded.sources.httpPort), 'environment variable HOLDFAST_HTTP_PORT')
  assert.equal(describeSource(loaded.sources.inflightMax), 'file holdfast.yaml, line 4')
  assert.equal(describeSource(loaded.sources.host), 'default')
})

test('the file may be named by the environment, and a flag names another', () => {
  const files = { '/etc/a.yaml': 'inflight-max: 1', '/etc/b.yaml': 'inflight-max: 2' }
  const environment = { HOLDFAST_CONFIG: '/etc/a.yaml' }
  assert.equal(settingsOf({ environment, files }).inflightMax, 1)
  assert.equal(settingsOf({ environment, files, flags: ['--config=/etc/b.yaml'] }).inflightMax, 2)
})

test('flags: a value may follow after = or as the next argument, a boolean may stand alone', () => {
  assert.equal(settingsOf({ flags: ['--mqtt-port=0'] }).mqttPort, 0)
  const settings = settingsOf({ flags: ['--allow-anonymous', '--host', '0.0.0.0', '--queue-qos0', 'false'] })
  assert.equal(settings.allowAnonymous, true)
  assert.equal(settings.host, '0.0.0.0')
  assert.equal(settings.queueQos0, false)
})

test('flags: what is no flag, given twice or without a value is refused', () => {
  assert.deepEqual(problemsOf({ flags: ['extra', '--inflight-max', '1', '--inflight-max=2', '--host'] }), [
    'This argument is not a flag (flag extra)',
    'inflight-max (flag --inflight-max): is given twice',
    'host (flag --host): needs a value',
  ])
})

test('all problems are told at once, each with its name, value, what is allowed and where it came from', () => {
  const problems = problemsOf({
    flags: ['--config', 'holdfast.yaml', '--queue-overflow', 'drop-all', '--mqtt-prot', '1'],
    environment: { HOLDFAST_CONNECT_TIMEOUT: 'soon', HOLDFAST_HTTP_PROT: '1', OTHER: 'x' },
    files: { [file]: 'host: 127.0.0.1\nqueue-message-max: 5\nmax-packet-size: 12\n' },
  })
  assert.deepEqual(problems, [
    'queue-message-max (file holdfast.yaml, line 2): there is no such setting; did you mean queue-messages-max?',
    'There is no such setting; did you mean HOLDFAST_HTTP_PORT? (environment variable HOLDFAST_HTTP_PROT)',
    'There is no such flag; did you mean --mqtt-port? (flag --mqtt-prot)',
    'max-packet-size = "12" (file holdfast.yaml, line 3): must be a size from 1KiB to 268435460, such as 64KiB or 16MiB (a plain number is bytes)',
    'connect-timeout = "soon" (environment variable HOLDFAST_CONNECT_TIMEOUT): must be a duration from 10ms to 10m, such as 10s, 5m, 12h or 7d (a plain number is seconds)',
    'queue-overflow = "drop-all" (flag --queue-overflow): must be one of drop-oldest, drop-newest, reject',
  ])
})

test('a wrong text is told even where a right one replaces it', () => {
  assert.equal(problemsOf({ environment: { HOLDFAST_HOST: '' }, flags: ['--host', '::1'] }).length, 1)
})

test('file: lists, numbers, booleans and switched-off settings read as in a flag', () => {
  const content = [
    'websocket-origins:',
    '  - same',
    '  - https://app.example',
    'connect-timeout: 5',
    'queue-qos0: true',
    'http-port: off',
    'session-expiry-max: "never"',
  ]
  const settings = settingsOf({ flags: ['--config', file], files: { [file]: content.join('\n') } })
  assert.deepEqual(settings.websocketOrigins, ['same', 'https://app.example'])
  assert.equal(settings.connectTimeoutMs, 5000)
  assert.equal(settings.queueQos0, true)
  assert.equal(settings.httpPort, undefined)
  assert.equal(settings.sessionExpiryMaxSeconds, undefined)
})

test('file: an empty one sets nothing', () => {
  for (const content of ['', '# nothing\n', '---\n']) {
    assert.equal(settingsOf({ flags: ['--config', file], files: { [file]: content } }).inflightMax, 20)
  }
})

test('file: one that is missing, broken or no mapping is refused', () => {
  const refused = (content: string) => problemsOf({ flags: ['--config', file], files: { [file]: content } })
  assert.match(
    problemsOf({ flags: ['--config', 'gone.yaml'] })[0]!,
    /^config \(file gone.yaml\): cannot be read/,
  )
  assert.match(refused('host: "127.0.0.1\n')[0]!, /line/)
  assert.match(refused('host: ::1\nhost: 127.0.0.1\n')[0]!, /unique.*line 2/)
  assert.match(refused('- host\n')[0]!, /must hold lines of the form name: value/)
  assert.match(refused('mqtt-port:\n')[0]!, /^mqtt-port \(.*line 1\): must be a port/)
  assert.match(refused('mqtt-port: {a: 1}\n')[0]!, /^mqtt-port \(.*line 1\): must be a port/)
})

test('a problem cannot forge a line of its own', () => {
  const [problem] = problemsOf({ flags: ['--host', 'a\nb\u009b31m'] })
  assert.doesNotMatch(problem!, /[\n\u009b]/)
})
