import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadAverages } from '../../../server/read-model/load-averages.ts'

const MINUTE_MS = 60_000

test('a steady rate is what all averages come to, the shortest first', () => {
  const loads = new LoadAverages()
  let values: Record<string, number> = {}
  for (let round = 1; round <= 600; round++) {
    const next = loads.next('load/x', round * 20, 10_000)
    values = Object.fromEntries(next.map(([name, value]) => [name, Number(value)]))
    if (round === 6) assert.ok(values['load/x/1min']! > values['load/x/5min']!)
  }
  assert.deepEqual(
    Object.entries(values).map(([name, value]) => [name, Math.round(value)]),
    [
      ['load/x/1min', 120],
      ['load/x/5min', 120],
      ['load/x/15min', 120],
    ],
  )
})

test('a burst fades by the factor e in the time an average is over', () => {
  const loads = new LoadAverages()
  const [first] = loads.next('load/x', 1000, MINUTE_MS)
  const [second] = loads.next('load/x', 1000, MINUTE_MS)
  assert.ok(Math.abs(Number(first![1]) / Number(second![1]) - Math.E) < 0.001)
})

test('rounds without time between them do not divide by it', () => {
  const loads = new LoadAverages()
  assert.deepEqual(loads.next('load/x', 5, 0), [
    ['load/x/1min', '0.00'],
    ['load/x/5min', '0.00'],
    ['load/x/15min', '0.00'],
  ])
})
