// Rows of a timeline by kind and by day.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  daysOf,
  fallbacksOf,
  kindGroupNames,
  kindsOf,
  readGroups,
} from '../../../dashboard/pages/session/timeline-groups.ts'
import { type TimelineEntry, timelineKinds } from '../../../shared/history.ts'

test('each kind is in one group, so that all groups together are everything', () => {
  assert.deepEqual(kindsOf(kindGroupNames).toSorted(), [...timelineKinds].toSorted())
})

test('groups are read from the address in their order, and words that are none are left out', () => {
  assert.deepEqual(readGroups('queue,nonsense,connections'), ['connections', 'queue'])
  assert.deepEqual(readGroups(null), [])
})

test('days are those of the reader, by the latest of what a row stands for', () => {
  const row = (id: number, at: Date, until?: Date): TimelineEntry => ({
    id,
    at: at.toISOString(),
    until: until?.toISOString() ?? null,
    count: 1,
    kind: 'connect',
    clientId: 'a',
    generation: null,
    actor: null,
    data: {},
  })
  const [evening, night] = [new Date(2026, 10, 25, 23, 0), new Date(2026, 10, 26, 1, 0)]
  const days = daysOf([row(3, night), row(2, evening, night), row(1, evening)])
  assert.deepEqual(
    days.map(({ day, rows }) => [day, rows.map(({ id }) => id)]),
    [
      ['Thursday, 26 November 2026', [3, 2]],
      ['Wednesday, 25 November 2026', [1]],
    ],
  )
  const repeated = daysOf([row(3, evening), row(2, evening, night), row(1, evening)])
  assert.deepEqual(
    repeated.map(({ rows }) => rows.map(({ id }) => id)),
    [[2], [3, 1]],
  )
})

test('a second try with MQTT 3.1, right after MQTT 3.1.1 was refused, is told as one attempt', () => {
  const row = (id: number, kind: 'connect' | 'connect.refused', second: number, protocolVersion: number) => ({
    id,
    at: new Date(Date.UTC(2026, 10, 26, 12, 0, second)).toISOString(),
    until: null,
    count: 1,
    kind,
    clientId: 'a',
    generation: null,
    actor: null,
    data: { protocolVersion, address: '10.0.0.1' },
  })
  const rows = [
    row(5, 'connect', 50, 3),
    row(4, 'connect.refused', 20, 4),
    row(3, 'connect', 11, 3),
    row(2, 'connect.refused', 10, 4),
    row(1, 'connect', 0, 4),
  ]
  assert.deepEqual([...fallbacksOf(rows)], [3])
})
