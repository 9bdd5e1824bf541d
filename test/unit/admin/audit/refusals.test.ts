// Which refusals have a record of their own, and what is said of the rest.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusals } from '../../../../server/admin/audit/refusals.ts'

test('the first ten of somebody in a minute stand alone, the rest are counted', () => {
  const refusals = new Refusals()
  const single = Array.from({ length: 25 }, () => refusals.isSingle('10.1.1.1', 1_000))
  assert.deepEqual([single.slice(0, 10).every(Boolean), single.slice(10).some(Boolean)], [true, false])
  assert.equal(refusals.isSingle('10.1.1.2', 2_000), true)
  assert.equal(refusals.summary(60_000), undefined)
  assert.deepEqual(refusals.summary(61_000), { count: 15, since: 1_000, most: { '10.1.1.1': 15 } })
  assert.equal(refusals.isSingle('10.1.1.1', 62_000), true)
  assert.equal(refusals.take(), undefined)
})

test('a crowd of addresses is counted without growing for ever', () => {
  const refusals = new Refusals()
  let single = 0
  for (let count = 0; count < 100_000; count++) if (refusals.isSingle(`${count}`, 0)) single++
  const summary = refusals.take()
  assert.equal(single, 40)
  assert.equal(single + (summary?.count ?? 0), 100_000)
  assert.equal(Object.keys(summary?.most ?? {}).length, 5)
})
