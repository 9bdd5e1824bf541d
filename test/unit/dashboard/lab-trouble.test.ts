// Why a page does not reach the broker over WebSocket: found out as far as it can be, with the one thing to do about it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Circumstances, troubleOf } from '../../../dashboard/pages/lab/trouble.ts'

const facts = {
  websocketOrigins: ['localhost', 'same'],
  websocketUrl: 'ws://127.0.0.1:8080/mqtt',
  websocketPath: '/mqtt',
}

function trouble(given: Partial<Circumstances>) {
  const found = troubleOf({
    url: 'ws://broker.example/mqtt',
    origin: 'http://broker.example',
    host: 'broker.example',
    facts,
    isAgainstPolicy: false,
    status: 426,
    ...given,
  })
  return `${found.url}: ${found.what} ${found.fix} ${found.setting ?? ''}`
}

test('always names the address that was tried', () => {
  assert.match(trouble({}), /^ws:\/\/broker\.example\/mqtt: /)
})

test('a content security policy', () => {
  assert.match(trouble({ isAgainstPolicy: true }), /security policy .* connect-src 'self' ws: wss:$/)
})

test('an unencrypted WebSocket in an encrypted page', () => {
  assert.match(trouble({ origin: 'https://broker.example' }), /wss:\/\/broker\.example\/mqtt/)
})

test('an origin that is not let in, with the whole setting that lets it in', () => {
  const origins = { ...facts, websocketOrigins: ['localhost'] }
  assert.match(
    trouble({ facts: origins }),
    /no pages from http:\/\/broker\.example .*websocket-origins: localhost,same$/,
  )
  const local = { origin: 'http://localhost:8080', url: 'ws://localhost:8080/mqtt', host: 'localhost:8080' }
  assert.doesNotMatch(trouble({ facts: origins, ...local }), /no pages/)
})

test('a listener that is off, a proxy that does not pass it on, one that goes elsewhere, and no broker', () => {
  assert.match(trouble({ facts: { ...facts, websocketUrl: null } }), /does not listen .*http-port/)
  assert.match(trouble({ status: 426 }), /does not become a WebSocket.*Upgrade/s)
  assert.match(trouble({ status: 404 }), /not the broker .*\/mqtt/)
  assert.match(trouble({ status: 502 }), /status 502/)
  assert.match(trouble({ status: undefined }), /does not answer/)
})

test('of another broker nothing is known', () => {
  assert.match(
    trouble({ facts: undefined, url: 'ws://other.example:9001/' }),
    /^ws:\/\/other.* allows the origin/,
  )
})
