import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRanges, parseRanges } from '../../../../server/admin/plans/ranges.ts'
import { sortedPositions } from '../../../../server/admin/plans/sort.ts'
import { Slices } from '../../../../server/admin/slices.ts'
import { fuzz, SeededRandom } from '../../../fuzz/seeded-random.ts'

test('neighbours are written as one range', () => {
  assert.equal(formatRanges([1, 2, 3, 7, 9, 10]), '1-3,7,9-10')
  assert.equal(formatRanges([]), '')
  assert.deepEqual(parseRanges('1-3,7,9-10'), [1, 2, 3, 7, 9, 10])
  assert.deepEqual(parseRanges(''), [])
})

fuzz('numbers come back from their text', random => {
  const numbers = [...new Set(random.list(50, () => random.below(80)))].sort((a, b) => a - b)
  assert.deepEqual(parseRanges(formatRanges(numbers)), numbers)
})

test('sorting in slices gives what sorting at once does, equal ones in their order', async () => {
  for (const count of [0, 1, 2, 511, 512, 513, 1_024, 1_025, 5_000, 12_345]) {
    const random = new SeededRandom(count)
    const keys = Array.from({ length: count }, () => random.below(Math.max(1, count / 2)))
    const sorted = await sortedPositions(count, (a, b) => keys[a]! < keys[b]!, new Slices())
    const wanted = keys.map((_, at) => at).sort((a, b) => keys[a]! - keys[b]! || a - b)
    assert.deepEqual([...sorted], wanted, `of ${count}`)
  }
})
