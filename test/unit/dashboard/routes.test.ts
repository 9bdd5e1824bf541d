// The addresses of the console: whatever is in a client id, its page has an address that leads back to it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routeOf, urlFor } from '../../../dashboard/app/routes.ts'

const clientIds = [
  'web-1',
  'a/b',
  '#+%',
  'ä ö',
  '😀',
  '../..',
  '.',
  '..',
  '.x',
  '~',
  '~.',
  '__proto__',
  '?x=1&y',
  '%2F',
  'x'.repeat(1024),
]

function pathOf(url: string): string {
  return new URL(url, 'http://localhost').pathname
}

test('each client id has an address that leads back to it', () => {
  for (const clientId of clientIds)
    assert.deepEqual(routeOf(pathOf(urlFor.session(clientId))), { page: 'session', clientId })
})

test('each page without a parameter has an address that leads back to it', () => {
  const pages = ['overview', 'sessions', 'operations', 'conflicts', 'retained', 'topics', 'events'] as const
  for (const page of pages) assert.deepEqual(routeOf(urlFor[page]()), { page })
})

test('a path that leads nowhere is said to, whatever stands in it', () => {
  for (const path of ['/nowhere', '/sessions/', '/sessions/a/b', '/sessions/%E0%A4%A', '/constructor'])
    assert.deepEqual(routeOf(path), { page: 'unknown', path })
})

test('what is empty does not stand in the query', () => {
  assert.equal(urlFor.sessions({ filter: 'id:a b', sort: undefined, view: '' }), '/sessions?filter=id%3Aa+b')
})
