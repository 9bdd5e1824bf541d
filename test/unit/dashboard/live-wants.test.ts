// What one stream is asked for on behalf of several parts of a page, and from where it begins.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginAt, covers, merge } from '../../../dashboard/app/live-wants.ts'

test('the topics of all, each once, and the filter of the first that has one', () => {
  assert.deepEqual(merge([]), { topics: [], filter: '' })
  assert.deepEqual(
    merge([
      { topics: ['overview', 'operations'] },
      { topics: ['sessions'] },
      { topics: ['sessions', 'overview'], filter: 'id:a' },
      { topics: ['sessions'], filter: 'id:b' },
    ]),
    { topics: ['operations', 'overview', 'sessions'], filter: 'id:a' },
  )
  assert.equal(merge([{ topics: ['overview'], filter: 'id:a' }]).filter, '')
})

test('a stream covers fewer topics than its own, and no sessions but those of its filter', () => {
  const open = merge([{ topics: ['overview', 'sessions'], filter: 'id:a' }])
  assert.ok(covers(open, merge([{ topics: ['sessions'], filter: 'id:a' }])))
  assert.ok(covers(open, merge([{ topics: ['overview'] }])))
  assert.ok(!covers(open, merge([{ topics: ['sessions'] }])))
  assert.ok(!covers(open, merge([{ topics: ['events'] }])))
})

test('it begins where the stream was, or at the oldest list, whichever is before', () => {
  assert.equal(beginAt(undefined, []), undefined)
  assert.equal(beginAt('r1-90.7', []), 'r1-90.7')
  assert.equal(beginAt(undefined, ['r1-100', 'r1-99']), 'r1-99')
  assert.equal(beginAt('r1-100.7', ['r1-99']), 'r1-99.7')
  assert.equal(beginAt('r1-90.7', ['r1-100']), 'r1-90.7')
})

test('positions of two runs of the broker lead to everything being fetched anew', () => {
  const nowhere = beginAt('r1-100.7', ['r2-3'])
  assert.equal(nowhere, beginAt('r2-3.7', ['r1-100']))
  assert.match(nowhere ?? '', /^none-/)
  assert.equal(beginAt(nowhere, ['r2-3']), nowhere)
})
