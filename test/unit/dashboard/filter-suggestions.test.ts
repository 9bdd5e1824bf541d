// What could be written next in a filter, where the caret stands.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggestionsAt } from '../../../dashboard/parts/filter-suggestions.ts'
import { parseFilter } from '../../../shared/filter-grammar.ts'

function texts(text: string, caret = text.length): readonly string[] {
  return suggestionsAt(text, caret).items.map(item => item.text)
}

/** The text with the first suggestion taken. */
function taken(text: string, caret = text.length): string {
  const { from, to, items } = suggestionsAt(text, caret)
  return text.slice(0, from) + (items[0]?.text ?? '') + text.slice(to)
}

test('keys that begin so, with what usually follows them', () => {
  assert.deepEqual(texts('sta'), ['state:'])
  assert.deepEqual(texts('id:a que'), ['queued>='])
  assert.deepEqual(texts('-ori'), ['origin:'])
  assert.deepEqual(texts('see'), ['seen>'])
  assert.ok(texts('').length > 0)
})

test('values of keys that have few, also after a comma', () => {
  assert.deepEqual(texts('state:o'), ['online', 'offline'].sort().reverse())
  assert.equal(taken('state:online,of'), 'state:online,offline')
  assert.equal(taken('id:a stuck:t'), 'id:a stuck:true')
  assert.deepEqual(texts('id:web'), [])
})

test('a word may hold spaces between quotes, and the caret may stand within the text', () => {
  assert.deepEqual(texts('id:"a sta'), [])
  assert.equal(taken('que id:a', 3), 'queued>= id:a')
})

test('what is suggested becomes a filter that is understood, once a value follows', () => {
  for (const { text } of suggestionsAt('', 0).items)
    for (const value of ['a', '1', '1h', 'true', '10.0.0.1'])
      if (parseFilter(text + value).at === 'filter') return
  assert.fail('none was')
})
