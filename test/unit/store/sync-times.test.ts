// How long commits take, counted in buckets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SyncTimes } from '../../../server/store/embedded/sync-times.ts'

test('says nothing but zeros before the first commit', () => {
  const times = new SyncTimes()
  assert.deepEqual([times.lastMs, times.meanMs, times.percentile(0.99)], [0, 0, 0])
})

test('tells the last time, the mean, and percentiles that are at most 19 % too high', () => {
  const times = new SyncTimes()
  for (let count = 0; count < 990; count++) times.record(1)
  for (let count = 0; count < 10; count++) times.record(50)
  assert.equal(times.lastMs, 50)
  assert.equal(times.meanMs, 1.49)
  assert.equal(times.percentile(0.99), 1)
  const slowest = times.percentile(1)
  assert.ok(slowest >= 50 && slowest <= 50 * 1.19, `${slowest}`)
})

test('takes times below and beyond all buckets', () => {
  const times = new SyncTimes()
  times.record(0)
  assert.ok(times.percentile(1) <= 1 / 64)
  times.record(1e9)
  assert.ok(times.percentile(1) > 300_000)
})

test('tells exactly how many took no longer than each bound', () => {
  const times = new SyncTimes()
  for (const milliseconds of [0.1, 0.25, 0.26, 1, 8, 8.01, 20_000]) times.record(milliseconds)
  const within = new Map(times.within().map(({ boundMs, times }) => [boundMs, times]))
  assert.deepEqual(
    [...within.keys()],
    Array.from({ length: 16 }, (_, octave) => 2 ** (octave - 2)),
  )
  assert.deepEqual(
    [0.25, 0.5, 1, 4, 8, 16, 8192].map(bound => within.get(bound)),
    [2, 3, 4, 4, 5, 6, 6],
  )
})
