// POST with an Idempotency-Key: carried out once, however often it is sent.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AdminClient, setUp, withKey } from '../../harness/admin-client.ts'
import { InProcessBroker, inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { temporaryDirectory } from '../../harness/store-files.ts'

const broker = inProcessBrokerForFile()
let admin: AdminClient | undefined

async function root(): Promise<AdminClient> {
  admin ??= await setUp(broker)
  return admin
}

const view = (name: string) => ({ name, page: 'sessions', query: 'filter=stuck%3Atrue' })

test('the second of two gets what the first got', async () => {
  const headers = { 'idempotency-key': 'once-1' }
  const first = await (await root()).post('/views', view('once'), headers)
  assert.deepEqual([first.status, first.headers.get('idempotency-replayed')], [201, null])
  const second = await (await root()).post('/views', view('once'), headers)
  assert.deepEqual([second.status, second.headers.get('idempotency-replayed')], [201, 'true'])
  assert.equal(second.text, first.text)
  assert.equal(second.headers.get('content-type'), first.headers.get('content-type'))
  assert.notEqual(second.headers.get('x-request-id'), first.headers.get('x-request-id'))
  const records = await (await root()).get('/audit?verb=view.add&target=once')
  assert.equal(records.body.data.length, 1)
})

test('the key does not go with another request', async () => {
  const headers = { 'idempotency-key': 'mismatch' }
  assert.equal((await (await root()).post('/views', view('mismatch'), headers)).status, 201)
  const other = await (await root()).post('/views', view('mismatch-2'), headers)
  assert.deepEqual([other.status, other.body.type], [422, 'urn:holdfast:problem:idempotency-mismatch'])
})

test('of many that come at once one is carried out', async () => {
  const headers = { 'idempotency-key': 'together' }
  const client = await root()
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => client.post('/views', view('together'), headers)),
  )
  const statuses = answers.map(answer => answer.status)
  assert.equal(
    answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotency-replayed')).length,
    1,
  )
  for (const status of statuses) assert.ok(status === 201 || status === 409, `${statuses}`)
})

test('what was refused may be tried again with the same key', async () => {
  const viewer = await withKey(await root(), { role: 'viewer' })
  const headers = { 'idempotency-key': 'again' }
  assert.equal((await viewer.post('/views', { ...view('again'), shared: true }, headers)).status, 403)
  assert.equal((await viewer.post('/views', { ...view('again'), page: '?' }, headers)).status, 400)
  assert.equal((await viewer.post('/views', view('again'), headers)).status, 201)
})

test('keys belong to who sends them', async () => {
  const headers = { 'idempotency-key': 'shared' }
  const client = await root()
  const other = await withKey(client, { role: 'admin' })
  assert.equal((await client.post('/views', view('shared-1'), headers)).status, 201)
  assert.equal((await other.post('/views', view('shared-2'), headers)).status, 201)
})

test('an answer with a secret is not kept, and it is not made twice', async () => {
  const headers = { 'idempotency-key': 'secret' }
  const client = await root()
  const body = { name: 'secret key', role: 'viewer' }
  const made = await client.post('/keys', body, headers)
  assert.equal(made.status, 201)
  const again = await client.post('/keys', body, headers)
  assert.equal(again.status, 409)
  assert.ok(!again.text.includes(made.body.key))
  assert.equal(
    (await client.get('/keys')).body.data.filter((key: { name: string }) => key.name === 'secret key').length,
    1,
  )
})

test('a key that is not one is refused', async () => {
  for (const key of ['x'.repeat(256), 'a b']) {
    const answer = await (await root()).post('/views', view('bad-key'), { 'idempotency-key': key })
    assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '/headers/idempotency-key'])
  }
})

test('it is kept over a restart', async () => {
  const own = new InProcessBroker({ store: 'embedded', 'data-dir': temporaryDirectory() }, {})
  const headers = { 'idempotency-key': 'restart' }
  await own.start()
  const client = await setUp(own)
  const first = await client.post('/views', view('restart'), headers)
  await own.stop()
  await own.start()
  const second = await client.at(own.httpUrl).post('/views', view('restart'), headers)
  // The hooks after a test remove its directory first.
  await own.stop()
  assert.deepEqual([second.status, second.text], [201, first.text])
  assert.equal(second.headers.get('idempotency-replayed'), 'true')
})
