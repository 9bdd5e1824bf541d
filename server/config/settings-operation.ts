// Settings: how many connections and how much unsent data there may be, and what the broker tells of itself.

import { bytes, duration, integer, oneOf, orOff } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const flowSettings = {
  connectionsMax: {
    name: 'connections-max',
    kind: integer({ min: 1, max: 10_000_000 }),
    default: '100000',
    meaning: 'The most connections at a time; beyond it new ones are closed at once.',
    because: 'What one process carries on a few gigabytes of memory.',
  },
  connectionsPerAddressMax: {
    name: 'connections-per-address-max',
    kind: integer({ min: 1, max: 10_000_000 }),
    default: '5000',
    meaning: 'The most connections at a time from one remote address.',
    because: 'A site behind one address fits, while one address cannot take all connections.',
  },
  receiveMaximum: {
    name: 'receive-maximum',
    kind: integer({ min: 1, max: 65_535 }),
    default: '1000',
    meaning: 'How many QoS 1 and 2 messages an MQTT 5 publisher may have unacknowledged, announced to it.',
    because:
      'Popular clients keep no count of it, and a loop of 200 publishes must not end their connection while the disk is busy.',
  },
  inflightMax: {
    name: 'inflight-max',
    kind: integer({ min: 1, max: 65_535 }),
    default: '20',
    meaning:
      'How many QoS 1 and 2 messages may be on their way to a client that states no receive maximum of its own.',
    because: 'What 3.x clients are used to; each of them may be sent twice after a reconnect.',
  },
  outputBytesMax: {
    name: 'output-bytes-max',
    kind: bytes({ min: '1KiB', max: '1GiB' }),
    default: '1MiB',
    meaning:
      'How many unsent bytes a connection may hold; beyond it QoS 0 messages for it are dropped and counted, and QoS 1 and 2 wait in its queue.',
    because: 'A client that does not read must cost little, whatever is published.',
  },
} as const satisfies SettingTable

export const observationSettings = {
  sysIntervalMs: {
    name: 'sys-interval',
    // Zero is what mosquitto users write for "no $SYS".
    kind: orOff('off', duration({ unit: 'ms', min: '10ms', max: '1d' }), ['0']),
    default: '10s',
    meaning: 'How often the `$SYS` topics are published.',
    because: 'What monitoring built for mosquitto expects.',
  },
  metrics: {
    name: 'metrics',
    kind: oneOf(['admin', 'open', 'off']),
    default: 'admin',
    meaning:
      'Who may read `/metrics` for Prometheus: `admin` whoever may log in to the admin API, or has a key for it; `open` whoever reaches the port.',
    because:
      'Behind a proxy a loopback port is as public as any, and Prometheus sends a key with one line of its file.',
  },
  logLevel: {
    name: 'log-level',
    kind: oneOf(['error', 'warn', 'info', 'debug']),
    default: 'info',
    meaning: 'The least severe level that is logged.',
    because: 'It says what happened to the broker, and nothing for each message.',
  },
  logFormat: {
    name: 'log-format',
    kind: oneOf(['auto', 'json', 'text']),
    default: 'auto',
    meaning: 'How log lines look: `auto` is text on a terminal and one JSON object a line elsewhere.',
    because: 'People read terminals; programs read the rest.',
  },
} as const satisfies SettingTable
