// The verbs on one session: what was seen is what is acted on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cli } from './cli-scene.ts'
import { type FakeApi, fakeApi, sendJson } from './fake-api.ts'

const done = {
  sentence: 'Done.',
  tombstone: { id: '01M8C0', undoUntil: new Date(Date.now() + 900_000).toISOString() },
  notOnDisk: null,
}

function api(): Promise<FakeApi> {
  return fakeApi(({ method }, response) =>
    method === 'GET' ? sendJson(response, 200, {}, { etag: '"g.7"' }) : sendJson(response, 200, done),
  )
}

const cases = [
  [['kick', 'a/b'], 'DELETE', '/sessions/a%2Fb/connection', ''],
  [['clean', '..', '--no-will'], 'DELETE', '/sessions/~..?suppressWill=true', ''],
  [['expire', 'a'], 'POST', '/sessions/a/expire', '{}'],
  [['clear', 'a'], 'DELETE', '/sessions/a/queue', ''],
  [['set-expiry', 'a', '--after=1h'], 'PATCH', '/sessions/a', '{"expirySeconds":3600}'],
  [['set-expiry', 'a', '--after=never', '--pin'], 'PATCH', '/sessions/a', '{"never":true,"pinned":true}'],
  [['subscribe', 'a', 't/#'], 'POST', '/sessions/a/subscriptions', '{"topicFilter":"t/#","qos":1}'],
  [['unsubscribe', 'a', 't/#'], 'DELETE', '/sessions/a/subscriptions/t%2F%23', ''],
] as const

for (const [argv, method, path, body] of cases) {
  test(`sessions ${argv.join(' ')} reads the session, and acts on that one`, async () => {
    const { url, asked } = await api()
    const { code, out, err } = await cli(['sessions', ...argv, `--url=${url}`, '--reason', 'why ✓'])
    assert.equal(code, 0, err)
    assert.match(out, /^Done\.\nTo take it back \(for 14 min\): holdfast undo 01M8C0\n$/)
    assert.deepEqual(
      asked.map(one => one.method),
      ['GET', method],
    )
    const act = asked[1]!
    assert.deepEqual([act.url, act.body], [`/api/v1${path}`, body])
    assert.equal(act.headers['if-match'], '"g.7"')
    assert.equal(act.headers['x-reason'], 'why%20%E2%9C%93')
  })
}

test('a hold is of a client id, which needs no session', async () => {
  const { url, asked } = await api()
  assert.equal((await cli(['sessions', 'hold', 'a', '--for=5m', '--kick', `--url=${url}`])).code, 0)
  assert.deepEqual(
    asked.map(one => [one.method, one.url, one.body]),
    [['POST', '/api/v1/sessions/a/hold', '{"seconds":300,"disconnect":true,"suppressWill":false}']],
  )
})

test('top needs a terminal', async () => {
  const { code, err } = await cli(['top'])
  assert.equal(code, 2)
  assert.match(err, /draws on a terminal, and there is none/)
})

test('a filter that is wrong is shown where it is, and nothing is asked', async () => {
  const { url, asked } = await api()
  const { code, err } = await cli(['sessions', 'list', '--filter', 'id:web-* ful>1', `--url=${url}`])
  assert.equal(code, 2)
  assert.match(err, / {2}id:web-\* ful>1\n {11}\^\^\^\nDid you mean full\?\n$/)
  assert.equal(asked.length, 0)
})
