import { DAY, HOUR, KEPT, MINUTE, NOW, offline, type Row, testRows } from './diagnosis-rows.ts'

const rows: readonly Row[] = [
  {
    what: 'all is well',
    change: {},
    headline: 'online-healthy',
    severity: 'information',
    sentence: `Online for 3 h. Nothing waits. ${KEPT}`,
  },
  {
    what: 'a queue that fills while the client is away, with an expiry by policy',
    change: {
      presence: offline(2 * DAY),
      queue: {
        messages: 912,
        bytes: 1_200_000,
        fill: { messagesPerHour: 88 / 2.5, bytesPerHour: 1, overMs: DAY },
      },
      expiry: { at: NOW + 3 * HOUR },
    },
    headline: 'queue-filling',
    severity: 'warning',
    sentence:
      "Offline for 2 d. 912 of 1,000 messages waiting; at today's rate full in 2 h, then the oldest are dropped. Expires in 3 h by broker policy, with 912 waiting messages; MQTT 3.1.1 clients cannot ask for an expiry.",
    actions: ['set-expiry', 'clear-queue'],
  },
  {
    what: 'it expires before its queue is full',
    change: {
      presence: offline(2 * DAY),
      queue: { messages: 100, bytes: 1, fill: { messagesPerHour: 1, bytesPerHour: 1, overMs: DAY } },
      expiry: { at: NOW + 3 * DAY },
    },
    headline: 'offline',
    severity: 'information',
    sentence:
      'Offline for 2 d. 100 of 1,000 messages waiting. Expires in 3 d by broker policy; MQTT 3.1.1 clients cannot ask for an expiry.',
    actions: [],
  },
  {
    what: 'bytes run out before messages do',
    change: {
      presence: offline(30 * MINUTE),
      protocolVersion: 5,
      queue: {
        messages: 10,
        bytes: 12 * 1024 ** 2,
        overflow: 'reject',
        fill: { messagesPerHour: 20, bytesPerHour: 8 * 1024 ** 2, overMs: 30 * MINUTE },
      },
      expiry: { at: NOW + 3 * DAY, source: 'client' },
    },
    headline: 'queue-filling',
    severity: 'warning',
    sentence:
      'Offline for 30 min. 10 messages waiting (12 MiB of 16 MiB); at the rate of the last 30 min full in 30 min, then new ones are refused. Expires in 3 d, as the client asked.',
    actions: ['clear-queue'],
  },
  {
    what: 'slow growth is no warning',
    change: {
      presence: offline(4 * DAY),
      queue: { messages: 100, bytes: 1, fill: { messagesPerHour: 1, bytesPerHour: 0, overMs: 4 * DAY } },
      expiry: { seconds: Number.POSITIVE_INFINITY, source: 'operator' },
    },
    headline: 'queue-filling',
    severity: 'information',
    sentence:
      'Offline for 4 d. 100 of 1,000 messages waiting; at the rate of the last 4 d full in 37 d, then the oldest are dropped. No expiry, as an operator set it: it will stay until you act.',
    actions: ['set-expiry'],
  },
  {
    what: 'a full queue that drops the oldest, of a session nobody comes back to',
    change: {
      presence: offline(31 * DAY),
      queue: { messages: 1000, bytes: 4_194_304, fullSince: Date.UTC(2026, 8, 21, 9) },
      expiry: { seconds: Number.POSITIVE_INFINITY },
      losses: [{ reason: 'queue-full', count: 7712 }],
    },
    headline: 'queue-full',
    severity: 'problem',
    sentence:
      'Offline for 31 d. Queue full since 21 Sep 2026 09:00 UTC (1,000 messages); 7,712 oldest messages dropped to make room. No expiry by broker policy: it will stay until you act.',
    actions: ['set-expiry', 'clear-queue', 'expire', 'clean'],
  },
  {
    what: 'a queue without room for one more of its size, that drops new ones',
    change: {
      presence: offline(3 * HOUR),
      protocolVersion: 5,
      queue: { messages: 3, bytes: 15 * 1024 ** 2, overflow: 'drop-newest' },
      expiry: { at: NOW + 2 * DAY, source: 'client' },
      losses: [{ reason: 'queue-full', count: 1 }],
    },
    headline: 'queue-full',
    severity: 'problem',
    sentence:
      'Offline for 3 h. Queue full (15 MiB of 16 MiB); 1 newer message dropped. Expires in 2 d, as the client asked.',
    actions: ['clear-queue'],
  },
  {
    what: 'a full queue that refuses',
    change: {
      presence: offline(3 * HOUR),
      protocolVersion: 5,
      queue: { messages: 1000, bytes: 1000, overflow: 'reject' },
      expiry: { at: NOW + 2 * DAY, source: 'client' },
    },
    headline: 'queue-full',
    severity: 'problem',
    sentence:
      'Offline for 3 h. Queue full (1,000 messages); new ones are refused. Expires in 2 d, as the client asked.',
  },
  {
    what: 'nearly full at an unknown rate',
    change: { queue: { messages: 950, bytes: 1 } },
    headline: 'queue-filling',
    severity: 'warning',
    sentence: `Online for 3 h. 950 of 1,000 messages waiting. ${KEPT}`,
  },
  {
    what: 'one message and one subscription are singular',
    change: {
      presence: offline(90 * 1000),
      queue: { messages: 1, bytes: 10 },
      expiry: { at: NOW + HOUR },
      subscriptions: [
        { topicFilter: 'a', qos: 0 },
        { topicFilter: 'b', qos: 2 },
      ],
    },
    headline: 'expires-soon',
    severity: 'warning',
    sentence:
      'Offline for 90 s. 1 of 1,000 messages waiting. Expires in 60 min by broker policy, with 1 waiting message; MQTT 3.1.1 clients cannot ask for an expiry. 1 of 2 subscriptions is at QoS 0: what is published while it is offline is not queued.',
    actions: ['set-expiry'],
  },
  {
    what: 'all subscriptions are at QoS 0',
    change: {
      protocolVersion: 3,
      subscriptions: [
        { topicFilter: 'a', qos: 0 },
        { topicFilter: 'b', qos: 0 },
      ],
    },
    headline: 'qos0-subscription',
    severity: 'warning',
    sentence:
      'Online for 3 h. Nothing waits. After it disconnects it is kept for 7 d by broker policy; MQTT 3.1 clients cannot ask for an expiry. Its subscriptions are all at QoS 0: what is published while it is offline is not queued.',
  },
  {
    what: 'QoS 0 is queued by policy',
    change: { subscriptions: [{ topicFilter: 'a', qos: 0 }], queueQos0: true },
    headline: 'online-healthy',
    severity: 'information',
    sentence: `Online for 3 h. Nothing waits. ${KEPT}`,
  },
  {
    what: 'a clean session',
    change: { expiry: { seconds: 0, source: 'client' }, subscriptions: [{ topicFilter: 'a', qos: 0 }] },
    headline: 'online-healthy',
    severity: 'information',
    sentence:
      'Online for 3 h. Nothing waits. It asked for a clean session (clean = true): when it disconnects, its subscriptions and messages are gone.',
  },
  {
    what: 'a session that a policy does not keep',
    change: { protocolVersion: 5, expiry: { seconds: 0, source: 'policy' } },
    headline: 'online-healthy',
    severity: 'information',
    sentence:
      'Online for 3 h. Nothing waits. It is not kept by broker policy: when it disconnects, its subscriptions and messages are gone.',
  },
  {
    what: 'no subscriptions',
    change: { presence: offline(3 * DAY), subscriptions: [], expiry: { at: NOW + 4 * DAY } },
    headline: 'no-subscriptions',
    severity: 'information',
    sentence:
      'Offline for 3 d. Nothing waits. Expires in 4 d by broker policy; MQTT 3.1.1 clients cannot ask for an expiry. It has no subscriptions, so nothing is sent to it.',
    actions: ['add-subscription'],
  },
  {
    what: 'it never expires, and is not abandoned yet',
    change: {
      presence: offline(29 * DAY),
      protocolVersion: 5,
      expiry: { seconds: Number.POSITIVE_INFINITY, source: 'operator', pinned: true },
    },
    headline: 'never-expires',
    severity: 'information',
    sentence:
      'Offline for 29 d. Nothing waits. No expiry, as an operator pinned it: it will stay until you act.',
    actions: ['set-expiry'],
  },
  {
    what: 'it never expires, and nobody has come for 30 days',
    change: { presence: offline(30 * DAY), expiry: { seconds: Number.POSITIVE_INFINITY } },
    headline: 'abandoned',
    severity: 'problem',
    sentence: 'Offline for 30 d. Nothing waits. No expiry by broker policy: it will stay until you act.',
    actions: ['set-expiry', 'expire', 'clean'],
  },
  {
    what: 'online, kept for ever',
    change: { protocolVersion: 5, expiry: { seconds: Number.POSITIVE_INFINITY, source: 'client' } },
    headline: 'online-healthy',
    severity: 'information',
    sentence: 'Online for 3 h. Nothing waits. After it disconnects it is kept for ever, as the client asked.',
  },
  {
    what: 'its deadline has passed and it is still there',
    change: { presence: offline(8 * DAY), expiry: { at: NOW - 2 * HOUR } },
    headline: 'expiry-overdue',
    severity: 'problem',
    sentence: 'Offline for 8 d. Nothing waits. It should have expired 2 h ago and is still here.',
    actions: ['expire'],
  },
  {
    what: 'created by hand, never connected',
    change: {
      presence: { at: 'never-connected', since: NOW - 5 * MINUTE },
      protocolVersion: undefined,
      expiry: { at: NOW + 7 * DAY },
    },
    headline: 'never-connected',
    severity: 'information',
    sentence:
      'Created 5 min ago; no client has connected to it yet. Nothing waits. Expires in 7 d by broker policy.',
  },
]

testRows(rows)
