// The client of the admin API when things go wrong on the way, and what it says of refusals.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { adminCommand } from '../../../../server/cli/admin/admin-command.ts'
import type { AdminRun } from '../../../../server/cli/admin/spec.ts'
import { cli, type Said, type SceneOptions } from './cli-scene.ts'
import { fakeApi, sendJson } from './fake-api.ts'

/** A command that does what the test wants with the client. */
function act(
  url: string,
  run: (given: AdminRun) => Promise<void>,
  options: SceneOptions & { readonly flags?: readonly string[] } = {},
): Promise<Said> {
  const command = adminCommand({ name: 'try', group: 'Try', summary: 'Try.', run })
  return cli([`--url=${url}`, ...(options.flags ?? [])], { ...options, command })
}

const getSessions = async ({ api, print }: AdminRun): Promise<void> => {
  print.json((await api.get('/sessions', { filter: 'id:a b&c', none: undefined })).body)
}

test('asks below /api/v1, with the key, and prints what came', async () => {
  const api = await fakeApi((_asked, response) => sendJson(response, 200, { clientId: 'a\u202eb' }))
  const environment = { HOLDFAST_API_KEY: 'bk_secret' }
  const { code, out, err } = await act(api.url, getSessions, { environment })
  assert.deepEqual([code, out, err], [0, '{"clientId":"a\\u202eb"}\n', ''])
  assert.equal(api.asked[0]?.url, '/api/v1/sessions?filter=id%3Aa%20b%26c')
  assert.equal(api.asked[0]?.headers.authorization, 'Bearer bk_secret')
})

test('keeps the path that a proxy puts before it', async () => {
  const api = await fakeApi((_asked, response) => sendJson(response, 200, {}))
  assert.equal((await act(`${api.url}/mqtt/`, getSessions)).code, 0)
  assert.match(api.asked[0]?.url ?? '', /^\/mqtt\/api\/v1\/sessions/)
})

test('acts carry what they hold on to, why, and a key against doing them twice', async () => {
  const api = await fakeApi((_asked, response) => response.writeHead(204).end())
  const { code } = await act(api.url, async ({ api: client }) => {
    await client.send('POST', '/a', { ifMatch: '"g.1"', body: { x: 1 } })
    await client.send('POST', '/a', { body: { x: 1 } })
    await client.send('DELETE', '/a', { reason: 'kiosk ✓ replaced' })
  })
  assert.equal(code, 0)
  const [first, second, third] = api.asked
  assert.equal(first?.headers['if-match'], '"g.1"')
  assert.equal(first?.headers['content-type'], 'application/json')
  assert.equal(first?.body, '{"x":1}')
  assert.ok(first?.headers['idempotency-key'])
  assert.notEqual(first?.headers['idempotency-key'], second?.headers['idempotency-key'])
  assert.equal(third?.headers['x-reason'], 'kiosk%20%E2%9C%93%20replaced')
  assert.equal(third?.headers['content-type'], undefined)
})

test('a refusal is one sentence with what to do, and its own exit code', async () => {
  const cases = [
    [400, 'validation', 'filter is wrong', 2, /^filter is wrong\.\n {2}\/filter: no such key\.\n$/],
    [401, 'not-authenticated', 'no key', 5, /^no key\.\nGive an API key: in HOLDFAST_API_KEY/],
    [403, 'forbidden', 'needs operator', 5, /^needs operator\.\n$/],
    [404, 'not-found', 'no session "x"', 3, /^no session "x"\.\n$/],
    [409, 'session-connected', 'it is connected', 4, /sessions kick/],
    [410, 'plan-expired', 'the plan is too old', 4, /plan create/],
    [412, 'session-changed', 'it came back 2 s ago', 4, /^it came back 2 s ago\.\nLook at it again/],
    [428, 'precondition-required', 'If-Match is missing', 4, /^If-Match is missing/],
    [
      503,
      'broker-unavailable',
      'starting',
      1,
      /^starting\.\nThe broker's log has more under request r1\.\n$/,
    ],
  ] as const
  for (const [status, name, detail, code, pattern] of cases) {
    const errors = status === 400 ? [{ pointer: '/filter', detail: 'no such key' }] : []
    const api = await fakeApi((_asked, response) =>
      sendJson(response, status, {
        type: `urn:holdfast:problem:${name}`,
        title: 'T',
        status,
        detail,
        errors,
        requestId: 'r1',
      }),
    )
    const said = await act(api.url, getSessions)
    assert.equal(said.code, code, `${status}`)
    assert.match(said.err, pattern)
    assert.equal(said.out, '')
  }
})

test('what the broker says cannot steer the terminal', async () => {
  const api = await fakeApi((_asked, response) =>
    sendJson(response, 404, { type: 'x', title: 'T', detail: 'no \u001b[2J\u009b session' }),
  )
  const { err } = await act(api.url, getSessions)
  for (const steering of ['\u001b', '\u009b']) assert.ok(!err.includes(steering), JSON.stringify(err))
})

test('a broker that is not there is named, with what to do', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  assert.ok(typeof address === 'object' && address !== null)
  const url = `http://127.0.0.1:${address.port}`
  const { code, err } = await act(url, getSessions)
  assert.equal(code, 6)
  assert.equal(
    err,
    `No broker can be reached at ${url}: nothing listens there. Name another one with --url or HOLDFAST_URL.\n`,
  )
})

test('a connection that is cut before or amid the answer is no answer', async () => {
  for (const cut of ['before', 'amid'] as const) {
    const api = await fakeApi((_asked, response) => {
      if (cut === 'before') response.destroy()
      else response.writeHead(200, { 'content-length': 100 }).write('{"data":', () => response.destroy())
    })
    const { code, err, out } = await act(api.url, getSessions)
    assert.deepEqual([code, out], [6, ''], cut)
    assert.match(err, /the connection was cut|terminated/)
  }
})

test('somebody else who answers there is not taken for a broker', async () => {
  const answers = [
    [200, 'text/html', '<!doctype html>'],
    [502, 'text/html', 'Bad gateway'],
    [404, 'application/json', '{"error":"not found"}'],
  ] as const
  for (const [status, type, text] of answers) {
    const api = await fakeApi((_asked, response) =>
      response.writeHead(status, { 'content-type': type }).end(text),
    )
    const { code, err } = await act(api.url, getSessions)
    assert.equal(code, 1)
    assert.match(err, new RegExp(`status ${status} and ${type}`))
    assert.ok(!err.includes(text))
  }
})

test('the key goes nowhere that a redirection says', async () => {
  const elsewhere = await fakeApi((_asked, response) => sendJson(response, 200, {}))
  const api = await fakeApi((_asked, response) => response.writeHead(302, { location: elsewhere.url }).end())
  const { code, err } = await act(api.url, getSessions, { environment: { HOLDFAST_API_KEY: 'bk_secret' } })
  assert.equal(code, 1)
  assert.ok(err.includes(elsewhere.url))
  assert.equal(elsewhere.asked.length, 0)
})

test('a list is read page by page, until there are enough rows', async () => {
  const api = await fakeApi(({ url }, response) => {
    const query = new URL(url, 'http://x').searchParams
    const from = Number(query.get('cursor') ?? 0)
    const rows = Array.from({ length: Math.min(2, Number(query.get('limit'))) }, (_, index) => from + index)
    sendJson(response, 200, { data: rows, page: { next: String(from + 2), hasMore: from < 4, total: 6 } })
  })
  await act(api.url, async ({ api: client }) => {
    assert.deepEqual(await client.list('/a', {}, 3), { rows: [0, 1, 2], total: 6, hasMore: true })
    assert.deepEqual(await client.list('/a', {}, 100), { rows: [0, 1, 2, 3, 4, 5], total: 6, hasMore: false })
    const rows: unknown[] = []
    for await (const row of client.rows('/a', {})) rows.push(row)
    assert.deepEqual(rows, [0, 1, 2, 3, 4, 5])
  })
})

test('events are read as they come, wherever the stream is cut, and an end is an end', async () => {
  const api = await fakeApi((_asked, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const text = ': hello\nid: e1-1\nevent: a\ndata: {"x":\ndata: "é"}\n\n: heartbeat\n\ndata: two\r\n\r\n'
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 3) response.write(bytes.subarray(at, at + 3))
    response.end()
  })
  const { code } = await act(api.url, async ({ api: client }) => {
    const events: unknown[] = []
    const signal = new AbortController().signal
    for await (const event of client.events('/events/stream', {}, { lastEventId: 'e1-0', signal }))
      events.push(event)
    assert.deepEqual(events, [
      { id: 'e1-1', event: 'a', data: '{"x":\n"é"}' },
      { id: 'e1-1', event: 'message', data: 'two' },
    ])
  })
  assert.equal(code, 0)
  assert.equal(api.asked[0]?.headers['last-event-id'], 'e1-0')
})

test('a key over plain HTTP to another machine is warned of', async () => {
  const environment = { HOLDFAST_API_KEY: 'bk_secret' }
  const { err } = await act('http://mqtt.invalid:8080', async () => undefined, { environment })
  assert.match(err, /mqtt\.invalid:8080 unencrypted/)
  for (const [url, given] of [
    ['http://127.0.0.1:1', environment],
    ['http://[::1]:1', environment],
    ['https://mqtt.invalid', environment],
    ['http://mqtt.invalid', {}],
  ] as const) {
    assert.equal((await act(url, async () => undefined, { environment: given })).err, '', url)
  }
})
