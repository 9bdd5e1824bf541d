// Where a log-in leads: to a page of the console, whatever stands in the address.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextPage } from '../../../dashboard/app/next-page.ts'

const origin = 'https://broker.example'

test('back to where somebody came from, with the query', () => {
  assert.equal(nextPage('/sessions?filter=id%3Aa', origin), '/sessions?filter=id%3Aa')
  assert.equal(nextPage('/sessions/a%2Fb', origin), '/sessions/a%2Fb')
})

test('never to another origin, and not to the log-in again', () => {
  const elsewhere = ['//evil.example/', '/\\evil.example', '/\t/evil.example', 'https://evil.example/']
  for (const next of [null, '', 'javascript:alert(1)', '/login?next=/', '/setup', ...elsewhere])
    assert.equal(nextPage(next, origin), '/', String(next))
})
