// `holdfast topics`, `retained`, `events`, `conflicts` and `audit` against a broker with real clients.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile()
const holdfast = adminCliForFile(broker)

test('who would get a message, and who would not', async () => {
  await subscribeAndLeave(broker, 'away', 'orders/+/status', 1)
  await resume(broker, 'here').then(client => client.subscribe('orders/#', 0))
  const out = await holdfast.done('topics', 'match', 'orders/1/status')
  assert.match(out, /^A message of orders\/1\/status now: 1 delivered, 1 queued, 0 lost, 0 refused\.$/m)
  assert.match(out, /^away +offline +1 +queued +orders\/\+\/status /m)
  assert.match(out, /^here +online +0 +delivered +orders\/# /m)
  const [match] = await holdfast.json('topics', 'match', 'orders/1/status', '--qos=0')
  assert.equal(match.qos, 0)
  assert.equal((await holdfast.run(['topics', 'match', 'orders/#'])).code, 2)
})

test('retained messages are listed by topic filter', async () => {
  const publisher = await RawClient.connected(broker, { clientId: 'config' })
  await publisher.publish({ topic: 'config/a b', payload: 'x'.repeat(2_048), qos: 1, retain: true })
  await publisher.publish({ topic: 'other', payload: 'x', qos: 1, retain: true })
  const out = await holdfast.done('retained', 'list', '--filter', 'config/#')
  assert.match(out, /^config\/a b +1 +2 KiB +(now|\d+ s ago) +never +config$/m)
  assert.doesNotMatch(out, /^other/m)
  const none = await holdfast.run(['retained', 'list', '--filter', 'none/#'])
  assert.deepEqual(none, { code: 0, out: '', err: 'No retained message.\n' })
})

test('events are listed, by kind too, and a kind that is none is named', async () => {
  await resume(broker, 'shown')
  const rows = await holdfast.json('events', '--kind', 'connect,created')
  assert.ok(rows.some(({ kind, clientId }) => kind === 'connect' && clientId === 'shown'))
  assert.ok(rows.every(({ kind }) => kind === 'connect' || kind === 'created'))
  assert.match(await holdfast.done('events', '--kind', 'connect'), /connect +shown +Connected with MQTT 5,/)
  const wrong = await holdfast.run(['events', '--kind', 'conect'])
  assert.deepEqual([wrong.code, wrong.err], [2, 'There are no events "conect". Did you mean connect?\n'])
})

test('conflicts name the client id, and one of them names who fights', async () => {
  for (let times = 0; times < 6; times++) await resume(broker, 'contested id/#')
  assert.match(await holdfast.done('conflicts'), /^contested id\/# +yes +5 +5 /m)
  const one = await holdfast.done('conflicts', 'contested id/#')
  assert.match(one, /^Goes on +yes, 5 a minute$/m)
  assert.match(one, /127\.0\.0\.1:\d+ +tcp/)
  assert.equal((await holdfast.run(['conflicts', 'nobody'])).code, 3)
  assert.equal((await holdfast.run(['conflicts', '--window', '2d'])).code, 2)
  const others = await holdfast.json('conflicts', '--window', '1h')
  assert.deepEqual(
    others.map(({ clientId }) => clientId),
    ['contested id/#'],
  )
})

test('the audit is listed, exported and verified', async () => {
  await holdfast.done('keys', 'create', 'audited', '--role=viewer', '--reason', 'try ✓')
  const listed = await holdfast.done('audit', 'list', '--verb', 'key.add', '--limit', '1')
  assert.match(listed, /^ *\d+ .*key\.add +audited +done +try ✓/m)
  const [record] = await holdfast.json('audit', 'list', '--target', 'audited')
  assert.equal(record.reason, 'try ✓')
  const all = (await holdfast.done('audit', 'export', '--verb', 'key')).trim().split('\n')
  assert.ok(all.some(line => JSON.parse(line).target === 'audited'))
  assert.match(
    await holdfast.done('audit', 'verify'),
    /^The audit is whole: \d+ records\.\nThe last one is \d+/,
  )
})

test('events are narrowed to who did them, and to a time', async () => {
  await subscribeAndLeave(broker, 'narrowed', 'narrowed', 1)
  const before = new Date(Date.now() - 3_600_000).toISOString()
  const later = new Date(Date.now() + 3_600_000).toISOString()
  await holdfast.done('sessions', 'hold', 'narrowed', '--for', '1m')
  await holdfast.done('sessions', 'release', 'narrowed')
  const by = await holdfast.json('events', '--actor', 'command line', '--limit', 'all')
  assert.deepEqual(
    by.filter(({ clientId }) => clientId === 'narrowed').map(({ kind }) => kind),
    ['hold.released', 'hold'],
  )
  assert.ok(by.every(({ actor }) => actor === 'command line'))
  const count = async (...argv: readonly string[]) => (await holdfast.json('events', ...argv)).length
  assert.equal(await count('--actor', 'nobody'), 0)
  assert.equal(await count('--to', before), 0)
  assert.equal(await count('--from', later), 0)
  assert.ok((await count('--from', before, '--to', later)) > 0)
  const wrong = await holdfast.run(['events', '--from', 'yesterday'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /--from must be a time such as/)
})

test('the audit is narrowed in the same way', async () => {
  await holdfast.done('keys', 'create', 'narrow', '--role=viewer')
  const verbs = async (...argv: readonly string[]) =>
    (await holdfast.json('audit', 'list', '--verb=key.add', '--target=narrow', ...argv)).length
  const [before, later] = [-3_600_000, 3_600_000].map(ms => new Date(Date.now() + ms).toISOString())
  assert.equal(await verbs('--actor', 'command line'), 1)
  assert.equal(await verbs('--actor', 'root'), 0)
  assert.equal(await verbs(`--from=${before}`, `--to=${later}`), 1)
  assert.equal(await verbs(`--to=${before}`), 0)
  assert.equal(await verbs(`--from=${later}`), 0)
})
