// Settings: how long sessions and messages live, and how much may wait for them.

import { boolean, bytes, duration, integer, oneOf, orOff } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const sessionSettings = {
  sessionExpiryDefaultSeconds: {
    name: 'session-expiry-default',
    kind: orOff('never', duration({ unit: 'seconds', min: '1s', max: '36500d' })),
    default: '7d',
    meaning: 'How long the session of a 3.x client with clean session 0 outlives its connection.',
    because: 'It bridges a long weekend, and 3.x clients have no way to say how long they mean to come back.',
  },
  sessionExpiryMaxSeconds: {
    name: 'session-expiry-max',
    kind: orOff('never', duration({ unit: 'seconds', min: '0s', max: '36500d' })),
    default: '30d',
    meaning: 'The longest session expiry interval that an MQTT 5 client is granted.',
    because: 'A session that nobody came back to for a month is abandoned, and it costs storage every day.',
  },
  downtime: {
    name: 'downtime',
    kind: oneOf(['count', 'credit']),
    default: 'count',
    meaning:
      'Whether the time for which the broker is down counts towards the expiry of sessions and the delay of wills, or is credited to them.',
    because: 'What a client was granted is seconds by the clock, whatever the broker does meanwhile.',
  },
  willDelayMaxSeconds: {
    name: 'will-delay-max',
    kind: duration({ unit: 'seconds', min: '0s', max: '365d' }),
    default: '1h',
    meaning: 'The longest will delay; a longer one is cut to this.',
    because: 'Whoever waits for a will wants to know within the hour.',
  },
  sessionsMax: {
    name: 'sessions-max',
    kind: integer({ min: 1, max: 1_000_000_000 }),
    default: '1000000',
    meaning: 'The most sessions, online and offline; beyond it new client identifiers are refused.',
    because: 'At 1 KiB each they fill 1 GiB, and client identifiers are free to invent.',
  },
  subscriptionsMax: {
    name: 'subscriptions-max',
    kind: integer({ min: 1, max: 1_000_000 }),
    default: '1000',
    meaning: 'The most subscriptions a session may have.',
    because: 'Wildcards make more unnecessary, and each costs memory in the index.',
  },
  sharedGroupsMax: {
    name: 'shared-groups-max',
    kind: integer({ min: 0, max: 1_000_000 }),
    default: '1000',
    meaning: 'The most shared subscriptions (group and filter) on the broker.',
    because: 'Groups belong to services, of which there are few, yet any client could make one up.',
  },
  sharedGroupMembersMax: {
    name: 'shared-group-members-max',
    kind: integer({ min: 1, max: 1_000_000 }),
    default: '64',
    meaning: 'The most members of one shared subscription.',
    because: 'More workers than that on one filter are a sign of clients that leak sessions.',
  },
} as const satisfies SettingTable

export const queueSettings = {
  queueMessagesMax: {
    name: 'queue-messages-max',
    kind: integer({ min: 0, max: 1_000_000_000 }),
    default: '1000',
    meaning:
      'The most messages that one session may be owed: what waits for it and what is in flight to it, which is never displaced.',
    because: 'Enough for an outage of a quarter of an hour at one message a second.',
  },
  queueBytesMax: {
    name: 'queue-bytes-max',
    kind: bytes({ min: '0B', max: '1TiB' }),
    default: '16MiB',
    meaning: 'The most bytes that one session may be owed, waiting and in flight.',
    because: 'One thousand messages of 16 KiB; a count alone would not bound memory.',
  },
  queueOverflow: {
    name: 'queue-overflow',
    kind: oneOf(['drop-oldest', 'drop-newest', 'reject']),
    default: 'drop-oldest',
    meaning:
      'What happens to a message for a full queue: it displaces the oldest, it is dropped, or its publisher is refused.',
    because: 'For most data the latest is worth most; each message lost this way is counted and shown.',
  },
  queueQos0: {
    name: 'queue-qos0',
    kind: boolean,
    default: 'false',
    meaning: 'Whether QoS 0 messages, too, wait for sessions that are offline.',
    because: 'QoS 0 says that a message may be lost.',
  },
  storeBytesMax: {
    name: 'store-bytes-max',
    kind: bytes({ min: '1KiB', max: '1024TiB' }),
    default: '4GiB',
    meaning:
      'The most bytes that the messages of all queues may have together; beyond it publishers of QoS 1 and 2 are refused.',
    because: 'It leaves room on a small server, where limits for each session do not add up to a bound.',
  },
  messageExpiryDefaultSeconds: {
    name: 'message-expiry-default',
    kind: orOff('never', duration({ unit: 'seconds', min: '1s', max: '36500d' })),
    default: 'never',
    meaning: 'The message expiry interval for messages whose publisher gave none.',
    because: 'A message that its publisher did not limit must not vanish on its own.',
  },
} as const satisfies SettingTable

export const retainedSettings = {
  retainedMessagesMax: {
    name: 'retained-messages-max',
    kind: integer({ min: 0, max: 1_000_000_000 }),
    default: '100000',
    meaning: 'The most retained messages; beyond it one for a new topic is refused.',
    because: 'Any publisher can make topics up, and retained messages never leave by themselves.',
  },
  retainedBytesMax: {
    name: 'retained-bytes-max',
    kind: bytes({ min: '0B', max: '1TiB' }),
    default: '256MiB',
    meaning: 'The most bytes that all retained messages may have together.',
    because: 'The limit on their number, at 2.6 KiB each.',
  },
} as const satisfies SettingTable
