// Rows of the timeline as sentences: every kind has one, and those that people ask about say what they want to know.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timelineKinds } from '../../../shared/history.ts'
import { type Happened, timelinePlace, timelineSentence } from '../../../shared/timeline-words.ts'

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const tab = {
  transport: 'websocket',
  address: '10.2.3.4',
  port: 51_234,
  origin: 'https://app.example',
  userAgent: CHROME,
  path: '/mqtt',
}

function say(kind: Happened['kind'], data: Happened['data'] = {}, more: Partial<Happened> = {}): string {
  return timelineSentence({ kind, data, actor: null, ...more })
}

test('every kind has a sentence, also of a row that lacks all facts', () => {
  for (const kind of timelineKinds) {
    for (const actor of [null, 'ana']) {
      const sentence = say(kind, {}, { actor })
      assert.ok(sentence.length > 4, kind)
      assert.doesNotMatch(sentence, /undefined|null|NaN|\[object/, `${kind}: ${sentence}`)
      assert.doesNotMatch(sentence, /\.$/, kind)
    }
  }
})

test('a connect says whether the client was told of a session, which Paho keeps from the page', () => {
  const data = { ...tab, protocolVersion: 4, cleanStart: false, keepAliveSeconds: 60, expirySeconds: 604_800 }
  assert.equal(
    say('connect', { ...data, sessionPresent: true }),
    'Connected with MQTT 3.1.1, clean session off, keep alive 60 s, told that a session is present: yes; kept for 7 d after it',
  )
  assert.equal(
    say('connect', { protocolVersion: 5, cleanStart: true, keepAliveSeconds: 0, expirySeconds: 0 }),
    'Connected with MQTT 5, clean start on, no keep alive; not kept',
  )
  assert.match(say('connect', { ...data, expirySeconds: null }), /; kept for ever$/)
  assert.equal(
    timelinePlace({ kind: 'connect', data }),
    '10.2.3.4, Chrome 142 on Windows, https://app.example',
  )
  assert.equal(timelinePlace({ kind: 'disconnect', data }), '')
})

const ends: readonly (readonly [Happened['data'], string | null, string])[] = [
  [{ cause: 'client', detail: 'DISCONNECT' }, null, 'The client disconnected'],
  [
    { cause: 'socket', detail: 'the connection was lost', closeCode: 1006 },
    null,
    'The connection was lost: WebSocket 1006 (no close frame)',
  ],
  [
    { cause: 'socket', detail: 'WebSocket close 4001', closeCode: 4001 },
    null,
    'The connection was lost: WebSocket 4001',
  ],
  [{ cause: 'socket', detail: 'the connection was lost' }, null, 'The connection was lost'],
  [{ cause: 'operator', reason: 'ticket 4411' }, 'ana', 'Disconnected by ana (ticket 4411)'],
  [{ cause: 'hold' }, 'ana', 'Disconnected by ana, who holds the client'],
  [
    { cause: 'protocol-error', detail: 'two CONNECTs' },
    null,
    'Disconnected: the client broke the protocol (two CONNECTs)',
  ],
  [{ cause: 'of-a-later-version' }, null, 'Disconnected: of-a-later-version'],
]

for (const [data, actor, sentence] of ends) {
  test(`an end: ${sentence}`, () => assert.equal(say('disconnect', data, { actor }), sentence))
}

test('a takeover names both sides, or one when they look alike', () => {
  const other = { ...tab, origin: 'https://admin.app.example' }
  assert.equal(
    say('takeover', { from: tab, by: tab, heldMs: 900 }),
    'Taken over after 900 ms by another connection from Chrome 142 on Windows, https://app.example at 10.2.3.4',
  )
  assert.match(
    say('takeover', { from: tab, by: other, heldMs: 61_000 }),
    /^Taken over after 61 s by .*admin\.app\.example, from .*\/\/app\.example, both at 10\.2\.3\.4$/,
  )
})

test('losses, levels and what was taken away have their numbers', () => {
  assert.equal(
    say('queue.dropped', { cause: 'queue-full', bytes: 32_505_856 }, { count: 7_712 }),
    '7,712 messages lost because the queue was full (31 MiB)',
  )
  assert.equal(
    say('queue.level', { percent: 90, messages: 900, bytes: 512 }),
    'Queue 90 % full: 900 messages (512 B)',
  )
  assert.equal(say('queue.level', { percent: 100, messages: 1_000 }), 'Queue full: 1,000 messages')
  assert.equal(
    say('cleaned', { messages: 1, bytes: 21, reason: 'kiosk replaced' }, { actor: 'ana' }),
    'Cleaned by ana, and with it 1 message (21 B) (kiosk replaced)',
  )
  assert.equal(
    say('cleaned', { messages: 0 }),
    'The client asked for a clean session, and the former one is gone',
  )
  assert.equal(
    say('restored', { what: 'session', messages: 2 }, { actor: 'ana' }),
    'Brought back by ana: the session with 2 messages',
  )
})

test('subscriptions name the first few, and how many more there are', () => {
  const subscriptions = ['a', 'b', 'c', 'd', 'e'].map(topicFilter => ({ topicFilter, qos: 1 }))
  assert.equal(
    say('subscribe', { subscriptions, of: 21 }),
    'Subscribed to a (QoS 1), b (QoS 1), c (QoS 1), d (QoS 1) and 17 more',
  )
  assert.equal(
    say('unsubscribe', { topicFilters: ['a/#'], of: 1 }, { actor: 'ana' }),
    'Unsubscribed by ana from a/#',
  )
})

test('a row that stands for several says how often', () => {
  assert.match(say('disconnect', { cause: 'client' }, { count: 12 }), /, 12 times$/)
})

test('a restart says whether the broker was stopped or cut off', () => {
  assert.equal(
    say('broker.restart', { downMs: 3_000, wasStopped: true }),
    'The broker was stopped and started again after 3 s',
  )
  assert.match(say('broker.restart', { downMs: 3_000, wasStopped: false }), /cut off/)
  assert.match(say('broker.restart', { first: true }), /begins here/)
})
