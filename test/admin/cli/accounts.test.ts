// `holdfast users` and `holdfast keys` against a broker.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { logIn, PASSWORD } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { temporaryDirectory } from '../../harness/store-files.ts'

const broker = inProcessBrokerForFile()
const holdfast = adminCliForFile(broker)

function passwordFile(text: string): string {
  const path = join(temporaryDirectory(), 'password')
  writeFileSync(path, text)
  return path
}

test('a user who is added with a typed password may log in', async () => {
  const typed = [PASSWORD, PASSWORD]
  const added = await holdfast.run(['users', 'add', 'ana', '--role', 'operator'], { typed })
  assert.deepEqual(added, {
    code: 0,
    out: 'ana may log in now, as operator.\n',
    err: 'Password of ana: Once more: ',
  })
  assert.equal((await (await logIn(broker.httpUrl, 'ana')).get('/auth/me')).body.role, 'operator')
  assert.match(
    await holdfast.done('users', 'list'),
    /^ana +operator +- +1 +(now|\d+ s ago) +(now|\d+ s ago)$/m,
  )
})

test('two passwords that differ, none, or nobody to be asked: nothing is done', async () => {
  for (const [typed, code] of [
    [[PASSWORD, `${PASSWORD}!`], 4],
    [[''], 4],
    [[], 4],
    [undefined, 2],
  ] as const) {
    const options = typed === undefined ? {} : { typed }
    assert.equal((await holdfast.run(['users', 'add', 'bo', '--role', 'viewer'], options)).code, code)
  }
  assert.doesNotMatch(await holdfast.done('users', 'list'), /^bo/m)
})

test('a user is changed and removed by name, and the last admin stays', async () => {
  const file = passwordFile(`${PASSWORD}\nsecond line\n`)
  await holdfast.done('users', 'add', 'eve', '--role=viewer', '--password-file', file)
  const changed = await holdfast.json('users', 'change', 'eve', '--role=admin', '--grants=payload:read')
  assert.deepEqual([changed[0].role, changed[0].grants], ['admin', ['payload:read']])
  await holdfast.done('users', 'change', 'eve', '--password-file', passwordFile('another long password'))
  await logIn(broker.httpUrl, 'eve', 'another long password')
  await holdfast.done('users', 'remove', 'eve', '--reason', 'left ✓')
  assert.equal((await holdfast.run(['users', 'remove', 'eve'])).code, 3)
  const last = await holdfast.run(['users', 'change', 'root', '--role=viewer'])
  assert.deepEqual([last.code, last.out], [4, ''])
  assert.match(last.err, /Nobody else is an admin/)
})

test('what users need is asked for before the broker is', async () => {
  for (const [argv, pattern] of [
    [['users', 'add'], /Name the NAME/],
    [['users', 'add', 'zoe'], /--role/],
    [['users', 'add', 'zoe', '--role=chef'], /one of viewer, operator, admin/],
    [['users', 'add', 'zoe', '--role=viewer', '--grants=payload'], /payload:read, publish:test, or none/],
    [['users', 'change', 'ana'], /what is to change/],
  ] as const) {
    const { code, err } = await holdfast.run(argv)
    assert.equal(code, 2, err)
    assert.match(err, pattern)
  }
})

test('a key is printed alone, works, is rotated and deleted', async () => {
  const argv = ['keys', 'create', 'nightly', '--role=viewer', '--client-id-prefix=web-', '--expires=90d']
  const made = await holdfast.run(argv)
  assert.equal(made.code, 0, made.err)
  assert.match(made.out, /^\S+\n$/)
  assert.match(made.err, /only time.*nightly.*ends in (89|90) d/)
  const asKey = (key: string, ...words: readonly string[]) =>
    holdfast.run(words, { environment: { HOLDFAST_API_KEY: key } })
  const first = made.out.trim()
  assert.match((await asKey(first, 'keys', 'list')).err, /role admin/)
  assert.match(await holdfast.done('keys', 'list'), /^nightly +\S+\.\.\. +viewer +- +web-\* +in (89|90) d/m)
  const second = (await holdfast.done('keys', 'rotate', 'nightly')).trim()
  assert.notEqual(second, first)
  assert.match((await asKey(first, 'keys', 'list')).err, /Give an API key/)
  assert.equal((await asKey(second, 'keys', 'list')).code, 5)
  await holdfast.done('keys', 'delete', 'nightly')
  assert.match((await asKey(second, 'keys', 'list')).err, /Give an API key/)
  assert.equal((await holdfast.run(['keys', 'delete', 'nightly'])).code, 3)
})

test('when a key ends is how long or when, and lies ahead', async () => {
  for (const when of ['soon', '90 days', '2020-01-01T00:00:00Z']) {
    const { code, err } = await holdfast.run(['keys', 'create', 'k', '--role=viewer', `--expires=${when}`])
    assert.equal(code, 2, err)
  }
  const [made] = await holdfast.json('keys', 'create', 'k', '--role=viewer', '--expires=2100-01-01')
  assert.equal(made.record.expiresAt, '2100-01-01T00:00:00.000Z')
})
