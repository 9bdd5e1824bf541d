// Who gets in: the first admin, logins and their end, guessing, pages of other sites, keys, users.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AdminClient,
  cookieOf,
  logIn,
  PASSWORD,
  sameOrigin,
  setUp,
  withKey,
} from '../../harness/admin-client.ts'
import { InProcessBroker, inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { cli, temporaryDirectory } from '../../harness/store-files.ts'

const broker = inProcessBrokerForFile()
let admin: AdminClient | undefined

/** The first admin of the file's broker. */
async function root(): Promise<AdminClient> {
  admin ??= await setUp(broker)
  return admin
}

async function userIn(role: string, name = `user ${Math.random()}`): Promise<{ id: string; name: string }> {
  const answer = await (await root()).post('/users', { name, password: PASSWORD, role })
  assert.equal(answer.status, 201, answer.text)
  return answer.body
}

test('the set-up link makes the first admin, once', async () => {
  const link = broker.running.setupLink
  assert.match(link ?? '', /^http:\/\/127\.0\.0\.1:\d+\/setup#token=[\w-]{43}$/)
  const anonymous = new AdminClient(broker.httpUrl)
  const wrong = await anonymous.post('/auth/setup', { token: 'x', name: 'root', password: PASSWORD })
  assert.deepEqual([wrong.status, wrong.body.type], [401, 'urn:holdfast:problem:setup-refused'])
  const me = await (await root()).get('/auth/me')
  assert.deepEqual([me.status, me.body.name, me.body.role], [200, 'root', 'admin'])
  const token = new URL(link ?? '').hash.slice('#token='.length)
  assert.equal((await anonymous.post('/auth/setup', { token, name: 'b', password: PASSWORD })).status, 401)
})

test('nobody else gets in', async () => {
  const anonymous = new AdminClient(broker.httpUrl)
  for (const headers of [
    {},
    { authorization: 'Bearer hf_x' },
    { authorization: 'Basic cm9vdDpyb290' },
    { cookie: 'holdfast=x' },
  ]) {
    const answer = await anonymous.get('/broker', headers as Record<string, string>)
    assert.deepEqual([answer.status, answer.body.type], [401, 'urn:holdfast:problem:not-authenticated'])
  }
})

test('the cookie is out of reach of scripts and other sites, and Secure behind https', async () => {
  await root()
  const anonymous = new AdminClient(broker.httpUrl)
  const plain = await anonymous.post('/auth/login', { name: 'root', password: PASSWORD }, sameOrigin)
  assert.match(
    plain.headers.get('set-cookie') ?? '',
    /^holdfast=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
  )
  const https = { ...sameOrigin, 'x-forwarded-proto': 'https' }
  const secure = await anonymous.post('/auth/login', { name: 'root', password: PASSWORD }, https)
  assert.match(secure.headers.get('set-cookie') ?? '', /^__Host-holdfast=[\w-]{43}; .*; Secure$/)
  const cookie = cookieOf(secure.headers)
  assert.equal((await anonymous.get('/auth/me', { cookie, 'x-forwarded-proto': 'https' })).status, 200)
})

test('a wrong name and a wrong password are told apart by nobody', async () => {
  await root()
  const anonymous = new AdminClient(broker.httpUrl)
  const wrong = async (name: string) => {
    const { status, body } = await anonymous.post('/auth/login', { name, password: 'wrong password' })
    const { instance: _where, requestId: _id, ...rest } = body
    return { status, rest }
  }
  const known = await wrong('root')
  assert.equal(known.status, 401)
  assert.deepEqual(await wrong('nobody'), known)
})

test('who guesses five times is not heard for ten minutes, even with the right password', async () => {
  const { name } = await userIn('viewer')
  const anonymous = new AdminClient(broker.httpUrl)
  const tries = await Promise.all(
    Array.from({ length: 8 }, () => anonymous.post('/auth/login', { name, password: 'wrong password' })),
  )
  assert.deepEqual(tries.map(one => one.status).sort(), [401, 401, 401, 401, 401, 429, 429, 429])
  const right = await anonymous.post('/auth/login', { name, password: PASSWORD })
  assert.equal(right.status, 429)
  assert.ok(Number(right.headers.get('retry-after')) > 590)
  assert.equal((await anonymous.post('/auth/login', { name: 'root', password: PASSWORD })).status, 200)
})

const foreign = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'none' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  {},
] as const

for (const headers of foreign) {
  test(`a page elsewhere cannot act with somebody's cookie: ${JSON.stringify(headers)}`, async () => {
    const cookie = await cookieFor('root')
    const visitor = new AdminClient(broker.httpUrl, { cookie })
    const answer = await visitor.ask('POST', '/auth/logout', { headers })
    assert.deepEqual([answer.status, answer.body.type], [403, 'urn:holdfast:problem:cross-site'])
    assert.equal((await visitor.get('/auth/me', headers as Record<string, string>)).status, 200)
  })
}

test('without Fetch Metadata the exact Origin is enough', async () => {
  const cookie = await cookieFor('root')
  const visitor = new AdminClient(broker.httpUrl, { cookie })
  assert.equal((await visitor.post('/auth/logout', undefined, { origin: broker.httpUrl })).status, 204)
  assert.equal((await visitor.get('/auth/me')).status, 401)
})

test('nobody is logged in by a page of another site', async () => {
  await root()
  const anonymous = new AdminClient(broker.httpUrl)
  const answer = await anonymous.post(
    '/auth/login',
    { name: 'root', password: PASSWORD },
    { origin: 'https://evil.example' },
  )
  assert.equal(answer.status, 403)
})

async function cookieFor(name: string): Promise<string> {
  await root()
  const answer = await new AdminClient(broker.httpUrl).post('/auth/login', { name, password: PASSWORD })
  return cookieOf(answer.headers)
}

test('a key gets in with its role until it is deleted, and a new secret ends the old one', async () => {
  const admin = await root()
  const made = await admin.post('/keys', { name: 'report', role: 'viewer', clientIdPrefix: 'web-' })
  assert.equal(made.status, 201)
  assert.match(made.body.key, /^hf_[\w-]{43}$/)
  assert.ok(made.body.key.startsWith(made.body.record.prefix))
  const { id } = made.body.record
  const script = admin.with({ authorization: `Bearer ${made.body.key}` })
  assert.deepEqual((await script.get('/auth/me')).body.clientIdPrefix, 'web-')
  assert.equal((await script.post('/users', { name: 'x', password: PASSWORD, role: 'admin' })).status, 403)
  const rotated = await admin.post(`/keys/${id}/rotate`)
  assert.equal((await script.get('/auth/me')).status, 401)
  const again = admin.with({ authorization: `Bearer ${rotated.body.key}` })
  assert.equal((await again.get('/auth/me')).status, 200)
  const [listed] = (await admin.get('/keys')).body.data.filter((key: { id: string }) => key.id === id)
  assert.equal(listed.lastUsedFrom, '127.0.0.1')
  assert.ok(!JSON.stringify(listed).includes(rotated.body.key))
  assert.equal((await admin.delete(`/keys/${id}`)).status, 204)
  assert.equal((await again.get('/auth/me')).status, 401)
})

test('users are added, changed and removed, but never oneself and never the last admin', async () => {
  const admin = await root()
  const { id, name } = await userIn('operator')
  assert.equal(
    (await admin.post('/users', { name: name.toUpperCase(), password: PASSWORD, role: 'viewer' })).status,
    409,
  )
  const operator = await logIn(broker.httpUrl, name)
  assert.equal((await operator.get('/users')).status, 403)
  assert.equal((await admin.patch(`/users/${id}`, { role: 'viewer' })).body.role, 'viewer')
  assert.equal((await operator.get('/auth/me')).status, 401, 'another role is another login')
  const me = (await admin.get('/auth/me')).body
  assert.equal((await admin.patch(`/users/${me.id}`, { role: 'viewer' })).status, 409)
  assert.equal((await admin.delete(`/users/${me.id}`)).status, 409)
  assert.equal((await admin.delete(`/users/${id}`)).status, 204)
  assert.equal((await admin.delete(`/users/${id}`)).status, 404)
})

test('a new password logs out all other browsers, and only the right one changes it', async () => {
  const { name, id } = await userIn('viewer')
  const [here, there] = [await logIn(broker.httpUrl, name), await logIn(broker.httpUrl, name)]
  const wrong = await here.post('/auth/password', {
    current: 'wrong password',
    password: 'another one entirely',
  })
  assert.equal(wrong.status, 401)
  assert.equal((await here.get(`/users/${id}/logins`)).body.data.length, 2)
  assert.equal(
    (await here.post('/auth/password', { current: PASSWORD, password: 'another one entirely' })).status,
    204,
  )
  assert.deepEqual([(await here.get('/auth/me')).status, (await there.get('/auth/me')).status], [200, 401])
  assert.equal((await here.get(`/users/${id}/logins`)).body.data.length, 1)
})

test('one sees and ends the own logins, and only an admin those of others', async () => {
  const { name, id } = await userIn('viewer')
  const [here, there] = [await logIn(broker.httpUrl, name), await logIn(broker.httpUrl, name)]
  const logins: { id: string; current: boolean }[] = (await here.get(`/users/${id}/logins`)).body.data
  const other = logins.find(one => !one.current)
  const stranger = await logIn(broker.httpUrl, (await userIn('operator')).name)
  assert.equal((await stranger.get(`/users/${id}/logins`)).status, 404)
  assert.equal((await stranger.delete(`/users/${id}/logins/${other?.id}`)).status, 404)
  assert.equal((await here.delete(`/users/${id}/logins/${other?.id}`)).status, 204)
  assert.equal((await there.get('/auth/me')).status, 401)
})

test('no password, key or cookie stands in a log or in an answer that is not meant to hold it', async () => {
  const admin = await root()
  const key = await withKey(admin, { role: 'viewer' })
  await key.get('/broker')
  await new AdminClient(broker.httpUrl).post('/auth/login', { name: 'root', password: 'canary-password-1' })
  const lists = [await admin.get('/users'), await admin.get('/keys'), await admin.get('/auth/me')]
  const seen = [...broker.logs, ...lists.map(one => one.text)].join('\n')
  for (const secret of [PASSWORD, 'canary-password-1', 'scrypt', 'Bearer'])
    assert.ok(!seen.includes(secret), secret)
  assert.doesNotMatch(seen, /hf_[\w-]{43}/)
})

test('users and logins are there after a restart, and no set-up link is offered any more', async () => {
  const own = new InProcessBroker({ store: 'embedded', 'data-dir': temporaryDirectory() }, {})
  await own.start()
  const first = await setUp(own, 'ana')
  await own.stop()
  await own.start()
  assert.equal(own.running.setupLink, undefined)
  const { status, body } = await new AdminClient(own.httpUrl).get('/auth/me', {
    cookie: cookieHeaderOf(first),
  })
  assert.deepEqual([status, body?.name], [200, 'ana'])
  await own.stop()
})

function cookieHeaderOf(client: AdminClient): string {
  return client.headers['cookie'] ?? ''
}

test('`holdfast setup-link` prints another link while the broker runs, and says when none does', async () => {
  const directory = temporaryDirectory()
  const own = new InProcessBroker({ store: 'embedded', 'data-dir': directory }, {})
  await own.start()
  await setUp(own, 'ana')
  const printed = await cli('setup-link', '--data-dir', directory)
  assert.equal(printed.code, 0, printed.err)
  const token = new URL(printed.out.trim()).hash.slice('#token='.length)
  const password = 'a new one for who forgot'
  const answer = await new AdminClient(own.httpUrl).post('/auth/setup', { token, name: 'ana', password })
  assert.deepEqual([answer.status, answer.body.role], [200, 'admin'])
  assert.equal((await (await logIn(own.httpUrl, 'ana', password)).get('/users')).body.data.length, 1)
  await own.stop()
  const without = await cli('setup-link', '--data-dir', directory)
  assert.deepEqual([without.code, without.out], [1, ''])
  assert.match(without.err, /There is no link: no broker answers at control\.sock/)
})

test("in read-only mode one still keeps one's own account safe, and changes nothing else", async () => {
  const readOnly = new InProcessBroker({ 'admin-read-only': true }, {})
  await readOnly.start()
  try {
    const here = await setUp(readOnly)
    await logIn(readOnly.httpUrl, 'root')
    const { id } = (await here.get('/auth/me')).body
    const { data } = (await here.get(`/users/${id}/logins`)).body
    const other = data.find((login: { current: boolean }) => !login.current)
    assert.equal((await here.delete(`/users/${id}/logins/${other.id}`)).status, 204)
    const changed = await here.post('/auth/password', { current: PASSWORD, password: 'another good one' })
    assert.equal(changed.status, 204, changed.text)
    const refused = await here.post('/keys', { name: 'k', role: 'viewer' })
    assert.deepEqual([refused.status, refused.body.type], [403, 'urn:holdfast:problem:read-only'])
  } finally {
    await readOnly.stop()
  }
})
