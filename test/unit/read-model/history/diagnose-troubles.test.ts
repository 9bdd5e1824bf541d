import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose } from '../../../../server/read-model/history/diagnosis/diagnose.ts'
import { DAY, facts, HOUR, KEPT, MINUTE, NOW, offline, type Row, testRows } from './diagnosis-rows.ts'

const rows: readonly Row[] = [
  {
    what: 'held by an operator with a reason',
    change: {
      presence: offline(20_000, { cause: 'operator', by: 'ana' }),
      hold: { until: NOW + 25_000, by: 'ana', reason: 'ticket 4411' },
      expiry: { at: NOW + 7 * DAY },
    },
    headline: 'held',
    severity: 'warning',
    sentence:
      'Offline for 20 s. Its last connection ended because ana closed it. Held by ana (ticket 4411): its attempts to connect are refused for another 25 s. Nothing waits. Expires in 7 d by broker policy; MQTT 3.1.1 clients cannot ask for an expiry.',
    actions: ['release-hold'],
  },
  {
    what: 'two tabs fight',
    change: {
      conflict: {
        perMinute: 41,
        since: NOW - HOUR,
        contenders: ['Chrome on app.example', 'Firefox on app.example'],
      },
    },
    headline: 'takeover-conflict',
    severity: 'problem',
    sentence: `Online for 3 h. 2 clients use this client id and push each other out (Chrome on app.example and Firefox on app.example): 41 times in the last minute. Nothing waits. ${KEPT}`,
    actions: ['hold'],
  },
  {
    what: 'the oldest message is not acknowledged',
    change: { sending: { inFlight: 3, head: { at: 'published', sentAt: NOW - 20 * MINUTE, reconnects: 0 } } },
    headline: 'head-unacknowledged',
    severity: 'problem',
    sentence: `Online for 3 h. Nothing waits. The oldest message sent to it has not been acknowledged for 20 min. ${KEPT}`,
    actions: ['disconnect', 'remove-message', 'clean'],
  },
  {
    what: 'in flight for a moment is nothing to speak of',
    change: { sending: { inFlight: 20, head: { at: 'published', sentAt: NOW - MINUTE, reconnects: 2 } } },
    headline: 'online-healthy',
    severity: 'information',
    sentence: `Online for 3 h. Nothing waits. ${KEPT}`,
  },
  {
    what: 'the oldest message has outlived three connections of a client that is away',
    change: {
      presence: offline(HOUR, { cause: 'socket' }),
      queue: { messages: 3, bytes: 30 },
      sending: { inFlight: 3, head: { at: 'published', sentAt: NOW - 5 * HOUR, reconnects: 3 } },
      expiry: { at: NOW + 7 * DAY },
    },
    headline: 'head-unacknowledged',
    severity: 'problem',
    sentence:
      'Offline for 60 min. 3 of 1,000 messages waiting. The oldest message sent to it has not been acknowledged for 5 h, over 3 reconnects. Expires in 7 d by broker policy; MQTT 3.1.1 clients cannot ask for an expiry.',
    actions: ['remove-message', 'clean'],
  },
  {
    what: 'the window is full',
    change: {
      sending: { inFlight: 20, head: { at: 'published', sentAt: NOW - 15 * MINUTE, reconnects: 1 } },
    },
    headline: 'window-full',
    severity: 'problem',
    sentence: `Online for 3 h. Nothing waits. It may have 20 messages unacknowledged at a time, and has; the oldest for 15 min. Nothing more is sent until it acknowledges one. ${KEPT}`,
    actions: ['disconnect', 'clear-queue', 'clean'],
  },
  {
    what: 'a QoS 2 exchange is not finished',
    change: { sending: { inFlight: 1, head: { at: 'released', sentAt: NOW - 16 * MINUTE, reconnects: 1 } } },
    headline: 'exchange-unfinished',
    severity: 'problem',
    sentence: `Online for 3 h. Nothing waits. The client has taken a message of QoS 2 and not finished the exchange (PUBCOMP) for 16 min, over 1 reconnect. ${KEPT}`,
    actions: ['disconnect', 'clean'],
  },
  {
    what: 'it owes a release',
    change: { receiving: { count: 2, oldestAt: NOW - 16 * MINUTE } },
    headline: 'release-missing',
    severity: 'warning',
    sentence: `Online for 3 h. Nothing waits. It has sent 2 messages of QoS 2 and not released them (PUBREL) for 16 min. ${KEPT}`,
    actions: ['disconnect'],
  },
  {
    what: 'a message above what the client takes',
    change: {
      protocolVersion: 5,
      sending: { packetBytesMax: 65_536 },
      losses: [{ reason: 'too-large', count: 1 }],
      expiry: { source: 'client' },
    },
    headline: 'too-large',
    severity: 'warning',
    sentence:
      'Online for 3 h. Nothing waits. 1 message was larger than the 64 KiB the client takes and not sent. After it disconnects it is kept for 7 d, as the client asked.',
  },
  {
    what: 'it went for breaking the protocol',
    change: {
      presence: offline(HOUR, { cause: 'protocol-error', detail: 'PUBCOMP before PUBREC' }),
      expiry: { at: NOW + 7 * DAY },
    },
    headline: 'ended-badly',
    severity: 'warning',
    sentence:
      'Offline for 60 min. Its last connection ended because it broke the protocol (PUBCOMP before PUBREC). Nothing waits. Expires in 7 d by broker policy; MQTT 3.1.1 clients cannot ask for an expiry.',
  },
]

testRows(rows)

test('losses are a fact with their reasons, but no part of the sentence', () => {
  const losses = [
    { reason: 'expired', count: 1 },
    { reason: 'offline-qos-0', count: 1200 },
    { reason: 'queue-full', count: 0 },
  ]
  const { facts: found, sentence } = diagnose(facts({ losses }))
  const lost = found.find(one => one.code === 'messages-lost')
  assert.equal(
    lost?.text,
    '1,201 messages did not reach it: 1 because they expired and 1,200 because they were of QoS 0 and it was offline.',
  )
  assert.deepEqual(lost?.data, { total: 1201, byReason: { expired: 1, 'offline-qos-0': 1200 } })
  assert.ok(!sentence.includes('1,201'))
})
