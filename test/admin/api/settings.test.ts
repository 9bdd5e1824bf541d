// Settings over HTTP: all to see, some to change, kept over restarts, and in force at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SettingView } from '../../../shared/settings.ts'
import { type AdminClient, setUp, withKey } from '../../harness/admin-client.ts'
import { InProcessBroker, inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { temporaryDirectory } from '../../harness/store-files.ts'

const broker = inProcessBrokerForFile({ 'undo-window': '30m' })
let admin: AdminClient | undefined

async function root(): Promise<AdminClient> {
  admin ??= await setUp(broker)
  return admin
}

async function settings(client: AdminClient) {
  const answer = await client.get('/settings')
  assert.equal(answer.status, 200)
  const all = answer.body.data as readonly SettingView[]
  return { tag: answer.headers.get('etag') ?? '', get: (name: string) => all.find(one => one.name === name) }
}

async function change(client: AdminClient, changes: object) {
  return client.patch('/settings', changes, { 'if-match': (await settings(client)).tag })
}

test('each setting says its value and where that comes from', async () => {
  const { get } = await settings(await root())
  const { value, source, configured, where, editable } = get('undo-window') ?? assert.fail()
  assert.deepEqual(
    [value, source, configured, where, editable],
    ['30m', 'flag', '30m', 'flag --undo-window', true],
  )
  assert.deepEqual(
    [get('queue-messages-max')?.source, get('queue-messages-max')?.editable],
    ['default', false],
  )
})

test('a change holds at once, is told with who made it, and can be taken back', async () => {
  const client = await root()
  const { undo } = broker.running.broker.parts
  const changed = await change(client, { 'undo-window': '3600', 'stuck-offline': '2d' })
  assert.equal(changed.status, 200, changed.text)
  const { get } = await settings(client)
  const { value, source, changedBy, configured } = get('undo-window') ?? assert.fail()
  assert.deepEqual([value, source, changedBy, configured], ['1h', 'here', 'root', '30m'])
  assert.equal(undo.limits.windowMs, 3_600_000)
  assert.equal(broker.running.table.stuckRule.offlineMs, 172_800_000)
  assert.equal((await change(client, { 'undo-window': null, 'stuck-offline': null })).status, 200)
  const back = (await settings(client)).get('undo-window') ?? assert.fail()
  assert.deepEqual([back.value, back.source, back.changedBy], ['30m', 'flag', null])
  assert.equal(undo.limits.windowMs, 1_800_000)
  const audit = await client.get('/audit?verb=settings&limit=2')
  assert.deepEqual(audit.body.data[1].detail, { 'undo-window': '30m -> 1h', 'stuck-offline': '1d -> 2d' })
})

test('all are changed or none, and each that is wrong is named', async () => {
  const client = await root()
  const wrong = await change(client, {
    'audit-age': '90d',
    'undo-window': 'soon',
    'mqtt-port': '1884',
    'admin-read-only': 'true',
    'no-such': 'x',
  })
  assert.equal(wrong.status, 400)
  assert.deepEqual(wrong.body.errors.map((error: { pointer: string }) => error.pointer).sort(), [
    '/body/admin-read-only',
    '/body/mqtt-port',
    '/body/no-such',
    '/body/undo-window',
  ])
  assert.equal((await settings(client)).get('audit-age')?.value, '365d')
})

test('who has not seen the newest settings changes nothing', async () => {
  const client = await root()
  const { tag } = await settings(client)
  assert.equal((await client.patch('/settings', { 'audit-age': '90d' })).status, 428)
  const both = await Promise.all(
    ['91d', '92d'].map(age => client.patch('/settings', { 'audit-age': age }, { 'if-match': tag })),
  )
  assert.deepEqual(both.map(answer => answer.status).sort(), [200, 412])
  assert.equal((await client.get('/settings', { 'if-none-match': (await settings(client)).tag })).status, 304)
})

test('only admins see and change them', async () => {
  const operator = await withKey(await root(), { role: 'operator' })
  assert.equal((await operator.get('/settings')).status, 403)
  assert.equal((await operator.patch('/settings', { 'audit-age': '1d' }, { 'if-match': '*' })).status, 403)
})

test('a change is there after a restart, whatever the broker is started with', async () => {
  const directory = temporaryDirectory()
  const own = new InProcessBroker({ store: 'embedded', 'data-dir': directory }, {})
  await own.start()
  const client = await setUp(own)
  await change(client, {
    'admin-login-idle': '2m',
    'undo-bytes-max': '1MiB',
    'protected-client-ids': 'bridge-, svc-',
  })
  await own.stop()
  const again = new InProcessBroker(
    { store: 'embedded', 'data-dir': directory, 'undo-bytes-max': '2MiB' },
    {},
  )
  await again.start()
  const { get } = await settings(client.at(again.httpUrl))
  const { undo } = again.running.broker.parts
  await again.stop()
  assert.deepEqual([get('undo-bytes-max')?.value, get('undo-bytes-max')?.configured], ['1MiB', '2MiB'])
  assert.equal(undo.limits.bytesMax, 1_048_576)
  assert.equal(get('protected-client-ids')?.value, 'bridge-, svc-')
  assert.equal(get('admin-login-idle')?.source, 'here')
})
