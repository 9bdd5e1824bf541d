// The verbs on one session over HTTP: what each does to connection, subscriptions, queue, will, and how it is taken back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { protocolVersions, RawClient } from '../../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile({ 'protected-client-ids': 'bridge-' })

async function publish(topic: string, ...texts: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of texts) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

/** The ETag as a list row gives it. */
function match(clientId: string): { 'if-match': string } {
  const { generation, version } = broker.session(clientId)
  return { 'if-match': `"${generation}.${version}"` }
}

async function isListed(clientId: string): Promise<boolean> {
  const { data } = await admin().get(`/sessions?filter=${encodeURIComponent(`id:${clientId}`)}`)
  return data.length > 0
}

for (const protocolVersion of protocolVersions) {
  test(`Disconnect closes the socket and keeps the session, version ${protocolVersion}`, async () => {
    const clientId = `disconnect-${protocolVersion}`
    const client = await resume(broker, clientId, { protocolVersion })
    await client.subscribe(clientId, 1)
    const answer = await admin().delete(`/sessions/${clientId}/connection`)
    assert.deepEqual([answer.result, answer.will, answer.tombstone], ['disconnected', 'none', null])
    assert.equal(answer.session.connected, false)
    if (protocolVersion === 5) await client.expectDisconnect('administrative-action')
    else await client.expectClosed()
    await publish(clientId, 'waits')
    const back = await RawClient.open(broker, { protocolVersion, autoAck: true })
    const connack = await back.connect(persistent(clientId))
    // 3.1 has no such flag.
    if (protocolVersion > 3) assert.equal(connack.sessionPresent, true)
    assert.deepEqual(await payloads(back, 1), ['waits'])
  })

  test(`Clean takes an offline session away, and a restore brings it back, version ${protocolVersion}`, async () => {
    const clientId = `clean-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    await publish(clientId, 'one', 'two')
    const answer = await admin().delete(`/sessions/${clientId}`, 200, match(clientId))
    assert.deepEqual([answer.result, answer.messages, answer.session], ['cleaned', 2, null])
    assert.match(
      answer.sentence,
      /^Cleaned "clean-\d"; 2 messages \(\d+ B\) and 1 subscription went with it; it can be restored/,
    )
    assert.equal(await isListed(clientId), false)
    await admin().post(`/tombstones/${answer.tombstone.id}/restore`, {})
    assert.equal(await isListed(clientId), true)
    const back = await resume(broker, clientId, { protocolVersion, autoAck: true })
    assert.deepEqual(await payloads(back, 2), ['one', 'two'])
    await publish(clientId, 'three')
    assert.deepEqual(await payloads(back, 1), ['three'])
  })
}

test('Clean of a session that is connected closes it, and its will is told', async () => {
  const listener = await RawClient.connected(broker)
  await listener.subscribe('clean-online/gone', 1)
  const client = await RawClient.open(broker)
  const will = { topic: 'clean-online/gone', payload: Buffer.from('w'), qos: 1, retain: false } as const
  await client.connect({ ...persistent('clean-online'), will })
  const answer = await admin().delete('/sessions/clean-online', 200, match('clean-online'))
  assert.deepEqual([answer.result, answer.will, answer.session], ['cleaned', 'published', null])
  await client.expectDisconnect('administrative-action')
  await listener.expect('publish', { topic: 'clean-online/gone' })
})

test('a will is dropped where that is asked for', async () => {
  const listener = await RawClient.connected(broker)
  await listener.subscribe('suppressed/gone', 1)
  for (const path of ['/connection', '']) {
    const client = await RawClient.open(broker)
    const will = { topic: 'suppressed/gone', payload: Buffer.from('w'), qos: 1, retain: false } as const
    await client.connect({ ...persistent('suppressed'), will })
    const answer = await admin().delete(
      `/sessions/suppressed${path}?suppressWill=true`,
      200,
      match('suppressed'),
    )
    assert.equal(answer.will, 'suppressed')
  }
  await listener.expectNothingBeforePing()
})

test('Clean of a session that ends with its connection is a disconnect, and says so', async () => {
  const client = await RawClient.connected(broker, { clientId: 'volatile', clean: true })
  const answer = await admin().delete('/sessions/volatile', 200, match('volatile'))
  assert.deepEqual([answer.result, answer.session, answer.tombstone], ['disconnected', null, null])
  assert.match(answer.sentence, /whose session ended with its connection/)
  await client.expectDisconnect('administrative-action')
})

test('each verb on a session that ends with its connection', async () => {
  await RawClient.connected(broker, { clientId: 'passing', clean: true })
  const conflict = await admin().patch('/sessions/passing', { never: true }, 409, match('passing'))
  assert.match(conflict.detail, /cannot be made to last/)
  assert.match(
    (await admin().post('/sessions/passing/expire', {}, 409, match('passing'))).type,
    /session-connected$/,
  )
  assert.equal((await admin().delete('/sessions/passing/queue', 200, match('passing'))).messages, 0)
  const answer = await admin().delete('/sessions/passing/connection')
  assert.deepEqual([answer.result, answer.session], ['disconnected', null])
})

test('Disconnect of an offline session, and Expire of one that is connected, are refused', async () => {
  const client = await resume(broker, 'refused')
  await admin().post('/sessions/refused/expire', {}, 409, match('refused'))
  await client.expectNothingBeforePing()
  await client.disconnect()
  assert.match((await admin().delete('/sessions/refused/connection', 409)).type, /session-offline$/)
})

test('Expire ends an offline session with its delayed will, and can be taken back', async () => {
  const client = await RawClient.open(broker)
  const will = { topic: 'expire/gone', payload: Buffer.from('w'), qos: 1, retain: false } as const
  await client.connect({ ...persistent('expire'), will: { ...will, properties: { willDelayInterval: 300 } } })
  client.destroy()
  await broker.until('it is offline', () => broker.session('expire').attachment === undefined)
  const listener = await RawClient.connected(broker)
  await listener.subscribe('expire/gone', 1)
  const answer = await admin().post(
    '/sessions/expire/expire',
    { reason: 'ticket 4411' },
    200,
    match('expire'),
  )
  assert.deepEqual([answer.result, answer.will, answer.session], ['expired', 'published', null])
  await listener.expect('publish', { topic: 'expire/gone' })
  const { data } = await admin().get('/sessions/expire/events?kind=expired')
  assert.deepEqual([data[0].actor, data[0].data.reason], ['root', 'ticket 4411'])
  await admin().post(`/tombstones/${answer.tombstone.id}/restore`, {})
  assert.equal(await isListed('expire'), true)
})

test('Clear takes what waits, leaves what is in flight, and puts it back in its place', async () => {
  await subscribeAndLeave(broker, 'clear', 'clear', 1)
  const client = await resume(broker, 'clear', {}, { receiveMaximum: 1 })
  await publish('clear', 'in flight', 'one', 'two')
  const first = await client.expect('publish', { dup: false })
  const answer = await admin().delete('/sessions/clear/queue', 200, match('clear'))
  assert.deepEqual([answer.result, answer.messages, answer.session.connected], ['cleared', 2, true])
  assert.equal(answer.session.inflight.out, 1)
  client.send({ cmd: 'puback', messageId: first.messageId })
  await client.settled()
  await admin().post(`/tombstones/${answer.tombstone.id}/restore`, {})
  assert.equal((await client.expect('publish', {})).payload.toString(), 'one')
})

test('an act needs to say which session it means, and leaves another one alone', async () => {
  await subscribeAndLeave(broker, 'drift', 'drift', 1)
  const seen = match('drift')
  for (const [method, path] of [
    ['DELETE', '/sessions/drift'],
    ['DELETE', '/sessions/drift/queue'],
    ['POST', '/sessions/drift/expire'],
  ] as const) {
    const answer = await admin().ask(method, path, method === 'POST' ? { body: {} } : {})
    assert.equal(answer.status, 428, path)
  }
  await admin().patch('/sessions/drift', { never: true }, 428)
  await admin().delete('/sessions/drift', 400, { 'if-match': '"412"' })
  // The client comes back and begins anew between the look and the act.
  const client = await RawClient.connected(broker, { ...persistent('drift'), clean: true })
  const { generation, version } = broker.session('drift')
  const refused = await admin().ask('DELETE', '/sessions/drift', { headers: seen })
  assert.equal(refused.status, 412)
  assert.deepEqual(refused.body.current, { generation, version })
  assert.match(refused.body.detail, /"drift" has a new session now/)
  await admin().delete('/sessions/drift/queue', 412, seen)
  await admin().post('/sessions/drift/expire', {}, 412, seen)
  await admin().patch('/sessions/drift', { never: true }, 412, seen)
  await admin().delete('/sessions/drift/connection', 412, seen)
  await client.expectNothingBeforePing()
  assert.equal(broker.session('drift').generation, generation)
  // What came back names the state that would be taken.
  await admin().delete('/sessions/drift', 200, { 'if-match': refused.headers.get('etag') ?? '' })
})

test('the expiry is set, pinned, and refused where it makes no sense', async () => {
  const client = await resume(broker, 'expiry')
  const set = async (body: object, status = 200) =>
    admin().patch('/sessions/expiry', body, status, match('expiry'))
  assert.match(
    (await set({ expiresAt: new Date(broker.now() + 1e6).toISOString() }, 409)).type,
    /session-connected$/,
  )
  assert.equal((await set({ never: true })).session.expiry.intervalSeconds, null)
  await client.disconnect()
  const at = new Date(broker.now() + 3_600_000).toISOString()
  const { session } = await set({ expiresAt: at, pinned: true })
  assert.deepEqual([session.expiry.at, session.expiry.source, session.expiry.pinned], [at, 'operator', true])
  assert.match((await set({ expiresAt: '2020-01-01T00:00:00Z' }, 409)).detail, /to end it now, expire it/)
  await set({ expirySeconds: 60, never: true }, 400)
  await set({}, 400)
  await set({ expirySeconds: 0 }, 400)
  assert.equal((await set({ pinned: false })).session.expiry.pinned, false)
})

test('Hold keeps a client out until it is released', async () => {
  const client = await resume(broker, 'held')
  const body = { seconds: 60, disconnect: true, reason: 'two tabs' }
  const { result, hold, session } = await admin().post('/sessions/held/hold', body)
  assert.deepEqual([result, hold.by, hold.reason, session.connected], ['held', 'root', 'two tabs', false])
  await client.expectDisconnect('administrative-action')
  const refused = await RawClient.open(broker, { protocolVersion: 4 })
  assert.equal((await refused.connect(persistent('held'))).returnCode, 3)
  assert.equal((await admin().delete('/sessions/held/hold')).hold, null)
  await resume(broker, 'held')
  await admin().delete('/sessions/held/hold', 404)
  assert.equal((await admin().post('/sessions/never-seen/hold', {})).session, null)
  await admin().delete('/sessions/never-seen/hold')
})

test('subscriptions are added, listed with what they queue, and removed', async () => {
  await subscribeAndLeave(broker, 'subscribed', 'a/+/b', 0)
  const one = { topicFilter: '$share/g/c/#', qos: 2, reason: 'ticket 4411' }
  assert.equal((await admin().post('/sessions/subscribed/subscriptions', one)).result, 'subscribed')
  const refused = await admin().post('/sessions/subscribed/subscriptions', { topicFilter: 'a/#/b' }, 400)
  assert.equal(refused.errors[0].pointer, '/body/topicFilter')
  const { data, page } = await admin().get('/sessions/subscribed/subscriptions')
  assert.equal(page.total, 2)
  assert.deepEqual(
    data.map((row: { topicFilter: string; queuesOffline: { value: boolean; reason: string } }) => [
      row.topicFilter,
      row.queuesOffline.value,
      row.queuesOffline.reason,
    ]),
    [
      ['$share/g/c/#', true, 'shared'],
      ['a/+/b', false, 'qos-0'],
    ],
  )
  assert.ok(Date.parse(data[1].subscribedAt) > 0)
  const filter = encodeURIComponent('a/+/b')
  await admin().delete(`/sessions/subscribed/subscriptions/${filter}`)
  await admin().delete(`/sessions/subscribed/subscriptions/${filter}`, 404)
  const first = await admin().get('/sessions/subscribed/subscriptions?limit=1')
  assert.deepEqual([first.page.hasMore, first.data.length], [false, 1])
})

test("what is protected is for admins, what is another's is for nobody, what is looked at is for viewers", async () => {
  await subscribeAndLeave(broker, 'bridge-eu', 'bridge', 1)
  const operator = await admin().key({ role: 'operator' })
  const refused = await operator.delete('/sessions/bridge-eu', 403, match('bridge-eu'))
  assert.match(refused.detail, /protected-client-ids: only an admin/)
  await operator.post('/sessions/bridge-eu/hold', {}, 403)
  await operator.delete('/sessions/bridge-eu/queue', 403, match('bridge-eu'))
  const limited = await admin().key({ role: 'operator', clientIdPrefix: 'web-' })
  await limited.delete('/sessions/bridge-eu', 403, match('bridge-eu'))
  const viewer = await admin().key({ role: 'viewer' })
  await viewer.get('/sessions/bridge-eu/subscriptions')
  await viewer.delete('/sessions/bridge-eu', 403, match('bridge-eu'))
  await admin().delete('/sessions/bridge-eu', 200, match('bridge-eu'))
})

test('an act is in the audit with who, why and what went', async () => {
  await subscribeAndLeave(broker, 'audited', 'audited', 1)
  await publish('audited', 'one')
  const headers = { ...match('audited'), 'x-reason': encodeURIComponent('müde') }
  const { tombstone } = await admin().delete('/sessions/audited', 200, headers)
  const { data } = await admin().get('/audit?verb=session.clean&target=audited')
  const [{ actor, reason, detail }] = data
  assert.deepEqual([actor.name, reason, detail.messages, detail.tombstone], ['root', 'müde', 1, tombstone.id])
})
