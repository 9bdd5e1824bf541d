import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillRate, remember } from '../../../../server/read-model/history/remembered.ts'
import type { TimelineEntry, TimelineKind } from '../../../../shared/history.ts'

const NOW = Date.UTC(2026, 9, 23, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOTHING = { headSentAt: undefined, messages: 0, bytes: 0, now: NOW }

let lastId = 1000

/** Made in the order in which they are read: the newest first. */
function entry(
  kind: TimelineKind,
  agoMs: number,
  data: TimelineEntry['data'] = {},
  change = {},
): TimelineEntry {
  const at = new Date(NOW - agoMs).toISOString()
  const id = lastId--
  return {
    id,
    at,
    until: null,
    count: 1,
    kind,
    clientId: 'a',
    generation: null,
    actor: null,
    data,
    ...change,
  }
}

test('how it left is told by its latest disconnect, with the operator who did it', () => {
  const { left } = remember(
    [
      entry('disconnect', HOUR, { cause: 'operator', detail: '' }, { actor: 'ana' }),
      entry('disconnect', 2 * HOUR, { cause: 'socket', detail: 'x' }),
    ],
    NOTHING,
  )
  assert.deepEqual(left, { cause: 'operator', detail: '', by: 'ana' })
  assert.equal(remember([], NOTHING).left, undefined)
})

test('connects since the head was sent are counted, folded ones too', () => {
  const entries = [
    entry('connect', HOUR),
    entry('connect', 5 * HOUR, {}, { until: new Date(NOW - 2 * HOUR).toISOString(), count: 7 }),
    entry('connect', 6 * HOUR),
  ]
  assert.equal(remember(entries, { ...NOTHING, headSentAt: NOW - 3 * HOUR }).reconnects, 8)
  assert.equal(remember(entries, NOTHING).reconnects, 0)
})

test('a queue is full since it reached its limit, unless it has been empty since', () => {
  const full = entry('queue.level', HOUR, { percent: 100, messages: 1000, bytes: 1 })
  assert.equal(remember([full, entry('queue.started', 3 * HOUR)], NOTHING).fullSince, NOW - HOUR)
  assert.equal(remember([entry('queue.started', MINUTE), full], NOTHING).fullSince, undefined)
  assert.equal(remember([entry('queue.level', HOUR, { percent: 90 })], NOTHING).fullSince, undefined)
})

test('the rate is taken since the queue was last empty', () => {
  const entries = [
    entry('queue.level', HOUR, { percent: 50, messages: 500, bytes: 5000 }),
    entry('queue.started', 3 * HOUR, { messages: 1, bytes: 10 }),
    entry('queue.level', 4 * HOUR, { percent: 90, messages: 900, bytes: 9000 }),
  ]
  assert.deepEqual(remember(entries, { ...NOTHING, messages: 901, bytes: 9010 }).fill, {
    messagesPerHour: 300,
    bytesPerHour: 3000,
    overMs: 3 * HOUR,
  })
})

const rates: readonly (readonly [
  string,
  readonly (readonly [number, number])[],
  number,
  number | undefined,
])[] = [
  ['nobody has looked', [], 10, undefined],
  ['a moment ago', [[MINUTE - 1, 1]], 10, undefined],
  ['it has shrunk', [[HOUR, 20]], 10, undefined],
  ['it stands still', [[HOUR, 10]], 10, undefined],
  ['one level', [[2 * HOUR, 0]], 10, 5],
  [
    'the oldest of today counts, not the one of the day before',
    [
      [HOUR, 9],
      [10 * HOUR, 5],
      [50 * HOUR, 0],
    ],
    10,
    0.5,
  ],
  [
    'only old ones: the latest of them',
    [
      [48 * HOUR, 4],
      [90 * HOUR, 0],
    ],
    10,
    0.125,
  ],
]

for (const [what, given, messages, perHour] of rates) {
  test(`rate: ${what}`, () => {
    const levels = given.map(([agoMs, count]) => ({ at: NOW - agoMs, messages: count, bytes: 0 }))
    assert.equal(fillRate(levels, { messages, bytes: 0, now: NOW })?.messagesPerHour, perHour)
  })
}
