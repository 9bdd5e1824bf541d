import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SERIES_POINTS_MAX, SERIES_SAMPLES_MAX } from '../../../../server/read-model/history/limits.ts'
import { type Reading, Series } from '../../../../server/read-model/history/series.ts'
import { seriesNames } from '../../../../shared/history.ts'

const START = 1_800_000_000_000

function reading(change: Partial<Reading>): Reading {
  return { ...(Object.fromEntries(seriesNames.map(name => [name, 0])) as Reading), ...change }
}

test('a total becomes a rate a second, what is there stays what it is', () => {
  const series = new Series()
  for (let index = 0; index <= 4; index++) {
    series.learn(START + index * 15_000, reading({ 'messages.in': index * 150, sessions: index }))
  }
  const [incoming, sessions] = series.read(['messages.in', 'sessions'], START, START + 60_000, 15_000)
  assert.deepEqual(incoming, {
    name: 'messages.in',
    from: new Date(START).toISOString(),
    stepSeconds: 15,
    points: [10, 10, 10, 10],
  })
  assert.deepEqual(sessions?.points, [1, 2, 3, 4])
})

test('a longer step has the mean, and a step that begins within a reading has its part', () => {
  const series = new Series()
  for (let index = 0; index <= 4; index++) series.learn(START + index * 15_000, reading({ sessions: index }))
  assert.deepEqual(series.read(['sessions'], START, START + 60_000, 30_000)[0]?.points, [1.5, 3.5])
  assert.deepEqual(
    series.read(['sessions'], START + 5_000, START + 60_000, 20_000)[0]?.points,
    [1.5, 2.75, 4],
  )
})

test('where nothing was measured there is nothing, not zero', () => {
  const series = new Series()
  series.restore(START + 15_000, { sessions: 3 })
  series.learn(START + 600_000, reading({}))
  series.learn(START + 615_000, reading({ sessions: 5 }))
  const [sessions, bytes] = series.read(['sessions', 'bytes.in'], START, START + 630_000, 15_000)
  assert.equal(sessions?.points.length, 42)
  assert.deepEqual(
    sessions?.points.map((value, place) => [place, value]).filter(([, value]) => value !== null),
    [
      [0, 3],
      [40, 5],
    ],
  )
  assert.equal(bytes?.points[0], null, 'an earlier version did not measure it')
})

test('a counter that began anew is no negative rate', () => {
  const series = new Series()
  series.learn(START, reading({ 'bytes.in': 1000 }))
  series.learn(START + 15_000, reading({ 'bytes.in': 10 }))
  assert.deepEqual(series.read(['bytes.in'], START, START + 15_000, 15_000)[0]?.points, [0])
})

test('after more than a day the oldest readings are gone, and an answer stays short', () => {
  const series = new Series()
  const count = SERIES_SAMPLES_MAX + 1000
  for (let index = 0; index <= count; index++) {
    series.learn(START + index * 15_000, reading({ sessions: index }))
  }
  const end = START + count * 15_000
  const [day] = series.read(['sessions'], START, end, 1)
  assert.ok(day!.points.length <= SERIES_POINTS_MAX)
  assert.ok(day!.points.every(value => value !== null))
  assert.ok(day!.points[0]! > 1000)
  assert.ok(Math.abs(day!.points.at(-1)! - count) < 4)
})
