// Users, logins, keys and the limit on guessing, on a side database in memory and on disk.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { defineAccountTables } from '../../../../server/admin/auth/account-tables.ts'
import { Keys } from '../../../../server/admin/auth/keys.ts'
import { LoginLimit } from '../../../../server/admin/auth/login-limit.ts'
import { Logins } from '../../../../server/admin/auth/logins.ts'
import { Passwords } from '../../../../server/admin/auth/passwords.ts'
import { Users } from '../../../../server/admin/auth/users.ts'
import { openSide, type SideDatabase } from '../../../../server/store/side/side-database.ts'
import { temporaryDirectory } from '../../../harness/store-files.ts'

const NOW = 1_800_000_000_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const times = { idleMs: 12 * HOUR, ageMs: 30 * 24 * HOUR }
const from = { address: '10.1.2.3', userAgent: 'Chromium' }

async function open(directory?: string): Promise<SideDatabase> {
  const side = await openSide({ dataDirectory: directory, fatal: message => assert.fail(message) })
  after(() => side.close())
  await defineAccountTables(side)
  return side
}

async function usersIn(side: SideDatabase): Promise<Users> {
  const users = new Users(side)
  await users.open()
  return users
}

function user(name: string, role: 'admin' | 'operator' | 'viewer') {
  return { name, role, grants: [], passwordHash: 'hash' }
}

test('a password is recognised, and nothing else is', async () => {
  const passwords = new Passwords()
  const stored = await passwords.hash('correct horse')
  assert.match(stored, /^\$scrypt\$N=32768\$/)
  assert.equal(await passwords.verify('correct horse', stored), 'right')
  assert.equal(await passwords.verify('correct horsf', stored), 'wrong')
  assert.equal(await passwords.verify('correct horse', undefined), 'wrong')
  assert.notEqual(await passwords.hash('correct horse'), stored)
})

test('of a crowd, those who would have to wait too long are sent away, and the rest is served', async () => {
  const passwords = new Passwords(3)
  const stored = await passwords.hash('x')
  const verdicts = await Promise.all(Array.from({ length: 8 }, () => passwords.verify('x', stored)))
  assert.deepEqual(verdicts, ['right', 'right', 'right', 'right', 'right', 'busy', 'busy', 'busy'])
  assert.equal(await passwords.verify('x', stored), 'right')
})

test('there is always an admin, and no two names that look alike', async () => {
  const users = await usersIn(await open())
  const ana = await users.add(user('Ana', 'admin'), NOW)
  assert.ok(typeof ana === 'object')
  assert.equal(await users.add(user('ana', 'viewer'), NOW), 'name-taken')
  assert.equal(await users.add(user('ＡＮＡ', 'viewer'), NOW), 'name-taken')
  assert.equal(await users.remove(ana.id), 'last-admin')
  assert.equal(await users.change(ana.id, { role: 'viewer' }), 'last-admin')
  const bo = await users.add(user('__proto__', 'admin'), NOW)
  assert.ok(typeof bo === 'object')
  assert.equal(users.find('__proto__')?.id, bo.id)
  assert.ok(typeof (await users.remove(ana.id)) === 'object')
  assert.equal(users.find('Ana'), undefined)
})

test('two who ask for one name at the same time do not both get it', async () => {
  const users = await usersIn(await open())
  const both = await Promise.all([users.add(user('x', 'admin'), NOW), users.add(user('x', 'admin'), NOW)])
  assert.equal(both.filter(one => one === 'name-taken').length, 1)
})

test('users, logins and keys are there after a restart', async () => {
  const directory = temporaryDirectory()
  const first = await open(directory)
  const users = await usersIn(first)
  const ana = await users.add({ ...user('Ana', 'operator'), grants: ['payload:read'] }, NOW)
  assert.ok(typeof ana === 'object')
  const logins = new Logins(first, () => times)
  const { secret } = await logins.begin(ana.id, from, NOW)
  const keys = new Keys(first)
  const given = { name: 'nightly', role: 'viewer', grants: [], createdBy: 'Ana' } as const
  const made = await keys.add({ ...given, clientIdPrefix: 'web-', expiresAt: NOW + HOUR }, NOW)
  assert.ok(typeof made === 'object')
  await first.close()

  const second = await open(directory)
  const again = await usersIn(second)
  assert.deepEqual(again.all(), [ana])
  const loginsAgain = new Logins(second, () => times)
  await loginsAgain.open()
  assert.equal(loginsAgain.find(secret, NOW + MINUTE)?.userId, ana.id)
  const keysAgain = new Keys(second)
  await keysAgain.open()
  assert.equal(keysAgain.use(made.key, '::1', NOW + MINUTE)?.clientIdPrefix, 'web-')
  assert.equal(keysAgain.use(made.key, '::1', NOW + HOUR), undefined)
  const kept = JSON.stringify([
    await second.read('SELECT * FROM login'),
    await second.read('SELECT * FROM api_key'),
  ])
  assert.ok(!kept.includes(secret) && !kept.includes(made.key), 'only hashes are kept')
})

test('a login ends by idleness, by age, and when it is taken away', async () => {
  const logins = new Logins(await open(), () => times)
  const { login, secret } = await logins.begin('u', from, NOW)
  assert.ok(logins.find(secret, NOW + 12 * HOUR))
  assert.equal(logins.find(secret, NOW + 24 * HOUR + 1), undefined)
  for (let hour = 12; hour < 30 * 24; hour += 12) assert.ok(logins.find(secret, NOW + hour * HOUR), `${hour}`)
  assert.equal(logins.find(secret, NOW + 30 * 24 * HOUR + 1), undefined)
  const other = await logins.begin('u', from, NOW)
  await logins.endAll('u', other.login.id)
  assert.equal(logins.get(login.id), undefined)
  assert.ok(logins.find(other.secret, NOW))
  await logins.end(other.login.id)
  assert.equal(logins.find(other.secret, NOW), undefined)
})

test('a key that is made anew has another secret at once', async () => {
  const keys = new Keys(await open())
  const given = {
    role: 'viewer',
    grants: [],
    createdBy: 'Ana',
    clientIdPrefix: undefined,
    expiresAt: undefined,
  } as const
  const made = await keys.add({ ...given, name: 'k' }, NOW)
  assert.ok(typeof made === 'object')
  assert.equal(await keys.add({ ...given, name: 'k' }, NOW), 'name-taken')
  const rotated = await keys.rotate(made.record.id)
  assert.ok(rotated)
  assert.equal(keys.use(made.key, '::1', NOW), undefined)
  assert.equal(keys.use(rotated.key, '::1', NOW)?.id, made.record.id)
  await keys.remove(made.record.id)
  assert.equal(keys.use(rotated.key, '::1', NOW), undefined)
})

test('after five wrong passwords nobody is heard from that address under that name, and others are', () => {
  const limit = new LoginLimit()
  for (let tries = 0; tries < 5; tries++) assert.equal(limit.begin('10.0.0.1', 'ana', NOW), 0)
  assert.equal(limit.begin('10.0.0.1', 'ana', NOW), 10 * MINUTE)
  assert.equal(limit.begin('10.0.0.1', 'ana', NOW + 9 * MINUTE), MINUTE)
  assert.equal(limit.begin('10.0.0.2', 'ana', NOW), 0)
  assert.equal(limit.begin('10.0.0.1', 'bo', NOW), 0)
  assert.equal(limit.begin('10.0.0.1', 'ana', NOW + 10 * MINUTE), 0)
})

test('who logs in is not counted, and a list of names from one address is', () => {
  const limit = new LoginLimit()
  for (let round = 0; round < 100; round++) {
    assert.equal(limit.begin('10.0.0.1', 'ana', NOW), 0)
    limit.succeeded('10.0.0.1', 'ana')
  }
  let heard = 0
  while (limit.begin('10.0.0.1', `name ${heard}`, NOW) === 0) heard++
  assert.equal(heard, 50)
})
