// Settings: how large packets and their parts may be, and how long a peer may take.

import { bytes, duration, integer, orOff } from './kind.ts'
import type { SettingTable } from './setting.ts'

/** The largest Remaining Length, 268,435,455, with the five bytes of the longest fixed header before it. */
const packetSizeMax = '268435460'

export const packetSettings = {
  maxPacketSizeBytes: {
    name: 'max-packet-size',
    kind: bytes({ min: '1KiB', max: packetSizeMax }),
    default: '1MiB',
    meaning: 'The largest packet the broker accepts, announced to MQTT 5 clients.',
    because:
      'It holds any telemetry and small files, while 1,000 such packets in flight still fit in memory.',
  },
  maxPacketSizeBeforeConnectBytes: {
    name: 'max-packet-size-before-connect',
    kind: bytes({ min: '1KiB', max: packetSizeMax }),
    default: '64KiB',
    meaning:
      'The largest packet accepted before CONNECT has been accepted; the smaller of this and `max-packet-size` holds.',
    because: 'A CONNECT with a will and a long token fits; a stranger cannot make the broker hold more.',
  },
  clientIdBytesMax: {
    name: 'client-id-bytes-max',
    kind: integer({ min: 23, max: 65_535 }),
    default: '1024',
    meaning: 'The longest client identifier, in bytes of UTF-8.',
    because: 'Every client must be allowed 23; real ones carry a certificate name or a URL at most.',
  },
  topicBytesMax: {
    name: 'topic-bytes-max',
    kind: integer({ min: 1, max: 65_535 }),
    default: '4096',
    meaning: 'The longest topic name or topic filter, in bytes of UTF-8.',
    because: 'Well above any real topic, and far below the 65,535 that would let an index grow at will.',
  },
  topicLevelsMax: {
    name: 'topic-levels-max',
    kind: integer({ min: 1, max: 65_535 }),
    default: '64',
    meaning: 'The most levels a topic name or topic filter may have.',
    because: 'Matching walks a level at a time, so depth is work that a peer could impose.',
  },
  userPropertiesMax: {
    name: 'user-properties-max',
    kind: integer({ min: 0, max: 65_535 }),
    default: '32',
    meaning: 'The most user properties in one MQTT 5 packet.',
    because: 'They are stored and forwarded with the message; more is a payload in disguise.',
  },
  userPropertyBytesMax: {
    name: 'user-property-bytes-max',
    kind: bytes({ min: '0B', max: '1MiB' }),
    default: '8KiB',
    meaning: 'The most bytes that the user properties of one packet may have together.',
    because: 'The usual ceiling for the headers of an HTTP request, which they resemble.',
  },
  topicAliasMax: {
    name: 'topic-alias-max',
    kind: integer({ min: 0, max: 65_535 }),
    default: '10',
    meaning: 'The most topic aliases a connection may have in each direction; 0 means none.',
    because: 'A publisher rarely has more topics that are worth it, and each alias holds a topic in memory.',
  },
  willBytesMax: {
    name: 'will-bytes-max',
    kind: bytes({ min: '0B', max: '16MiB' }),
    default: '64KiB',
    meaning: 'The largest will payload.',
    because: 'A will is held for every connection, whether or not it is ever sent.',
  },
} as const satisfies SettingTable

export const timeSettings = {
  connectTimeoutMs: {
    name: 'connect-timeout',
    kind: duration({ unit: 'ms', min: '10ms', max: '10m' }),
    default: '10s',
    meaning: 'How long after opening a connection the whole CONNECT must have arrived.',
    because: 'Ample for a handshake over a bad mobile link, short for a peer that drips bytes.',
  },
  keepAliveMaxSeconds: {
    name: 'keep-alive-max',
    kind: orOff('off', duration({ unit: 'seconds', min: '1s', max: '65535s' })),
    default: '10m',
    meaning: 'The longest keep alive; an MQTT 5 client that asks for more, or for none, is given this one.',
    because: 'A dead peer is noticed within a quarter of an hour.',
  },
  idleTimeoutSeconds: {
    name: 'idle-timeout',
    kind: orOff('off', duration({ unit: 'seconds', min: '1s', max: '365d' })),
    default: '1d',
    meaning: 'How long a 3.x client that switched keep alive off may stay silent before it is disconnected.',
    because: 'Its version has no way to be told a keep alive, yet dead connections must not pile up.',
  },
  slowConsumerTimeoutMs: {
    name: 'slow-consumer-timeout',
    kind: orOff('off', duration({ unit: 'ms', min: '10ms', max: '1h' })),
    default: '30s',
    meaning: 'How long a connection may read nothing while data waits for it, before it is closed.',
    because: 'Longer than a mobile hand-over; its session and queue remain.',
  },
  shutdownTimeoutMs: {
    name: 'shutdown-timeout',
    kind: duration({ unit: 'ms', min: '0s', max: '10m' }),
    default: '10s',
    meaning: 'How long a shutdown may take to say goodbye and flush before the rest is cut off.',
    because: 'The usual grace before a supervisor kills the process is 10 to 30 seconds.',
  },
} as const satisfies SettingTable
