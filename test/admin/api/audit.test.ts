// The audit over HTTP: what is recorded of whom, what is not, and what becomes of acts that cannot be recorded.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { Check } from 'typebox/value'
import { auditRecordSchema } from '../../../shared/audit.ts'
import { AdminClient, PASSWORD, sameOrigin, setUp, withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'

const broker = inProcessBrokerForFile()
let admin: AdminClient | undefined

async function root(): Promise<AdminClient> {
  admin ??= await setUp(broker)
  return admin
}

async function records(query: string) {
  const answer = await (await root()).get(`/audit?${query}`)
  assert.equal(answer.status, 200, answer.text)
  for (const record of answer.body.data) assert.ok(Check(auditRecordSchema, record), JSON.stringify(record))
  return answer.body.data
}

test('an act is recorded before it is answered: who, what, why, from where, under which request', async () => {
  const headers = { 'x-reason': encodeURIComponent('neue Kollegin, Gruß') }
  const body = { name: 'audit-eva', password: PASSWORD, role: 'operator' }
  const answer = await (await root()).post('/users', body, headers)
  assert.equal(answer.status, 201)
  const [record] = await records('target=audit-eva')
  assert.deepEqual(record.actor, { kind: 'user', name: 'root', role: 'admin' })
  assert.deepEqual(
    [record.verb, record.result, record.reason, record.requestId],
    ['user.add', 'done', 'neue Kollegin, Gruß', answer.headers.get('x-request-id')],
  )
  assert.match(record.address, /127\.0\.0\.1/)
})

test('an act of a client that does not wait for the answer is recorded with its address', async () => {
  const { headers } = await root()
  const body = JSON.stringify({ name: 'audit-gone', password: PASSWORD, role: 'viewer' })
  const given = { ...headers, 'content-type': 'application/json', 'content-length': `${body.length}` }
  const lines = Object.entries({ host: broker.host, ...given }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const socket = connect(Number(new URL(broker.httpUrl).port), broker.host)
  // A password takes tens of milliseconds to be hashed: the connection has ended long before.
  socket.write(`POST /api/v1/users HTTP/1.1\r\n${lines.join('')}\r\n${body}`, () => socket.destroy())
  await once(socket, 'close')
  let found: readonly { readonly address: string; readonly result: string }[] = []
  for (let tries = 0; tries < 100 && found.length === 0; tries++) {
    await new Promise(resolve => setTimeout(resolve, 50))
    found = await records('target=audit-gone')
  }
  assert.deepEqual([found[0]?.result, found[0]?.address], ['done', '127.0.0.1'])
})

test('a reason that is too long, or not well-formed, is refused and nothing is done', async () => {
  const before = (await (await root()).get('/users')).body.data.length
  for (const reason of ['x'.repeat(501), '%ff', 'a%07b']) {
    const body = { name: 'never', password: PASSWORD, role: 'viewer' }
    const answer = await (await root()).post('/users', body, { 'x-reason': reason })
    assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '/headers/x-reason'], reason)
  }
  assert.equal((await (await root()).get('/users')).body.data.length, before)
})

test('logging in and failing to are recorded, but not what was typed where no such user is', async () => {
  const stranger = new AdminClient(broker.httpUrl, sameOrigin)
  await root()
  await stranger.post('/auth/login', { name: 'hunter2-typed-here', password: 'x' })
  await stranger.post('/auth/login', { name: 'ROOT', password: 'wrong password' })
  const [known, unknown] = await records('verb=access.login&result=refused')
  assert.deepEqual([known.target, known.actor.kind, known.detail.problem], ['root', 'none', 'login-refused'])
  assert.equal(unknown.target, '')
  await stranger.post('/auth/login', { name: 'root', password: PASSWORD })
  const [done] = await records('verb=access.login&result=done')
  assert.deepEqual(done.actor, { kind: 'user', name: 'root', role: 'admin' })
})

test('an act that is not allowed is recorded, a mistake in form is not', async () => {
  const viewer = await withKey(await root(), { role: 'viewer' })
  const body = { name: 'by-viewer', password: PASSWORD, role: 'admin' }
  assert.equal((await viewer.post('/users', body)).status, 403)
  const [record] = await records('verb=user.add&result=refused')
  assert.deepEqual([record.actor.kind, record.detail.problem], ['key', 'forbidden'])
  const count = (await records('verb=user.add')).length
  assert.equal((await (await root()).post('/users', { nonsense: true })).status, 400)
  assert.equal((await records('verb=user.add')).length, count)
})

test('a flood of refusals is counted, not listed', async () => {
  const viewer = await withKey(await root(), { role: 'viewer' })
  const before = (await records('verb=key.remove&limit=1000')).length
  for (let count = 0; count < 30; count++) assert.equal((await viewer.delete('/keys/flood')).status, 403)
  const single = (await records('verb=key.remove&limit=1000')).length - before
  const [summary] = await records('verb=audit.refusals')
  assert.ok(single <= 10, `${single} records of its own`)
  assert.equal(single + summary.detail.count, 30)
})

test('neither passwords nor keys nor cookies stand in the audit, the log or any answer about them', async () => {
  const client = await root()
  const made = await client.post('/keys', { name: 'canary', role: 'viewer' })
  const { key } = made.body
  const rotated = await client.post(`/keys/${made.body.record.id}/rotate`)
  const password = 'canary password 4711'
  const user = await client.post('/users', { name: 'canary-user', password, role: 'viewer' })
  await client.patch(`/users/${user.body.id}`, { password: `${password}!` })
  const cookie = (client.headers['cookie'] ?? '').split('=')[1] ?? ''
  const told = [
    ...broker.logs,
    (await client.get('/audit:export')).text,
    (await client.get('/keys')).text,
    (await client.get('/users')).text,
    user.text,
  ].join('\n')
  for (const secret of [key, rotated.body.key, password, PASSWORD, cookie]) {
    assert.ok(secret.length > 15)
    assert.ok(!told.includes(secret), secret)
  }
})

test('the export has every record, and is itself recorded', async () => {
  const answer = await (await root()).get('/audit:export?verb=user')
  assert.match(answer.headers.get('content-type') ?? '', /^application\/x-ndjson/)
  const lines = answer.text.trimEnd().split('\n')
  assert.ok(lines.length > 0)
  for (const line of lines) assert.match(JSON.parse(line).verb, /^user\./)
  const [record] = await records('verb=audit.export')
  assert.deepEqual(record.detail, { verb: 'user' })
})

test('pages follow one another without a gap', async () => {
  const all = await records('limit=1000')
  const first = await (await root()).get('/audit?limit=2')
  assert.equal(first.body.page.hasMore, true)
  const second = await (await root()).get(`/audit?limit=2&before=${first.body.page.next}`)
  const sequences = [...first.body.data, ...second.body.data].map(record => record.sequence)
  assert.deepEqual(
    sequences.map(sequence => sequences[0] - sequence),
    [0, 1, 2, 3],
  )
  assert.ok(all.length >= 4)
})

test('the chain is intact, whoever looks; and only admins look', async () => {
  const found = await (await root()).get('/audit:verify')
  assert.equal(found.body.intact, true)
  assert.ok(found.body.records > 5)
  const operator = await withKey(await root(), { role: 'operator' })
  for (const path of ['/audit', '/audit:export', '/audit:verify'])
    assert.equal((await operator.get(path)).status, 403)
})

test('a time that is none is refused', async () => {
  for (const from of ['yesterday', '2026-11-26T23:59:60Z'])
    assert.equal((await (await root()).get(`/audit?from=${from}`)).status, 400)
})
