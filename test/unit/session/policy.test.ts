// What a client asks for and what it is granted: session expiry, keep alive and queue limits, as tables.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSettings } from '../../../server/config/load.ts'
import type { Settings } from '../../../server/config/schema.ts'
import type { Connect, ProtocolVersion } from '../../../server/protocol/packet.ts'
import {
  expiryOnWire,
  expirySeconds,
  grantedExpirySeconds,
  grantedKeepAliveSeconds,
  queueLimits,
} from '../../../server/session/policy.ts'

const NEVER = Number.POSITIVE_INFINITY
const ON_WIRE_NEVER = 0xffffffff

function settings(...flags: readonly string[]): Settings {
  const loaded = loadSettings({ argv: flags, environment: {}, workingDirectory: '/', readFile: () => '' })
  assert.ok('settings' in loaded, JSON.stringify(loaded))
  return loaded.settings
}

interface Asked {
  readonly protocolVersion?: ProtocolVersion
  readonly cleanStart?: boolean
  readonly expiry?: number
  readonly keepAlive?: number
}

function connect(asked: Asked): Connect {
  return {
    type: 'connect',
    protocolVersion: asked.protocolVersion ?? 5,
    cleanStart: asked.cleanStart ?? false,
    keepAliveSeconds: asked.keepAlive ?? 0,
    clientId: 'client',
    username: undefined,
    password: undefined,
    will: undefined,
    properties: asked.expiry === undefined ? {} : { sessionExpiryIntervalSeconds: asked.expiry },
  }
}

const DAY = 86_400

const expiries: readonly {
  readonly asked: Asked
  readonly granted: number
  readonly flags?: readonly string[]
}[] = [
  { asked: {}, granted: 0 },
  { asked: { expiry: 0 }, granted: 0 },
  { asked: { expiry: 100 }, granted: 100 },
  { asked: { expiry: 100, cleanStart: true }, granted: 100 },
  { asked: { expiry: 31 * DAY }, granted: 30 * DAY },
  { asked: { expiry: ON_WIRE_NEVER }, granted: 30 * DAY },
  { asked: { expiry: ON_WIRE_NEVER }, granted: NEVER, flags: ['--session-expiry-max', 'never'] },
  {
    asked: { expiry: ON_WIRE_NEVER - 1 },
    granted: ON_WIRE_NEVER - 1,
    flags: ['--session-expiry-max', 'never'],
  },
  { asked: { expiry: 100 }, granted: 0, flags: ['--session-expiry-max', '0s'] },
  { asked: { protocolVersion: 4, cleanStart: true }, granted: 0 },
  { asked: { protocolVersion: 4 }, granted: 7 * DAY },
  { asked: { protocolVersion: 3 }, granted: 7 * DAY },
  { asked: { protocolVersion: 3, cleanStart: true }, granted: 0 },
  { asked: { protocolVersion: 4 }, granted: 60, flags: ['--session-expiry-default', '1m'] },
  { asked: { protocolVersion: 4 }, granted: 30 * DAY, flags: ['--session-expiry-default', 'never'] },
  {
    asked: { protocolVersion: 4 },
    granted: NEVER,
    flags: ['--session-expiry-default', 'never', '--session-expiry-max', 'never'],
  },
]

for (const { asked, granted, flags = [] } of expiries) {
  const words = `${JSON.stringify(asked)} under "${flags.join(' ')}"`
  test(`${words} outlives its connection by ${granted} s [MQTT5-3.1.2-23] [MQTT3-3.1.2-4]`, () => {
    assert.equal(grantedExpirySeconds(connect(asked), settings(...flags)), granted)
  })
}

test('never is 0xFFFFFFFF on the wire, there and back', () => {
  assert.equal(expiryOnWire(NEVER), ON_WIRE_NEVER)
  assert.equal(expirySeconds(ON_WIRE_NEVER), NEVER)
  assert.equal(expiryOnWire(expirySeconds(5)), 5)
})

const keepAlives: readonly {
  readonly asked: Asked
  readonly granted: number
  readonly flags?: readonly string[]
}[] = [
  { asked: { keepAlive: 60 }, granted: 60, flags: ['--keep-alive-max', '2m'] },
  { asked: { keepAlive: 600 }, granted: 120, flags: ['--keep-alive-max', '2m'] },
  { asked: { keepAlive: 0 }, granted: 120, flags: ['--keep-alive-max', '2m'] },
  { asked: { keepAlive: 0 }, granted: 0, flags: ['--keep-alive-max', 'off'] },
  { asked: { keepAlive: 65_535 }, granted: 65_535, flags: ['--keep-alive-max', 'off'] },
  { asked: { protocolVersion: 4, keepAlive: 600 }, granted: 600, flags: ['--keep-alive-max', '2m'] },
  { asked: { protocolVersion: 3, keepAlive: 0 }, granted: 0, flags: ['--keep-alive-max', '2m'] },
]

for (const { asked, granted, flags = [] } of keepAlives) {
  test(`keep alive: ${JSON.stringify(asked)} under "${flags.join(' ')}" becomes ${granted} s [MQTT5-3.1.2-22]`, () => {
    assert.equal(grantedKeepAliveSeconds(connect(asked), settings(...flags)), granted)
  })
}

test('a queue has the limits of the settings', () => {
  const flags = ['--queue-messages-max', '5', '--queue-bytes-max', '1KiB', '--queue-overflow', 'reject']
  assert.deepEqual(queueLimits(settings(...flags)), { messagesMax: 5, bytesMax: 1024, overflow: 'reject' })
})
