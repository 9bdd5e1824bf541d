import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Smallest } from '../../../../server/admin/topics/smallest.ts'

test('pages of any size put together are the whole list in order, each row once', () => {
  const names = Array.from({ length: 500 }, (_, index) => `name-${(index * 263) % 500}`)
  const ordered = [...names].sort()
  for (const limit of [1, 7, 250, 499, 500, 1_000]) {
    const found: string[] = []
    let after: string | undefined
    do {
      const page = new Smallest<string>(limit, after)
      for (const name of names) page.offer(name, name)
      assert.equal(page.total, 500)
      const { rows, next } = page.finish()
      assert.ok(rows.length <= limit)
      found.push(...rows)
      after = next
    } while (after !== undefined)
    assert.deepEqual(found, ordered, `${limit} a page`)
  }
})

test('a name that comes twice is one row, the later one', () => {
  const page = new Smallest<number>(10, undefined)
  for (const [at, name] of ['a', 'b', 'a'].entries()) page.offer(name, at)
  assert.deepEqual(page.finish(), { rows: [2, 1], next: undefined })
})
