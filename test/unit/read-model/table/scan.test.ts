// A scan in slices answers for the moment of its beginning, whatever happens between its slices.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scan } from '../../../../server/read-model/table/scan.ts'
import { Scans } from '../../../../server/read-model/table/scans.ts'
import { SeededRandom } from '../../../fuzz/seeded-random.ts'

interface Row {
  text: string
  used: boolean
}

/** Changes rows the way the table does: the scan is told before. */
function change(random: SeededRandom, rows: Row[], scan: Scan): void {
  const at = random.below(rows.length + 1)
  scan.beforeChange(at)
  const row = rows[at]
  const text = `later-${random.below(1_000)}`
  if (row === undefined) rows.push({ text, used: true })
  else if (random.once(3)) row.used = !row.used
  else row.text = text
}

test('every row is visited once, as it was when the scan began', () => {
  const random = new SeededRandom(11)
  for (let round = 0; round < 300; round++) {
    const rows: Row[] = Array.from({ length: 1 + random.below(1_500) }, (_, index) => ({
      text: `${index}`,
      used: !random.once(4),
    }))
    const expected = rows.filter(row => row.used).map(row => row.text)
    const seen: string[] = []
    const scan = new Scan(rows.length, row => rows[row]!.used, { visit: row => seen.push(rows[row]!.text) })
    do {
      for (let changes = random.below(40); changes > 0; changes--) change(random, rows, scan)
      // A slice without time still looks at some rows.
    } while (!scan.step(0))
    assert.deepEqual(seen.toSorted(), expected.toSorted())
  }
})

test('a visitor hears before what it has visited changes', () => {
  const texts = Array.from({ length: 1_000 }, (_, index) => `${index}`)
  const before: string[] = []
  const visitor = { visit: () => undefined, beforeChange: (row: number) => before.push(texts[row]!) }
  const scan = new Scan(texts.length, () => true, visitor)
  scan.step(0)
  for (const row of [3, 999, 1_000]) {
    scan.beforeChange(row)
    texts[row] = 'changed'
  }
  assert.deepEqual(before, ['3', '999'])
})

test('scans take turns in the order they were asked for, and too many are refused', async () => {
  const scans = new Scans()
  const order: number[] = []
  const ask = (number: number) =>
    scans.run(
      async () => undefined,
      () => {
        order.push(number)
        const scan = new Scan(1_000_000, () => false, { visit: () => undefined })
        return { scan, finish: () => ({ at: 'found' }) as const }
      },
    )
  const answers = await Promise.all(Array.from({ length: 70 }, (_, number) => ask(number)))
  assert.deepEqual(
    order,
    Array.from({ length: 64 }, (_, number) => number),
  )
  assert.equal(answers.filter(({ at }) => at === 'overloaded').length, 6)
  assert.equal((await ask(70)).at, 'found')
})

test('a scan that fails lets the next one begin', async () => {
  const scans = new Scans()
  const failing = scans.run(
    async () => undefined,
    () => {
      throw new Error('on purpose')
    },
  )
  await assert.rejects(failing, /on purpose/)
  const scan = new Scan(1, () => true, { visit: () => undefined })
  assert.equal(
    await scans.run(
      async () => undefined,
      () => ({ scan, finish: () => 'next' }),
    ),
    'next',
  )
})
