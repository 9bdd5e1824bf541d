// The rates of the overview: readings over one axis of time, and what is told now at its end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateInWords, ratesOf, withNow } from '../../../dashboard/pages/overview/rates.ts'
import type { Series } from '../../../shared/history.ts'

const from = '2026-11-21T12:00:00.000Z'
const start = Date.parse(from) / 1_000

function series(points: readonly (number | null)[]): Series[] {
  const names = ['messages.in', 'messages.out', 'messages.dropped'] as const
  return names.map(name => ({ name, from, stepSeconds: 15, points: [...points] }))
}

test('each step stands at its end, and what was not measured is a gap', () => {
  const rates = ratesOf(series([1, null, 3]))
  assert.deepEqual(rates.at, [start + 15, start + 30, start + 45])
  assert.deepEqual(rates.in, [1, null, 3])
})

test('what is told now comes last, in the place of steps that are not over', () => {
  const now = { messagesIn: 9, messagesOut: 8, dropped: 0 }
  const rates = withNow(ratesOf(series([1, 2, null])), now, (start + 37) * 1_000)
  assert.deepEqual(rates.at, [start + 15, start + 30, start + 37])
  assert.deepEqual(
    [rates.in, rates.out, rates.dropped],
    [
      [1, 2, 9],
      [1, 2, 8],
      [1, 2, 0],
    ],
  )
  assert.deepEqual(withNow(ratesOf([]), now, start * 1_000).at, [start])
})

test('rates read at a glance', () => {
  assert.deepEqual([0, 0.24, 12.46, 1_204.2, null].map(rateInWords), ['0', '0.2', '12.5', '1,204', '–'])
})
