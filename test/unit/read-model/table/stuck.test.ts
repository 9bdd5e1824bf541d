import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionFacts } from '../../../../server/read-model/session-facts.ts'
import { defaultStuckRule } from '../../../../shared/stuck-rule.ts'
import {
  connectionFacts,
  DAY,
  filterOf,
  HOUR,
  MINUTE,
  NOON,
  SECOND,
  sessionFacts,
  TableScene,
} from './table-scene.ts'

const full = { queued: 900, messages: 900 }
const never = { expirySeconds: Number.POSITIVE_INFINITY }
const offline = { connected: false }
const online = { connected: true, since: NOON - DAY }

/** What a session is, and why it is stuck or is not. */
const cases: readonly (readonly [string, Partial<SessionFacts>, string | null])[] = [
  [
    'offline for a day with 90 % of the queue in use',
    { ...offline, ...full, since: NOON - DAY },
    'offline-queue-full',
  ],
  [
    'offline for a day with 90 % of the bytes in use',
    { since: NOON - DAY, messages: 1, bytes: 943_719 },
    'offline-queue-full',
  ],
  ['offline for less than a day', { ...offline, ...full, since: NOON - DAY + 1 }, null],
  ['less than 90 %', { since: NOON - DAY, queued: 899, messages: 899 }, null],
  ['connected with a full queue', { ...online, ...full }, null],
  [
    'in flight for a quarter of an hour',
    { ...online, messages: 1, oldestInFlightAt: NOON - 15 * MINUTE },
    'inflight-unmoved',
  ],
  ['in flight for less', { ...online, messages: 1, oldestInFlightAt: NOON - 15 * MINUTE + 1 }, null],
  [
    'in flight for long, sent again just now',
    { connected: true, since: NOON - MINUTE, messages: 1, oldestInFlightAt: NOON - DAY },
    null,
  ],
  ['in flight when it left', { ...offline, messages: 1, oldestInFlightAt: NOON - DAY }, null],
  ['past its expiry and still there', { expiresAt: NOON - 10 * SECOND }, 'expiry-overdue'],
  ['past its expiry just now', { expiresAt: NOON - 10 * SECOND + 1 }, null],
  ['offline for 30 days without an expiry', { ...never, since: NOON - 30 * DAY }, 'offline-without-expiry'],
  ['offline for less without an expiry', { ...never, since: NOON - 30 * DAY + 1 }, null],
  ['offline for 30 days with an expiry', { since: NOON - 30 * DAY }, null],
  ['connected without an expiry', { ...never, connected: true, since: NOON - 31 * DAY }, null],
  [
    'no room for anything',
    { since: NOON - DAY, limits: { messagesMax: 0, bytesMax: 0, overflow: 'reject' } },
    null,
  ],
]

for (const [title, facts, cause] of cases) {
  test(`${title}: ${cause ?? 'not stuck'}`, () => {
    const scene = new TableScene()
    scene.put('a', facts)
    const found = scene.table.find('a')
    assert.equal(found?.stuck, cause)
    assert.equal(found?.state === 'stuck', cause !== null)
    assert.equal(scene.table.matches(filterOf('stuck:true'), 'a'), cause !== null)
    assert.equal(scene.table.totals.stuck, cause === null ? 0 : 1)
  })
}

test('who becomes stuck by time alone is told as a change, and so is the rule that is changed', async () => {
  const scene = new TableScene()
  const { table } = scene
  scene.put('queue', { ...full, since: NOON - DAY + HOUR })
  scene.put('flight', { ...online, messages: 3, queued: 1, oldestInFlightAt: NOON })
  table.fold()
  const heard: string[][] = []
  table.onFold(({ up }) =>
    heard.push(up.map(row => `${table.summary(row).clientId} ${table.summary(row).stuck}`)),
  )
  await table.sweep()
  scene.now += 15 * MINUTE
  await table.sweep()
  scene.now += 45 * MINUTE
  await table.sweep()
  await table.sweep()
  await table.setStuckRule({ ...defaultStuckRule, offlineMs: 2 * DAY })
  assert.deepEqual(heard, [['flight inflight-unmoved'], ['queue offline-queue-full'], ['queue null']])
  assert.equal(table.totals.stuck, 1)
  const told = scene.events.filter(event => event.kind === 'in-flight-stuck')
  assert.deepEqual(told, [
    {
      kind: 'in-flight-stuck',
      at: NOON + 15 * MINUTE,
      clientId: 'flight',
      generation: 'generation-of-flight',
      sentAt: NOON,
      inFlight: 2,
    },
  ])
})

test('a queue that fills up is told at each step, once on its way up', () => {
  const scene = new TableScene()
  const percents = [0, 1, 49, 50, 89, 90, 89, 90, 100, 81, 90, 80, 90, 0, 1]
  for (const percent of percents) {
    scene.put('a', { createdAt: NOON, queued: percent * 10, messages: percent * 10 })
    scene.table.fold()
  }
  const levels = scene.events.map(event => event.kind === 'queue-level' && event.percent)
  assert.deepEqual(levels, [0, 50, 90, 100, 90, 0])
})

test('messages that begin to wait are worth a word only while the client is away', () => {
  const scene = new TableScene()
  scene.put('a', { createdAt: NOON, connected: true, queued: 1, messages: 1 })
  scene.table.fold()
  assert.equal(scene.events.length, 0)
  scene.put('a', { queued: 500, messages: 500 })
  scene.table.fold()
  assert.deepEqual(
    scene.events.map(event => event.kind),
    ['queue-level'],
  )
})

test('queues that were full before the broker started are no news', () => {
  const scene = new TableScene()
  scene.put('a', { createdAt: NOON - 1, queued: 950, messages: 950 })
  scene.table.fold()
  assert.equal(scene.events.length, 0)
  scene.put('a', { queued: 1_000, messages: 1_000 })
  scene.table.fold()
  assert.deepEqual(
    scene.events.map(event => event.kind === 'queue-level' && event.percent),
    [100],
  )
})

test('a summary says what is known, and null for the rest', () => {
  const scene = new TableScene()
  const connection = connectionFacts({ transport: 'websocket', origin: 'https://app.example', path: '/mqtt' })
  const hold = { until: NOON + MINUTE, by: 'ana', reason: 'tries' }
  const facts = sessionFacts('web-1', {
    owner: 'ana',
    version: 7,
    connected: true,
    connection,
    hold,
    expiryPinned: true,
    expirySource: 'operator',
    queued: 2,
    messages: 5,
    bytes: 99,
    outLimit: 20,
    oldestInFlightAt: NOON - SECOND,
    receiving: 1,
    dropped: 4,
    subscriptions: [{ topicFilter: 'a' }, { topicFilter: 'b' }],
  })
  scene.put('web-1', facts)
  assert.deepEqual(scene.table.find('web-1'), {
    clientId: 'web-1',
    owner: 'ana',
    generation: 'generation-of-web-1',
    version: 7,
    state: 'online',
    stuck: null,
    connected: true,
    clean: false,
    protocol: 4,
    queued: {
      count: 2,
      bytes: 99,
      limit: 1_000,
      bytesLimit: 1_048_576,
      full: 0.005,
      overflow: 'drop-oldest',
      dropped: 4,
    },
    inflight: { out: 3, outLimit: 20, awaitingPubrel: 1, oldestAt: '2026-11-26T11:59:59.000Z' },
    subscriptions: 2,
    expiry: { at: null, intervalSeconds: 604_800, source: 'operator', pinned: true },
    createdAt: '2026-11-25T12:00:00.000Z',
    connectedAt: '2026-11-26T11:00:00.000Z',
    lastSeenAt: null,
    remote: {
      ip: '10.2.3.4',
      port: 50_000,
      transport: 'websocket',
      origin: 'https://app.example',
      userAgent: null,
      path: '/mqtt',
    },
    hold: { until: '2026-11-26T12:01:00.000Z', by: 'ana', reason: 'tries' },
  })
})

test('a summary of a session that nobody knows much of has nulls', () => {
  const scene = new TableScene()
  scene.put('old', { ...never, since: NOON - HOUR })
  const { expiry, remote, protocol, clean, lastSeenAt, inflight, hold: none } = scene.table.find('old')!
  assert.deepEqual(expiry, { at: null, intervalSeconds: null, source: 'policy', pinned: false })
  assert.deepEqual([remote, protocol, clean, none], [null, null, null, null])
  assert.deepEqual([lastSeenAt, inflight.outLimit], ['2026-11-26T11:00:00.000Z', null])
})
