// The filter that finds one session: it is one that can be read, and asks for that client id alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onlyThis } from '../../../dashboard/pages/session/only-this.ts'
import { parseFilter } from '../../../shared/filter-grammar.ts'
import { unescapeGlob } from '../../../shared/filter-values.ts'

for (const clientId of ['web-1', 'a b', 'a,b', 'say "x"', 'a*b?c', 'a\\b', '-id:x', '🚚', '#', "it's"]) {
  test(`of ${clientId}`, () => {
    const filter = parseFilter(onlyThis(clientId))
    assert.ok('terms' in filter, JSON.stringify(filter))
    const [term, ...others] = filter.terms
    assert.deepEqual(others, [])
    assert.ok(term?.of === 'text' && term.key === 'id' && !term.not)
    assert.deepEqual(term.values.map(unescapeGlob), [clientId])
    assert.doesNotMatch(term.values[0]!, /(?<!\\)(\\\\)*[*?]/)
  })
}

test('of one that is longer than a filter may be', () => {
  const filter = parseFilter(onlyThis('*'.repeat(10_000)))
  assert.ok('terms' in filter, JSON.stringify(filter))
})
