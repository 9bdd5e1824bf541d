// Plans and operations over the API: made, executed as shown, looked at, taken back; and who may do what.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AdminClient, setUp, withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile({ 'protected-client-ids': 'bridge-' })
let setUpOnce: Promise<AdminClient> | undefined

function root(): Promise<AdminClient> {
  setUpOnce ??= setUp(broker)
  return setUpOnce
}

async function operator(clientIdPrefix?: string): Promise<AdminClient> {
  return withKey(await root(), {
    role: 'operator',
    ...(clientIdPrefix === undefined ? {} : { clientIdPrefix }),
  })
}

let keys = 0

function execution(plan: { readonly digest: string }): Readonly<Record<string, string>> {
  return { 'if-match': `"${plan.digest}"`, 'idempotency-key': `test-${++keys}` }
}

async function ended(client: AdminClient, id: string) {
  for (let count = 0; count < 500; count++) {
    const { body } = await client.get(`/operations/${id}`)
    if (body.state !== 'running') return body
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error('the operation has not ended')
}

async function publish(topic: string, payload: string): Promise<void> {
  const client = await RawClient.connected(broker)
  await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

test('a plan is made, looked at, executed as it was shown, and taken back', async () => {
  const client = await operator()
  for (const id of ['kiosk-1', 'kiosk-2', 'kiosk-3', 'bridge-kiosk'])
    await subscribeAndLeave(broker, id, 'kiosk', 1)
  await publish('kiosk', 'one')
  const made = await client.post('/plans', { action: 'clean', filter: 'id:*kiosk*' })
  assert.equal(made.status, 201, made.text)
  const plan = made.body
  assert.equal(made.headers.get('location'), `/api/v1/plans/${plan.id}`)
  assert.deepEqual(
    [plan.count, plan.messagesLost, plan.blockedReasons],
    [3, 3, [{ reason: 'protected', count: 1 }]],
  )
  const shown = await client.get(`/plans/${plan.id}`)
  assert.deepEqual(shown.body, plan)
  assert.equal(shown.headers.get('etag'), `"${plan.digest}"`)
  await lookAtItems(client, plan.id)
  const begun = await client.post(
    `/plans/${plan.id}/execute`,
    { reason: 'ticket 4411', confirmCount: 3 },
    execution(plan),
  )
  assert.equal(begun.status, 202, begun.text)
  assert.equal(begun.headers.get('location'), `/api/v1/operations/${begun.body.id}`)
  const operation = await ended(client, begun.body.id)
  assert.deepEqual(
    [operation.ok, operation.skipped, operation.failed, operation.reason],
    [3, 0, 0, 'ticket 4411'],
  )
  const items = await client.get(`/operations/${operation.id}/items?status=ok`)
  assert.equal(items.body.data.length, 3)
  const csv = await client.get(`/operations/${operation.id}/items:export`)
  assert.equal(csv.status, 200, csv.text)
  assert.match(csv.text, /^number,clientId,.*\r\n1,kiosk-1,,[0-9A-Z]{26},ok,/)
  const tombstones = await client.get('/tombstones')
  assert.equal(tombstones.body.data.length, 3)

  const one = await client.post(`/tombstones/${items.body.data[0].tombstone}/restore`, {})
  assert.deepEqual(one.body, { clientId: 'kiosk-1', messages: 1 })
  const undone = await client.post(`/operations/${operation.id}/undo`, {})
  assert.equal(undone.status, 202, undone.text)
  assert.equal(undone.body.count, 2, 'what was restored on its own is not tried again')
  assert.equal((await ended(client, undone.body.id)).ok, 2)
  const back = await resume(broker, 'kiosk-2')
  assert.deepEqual(await payloads(back, 1), ['one'])
  await back.disconnect()
  const listed = await client.get('/operations')
  assert.deepEqual(
    listed.body.data.map((each: { kind: string }) => each.kind),
    ['undo', 'plan'],
  )
  const ofIt = await client.get(`/operations?of=${operation.id}`)
  assert.deepEqual(
    ofIt.body.data.map((each: { id: string }) => each.id),
    [undone.body.id],
  )
})

async function lookAtItems(client: AdminClient, id: string): Promise<void> {
  const first = await client.get(`/plans/${id}/items?limit=2`)
  assert.deepEqual(
    first.body.data.map((one: { clientId: string }) => one.clientId),
    ['bridge-kiosk', 'kiosk-1'],
  )
  const rest = await client.get(`/plans/${id}/items?limit=2&cursor=${first.body.page.next}`)
  assert.deepEqual([rest.body.data.length, rest.body.page.hasMore], [2, false])
  const found = await client.get(`/plans/${id}/items?q=sk-2`)
  assert.equal(found.body.data.length, 1)
  const blocked = await client.get(`/plans/${id}/items?blocked=true`)
  assert.deepEqual(
    blocked.body.data.map((one: { blocked: string }) => one.blocked),
    ['protected'],
  )
}

test('an execution that does not say what it means is refused', async () => {
  const client = await operator()
  await subscribeAndLeave(broker, 'refused-1', 'refused', 1)
  const { body: plan } = await client.post('/plans', { action: 'clean', filter: 'id:refused-*' })
  const execute = (body: object, headers: Readonly<Record<string, string>>, id = plan.id) =>
    client.post(`/plans/${id}/execute`, body, headers)
  const right = { reason: 'x', confirmCount: 1 }
  const named = execution(plan)
  const cases = [
    [await execute(right, { 'idempotency-key': 'a' }), 428, 'precondition-required'],
    [await execute(right, { ...named, 'if-match': '"sha256:0"' }), 412, 'precondition-failed'],
    [await execute(right, { ...named, 'if-match': '*' }), 412, 'precondition-failed'],
    [await execute({ ...right, confirmCount: 2 }, named), 400, 'validation'],
    [await execute({ confirmCount: 1 }, named), 400, 'validation'],
    [await execute({ ...right, reason: ' ' }, named), 400, 'validation'],
    [await execute(right, { 'if-match': plan.digest }), 400, 'validation'],
    [await execute(right, execution(plan), 'pl_none'), 404, 'not-found'],
  ] as const
  for (const [at, [answer, status, type]] of cases.entries())
    assert.deepEqual(
      [answer.status, answer.body.type],
      [status, `urn:holdfast:problem:${type}`],
      `case ${at}`,
    )
  assert.equal((await execute(right, execution(plan))).status, 202)
  const again = await execute(right, execution(plan))
  assert.equal(again.status, 409, again.text)
})

test('a request for a plan that cannot be meant is told where it is wrong', async () => {
  const client = await operator()
  for (const [body, pointer] of [
    [{ action: 'clean' }, '/body'],
    [{ action: 'clean', filter: 'stat:offline' }, '/body/filter'],
    [{ action: 'clean', filter: '', ids: [{ clientId: 'a' }] }, '/body'],
    [{ action: 'hold', filter: '', options: { suppressWill: true } }, '/body/options/suppressWill'],
    [{ action: 'set-expiry', filter: '' }, '/body/options/expiry'],
    [{ action: 'retained.delete', filter: 'a/#/b' }, '/body/filter'],
    [{ action: 'retained.delete', ids: [{ clientId: 'a' }] }, '/body/ids'],
    [{ action: 'erase', filter: '' }, '/body/action'],
  ] as const) {
    const answer = await client.post('/plans', body)
    assert.deepEqual([answer.status, answer.body.errors?.[0]?.pointer], [400, pointer], answer.text)
  }
  const { body } = await client.post('/plans', { action: 'clean', filter: 'id:a stat:offline' })
  assert.deepEqual([body.filter.position, body.filter.length, body.filter.suggestion], [5, 4, 'state'])
})

test('viewers may look, operators may act, admins may override', async () => {
  const admin = await root()
  const viewer = await withKey(admin, { role: 'viewer' })
  await subscribeAndLeave(broker, 'bridge-1', 'roles', 1)
  assert.equal((await viewer.post('/plans', { action: 'clean', filter: '' })).status, 403)
  const override = { action: 'clean', filter: 'id:bridge-1', override: ['bridge-1'] }
  assert.equal((await (await operator()).post('/plans', override)).status, 403)
  const made = await admin.post('/plans', override)
  assert.equal(made.body.count, 1, made.text)
  assert.equal((await viewer.get(`/plans/${made.body.id}`)).status, 200)
  const other = await operator()
  const refused = await other.post(
    `/plans/${made.body.id}/execute`,
    { reason: 'x', confirmCount: 1 },
    execution(made.body),
  )
  assert.equal(refused.status, 403)
})

test('a key for some clients sees neither others in its plans nor the plans of others', async () => {
  for (const id of ['mine-1', 'other-1']) await subscribeAndLeave(broker, id, 'keys', 1)
  const limited = await operator('mine-')
  const all = await operator()
  const mine = await limited.post('/plans', { action: 'clean', filter: 'id:mine-*,other-*' })
  assert.deepEqual([mine.body.count, mine.body.blockedCount], [1, 0])
  const theirs = await all.post('/plans', { action: 'clean', filter: 'id:other-*' })
  for (const path of [`/plans/${theirs.body.id}`, `/plans/${theirs.body.id}/items`])
    assert.equal((await limited.get(path)).status, 404, path)
  const begun = await all.post(
    `/plans/${theirs.body.id}/execute`,
    { reason: 'x', confirmCount: 1 },
    execution(theirs.body),
  )
  const operation = await ended(all, begun.body.id)
  for (const path of [
    `/operations/${operation.id}`,
    `/operations/${operation.id}/items`,
    `/operations/${operation.id}/items:export`,
  ])
    assert.equal((await limited.get(path)).status, 404, path)
  assert.deepEqual((await limited.get('/operations')).body.data, [])
  assert.deepEqual((await limited.get('/tombstones')).body.data, [])
  const [item] = (await all.get(`/operations/${operation.id}/items`)).body.data
  assert.equal((await limited.post(`/tombstones/${item.tombstone}/restore`, {})).status, 404)
})
