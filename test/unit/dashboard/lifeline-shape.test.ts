// The picture of a session's life: how long its queue was, from what the history tells, and what falls into the window.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  marksOf,
  queuePoints,
  stretchesOf,
  ticksOf,
  within,
} from '../../../dashboard/pages/session/lifeline-shape.ts'
import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'

const START = Date.parse('2026-11-26T12:00:00.000Z')
let lastId = 0

function entry(
  kind: TimelineKind,
  minute: number,
  data: TimelineEntry['data'] = {},
  until?: number,
): TimelineEntry {
  return {
    id: ++lastId,
    at: iso(minute),
    until: until === undefined ? null : iso(until),
    count: 1,
    kind,
    clientId: 'a',
    generation: null,
    actor: null,
    data,
  }
}

function iso(minute: number): string {
  return new Date(START + minute * 60_000).toISOString()
}

function lengths(...oldestFirst: readonly TimelineEntry[]): readonly number[] {
  const now = { at: START + 600_000, messages: 7, limit: 1_000 }
  return queuePoints(oldestFirst.toReversed(), now).map(({ messages }) => messages)
}

test('the queue begins with nothing, has its levels, and ends with what it holds now', () => {
  const told = lengths(
    entry('created', 0),
    entry('queue.started', 1, { messages: 1 }),
    entry('queue.level', 2, { messages: 500 }),
  )
  assert.deepEqual(told, [0, 0, 1, 500, 7])
})

test('what is cleared, taken out and brought back changes it where it happened', () => {
  const told = lengths(
    entry('queue.level', 0, { messages: 500 }),
    entry('removed', 1, { messages: 2 }),
    entry('cleared', 2, { messages: 600 }),
    entry('restored', 3, { what: 'queue', messages: 600 }),
    entry('cleaned', 4, { messages: 600 }),
    entry('restored', 5, { what: 'session', messages: 600 }),
  )
  assert.deepEqual(told, [500, 500, 498, 600, 0, 600, 600, 0, 600, 7])
})

test('a line comes in from the left where the window begins between two known lengths', () => {
  const points = [
    { at: 0, messages: 0 },
    { at: 100, messages: 50 },
    { at: 200, messages: 60 },
  ]
  assert.deepEqual(within(points, 50), [{ at: 50, messages: 25 }, ...points.slice(1)])
  assert.deepEqual(within(points, 0), points)
  assert.deepEqual(within(points.slice(1), 50), points.slice(1))
})

test('stretches lie within the window, and the last one ends now', () => {
  const segments: [string, 'online' | 'offline' | 'unknown'][] = [
    [iso(-10), 'unknown'],
    [iso(2), 'online'],
    [iso(5), 'offline'],
  ]
  const stretches = stretchesOf({ segments }, START, START + 600_000)
  assert.deepEqual(
    stretches.map(({ from, to, at }) => [(from - START) / 60_000, (to - START) / 60_000, at]),
    [
      [0, 2, 'unknown'],
      [2, 5, 'online'],
      [5, 10, 'offline'],
    ],
  )
})

test('restarts, gaps and losses are marked while they reach into the window', () => {
  const entries = [
    entry('broker.restart', 3),
    entry('queue.dropped', -5, { cause: 'queue-full' }, 1),
    entry('queue.dropped', -5, { cause: 'expired' }),
    entry('connect', 3),
  ]
  assert.deepEqual(
    marksOf(entries, START).map(({ of, until }) => [of, (until - START) / 60_000]),
    [
      ['restart', 3],
      ['drop', 1],
    ],
  )
})

test('the axis has whole steps of the clock, all of them within the window', () => {
  for (const span of ['1h', '24h', '7d'] as const) {
    const from = START - { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 }[span]
    const ticks = ticksOf(span, from, START)
    assert.ok(ticks.length >= 6 && ticks.length <= 8, span)
    assert.ok(ticks.every(tick => tick >= from && tick <= START && new Date(tick).getMinutes() % 10 === 0))
  }
})

test('while messages are lost to a full queue it is full', () => {
  assert.deepEqual(lengths(entry('queue.dropped', 1, { cause: 'queue-full' }, 5)), [1_000, 1_000, 7])
  assert.deepEqual(lengths(entry('queue.dropped', 1, { cause: 'expired' }, 5)), [7])
})
