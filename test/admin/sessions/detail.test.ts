// GET of one session: what is told of it, its ETag, and what is told when it is not there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathSegment } from '../../../shared/path-segment.ts'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { protocolVersions, RawClient } from '../../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile()

async function publish(topic: string, ...payloads: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of payloads) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

for (const protocolVersion of protocolVersions) {
  test(`an offline session with its will, its limits and what it has lost, version ${protocolVersion}`, async () => {
    const clientId = `detail-${protocolVersion}`
    const client = await RawClient.open(broker, { protocolVersion })
    const will = {
      topic: `${clientId}/gone`,
      payload: Buffer.from('secret will'),
      qos: 1,
      retain: true,
    } as const
    const properties = protocolVersion === 5 ? { willDelayInterval: 100 } : {}
    await client.connect({ ...persistent(clientId), keepalive: 33, will: { ...will, properties } })
    await client.subscribe(clientId, 1)
    const online = await admin().get(`/sessions/${clientId}`)
    assert.equal(online.connected, true)
    assert.deepEqual(online.will, {
      topic: `${clientId}/gone`,
      qos: 1,
      retain: true,
      payloadBytes: 11,
      delaySeconds: protocolVersion === 5 ? 100 : 0,
      messageExpirySeconds: null,
      dueAt: null,
    })
    assert.equal(online.keepAliveSeconds, 33)
    assert.equal(online.limits.window, protocolVersion === 5 ? 20 : 20)
    client.destroy()
    await broker.until('it is offline', () => broker.session(clientId).attachment === undefined)
    await publish(clientId, 'one', 'two')
    const offline = await admin().get(`/sessions/${clientId}`)
    assert.equal(offline.connected, false)
    assert.equal(offline.counters.waiting, 2)
    assert.equal(offline.counters.messages, 2)
    assert.ok(Date.parse(offline.queued.oldestAt) <= broker.now())
    assert.equal(offline.limits.window, null)
    if (protocolVersion === 5) assert.ok(Date.parse(offline.will.dueAt) > broker.now())
    assert.ok(admin().bodies.every(body => !body.includes('secret will')))
  })
}

test('its ETag tells any change, and acts take it', async () => {
  await subscribeAndLeave(broker, 'tagged', 'tagged', 1)
  const first = await admin().ask('GET', '/sessions/tagged')
  const etag = first.headers.get('etag') ?? ''
  const { generation, version } = broker.session('tagged')
  assert.ok(etag.startsWith(`"${generation}.${version}.`))
  const same = await admin().ask('GET', '/sessions/tagged', { headers: { 'if-none-match': etag } })
  assert.deepEqual([same.status, same.text], [304, ''])
  const weak = { 'if-none-match': `"other", W/${etag}` }
  assert.equal((await admin().ask('GET', '/sessions/tagged', { headers: weak })).status, 304)
  await publish('tagged', 'a message counts, too')
  const changed = await admin().ask('GET', '/sessions/tagged', { headers: { 'if-none-match': etag } })
  assert.equal(changed.status, 200)
  await admin().patch('/sessions/tagged', { never: true }, 200, { 'if-match': etag })
  await admin().patch('/sessions/tagged', { never: true }, 412, { 'if-match': etag })
})

test('a session that was never there, and those whose client ids are near', async () => {
  for (const clientId of ['kiosk-berlin-1', 'kiosk-berlin-2', 'kiosk-paris-1'])
    await subscribeAndLeave(broker, clientId, clientId, 1)
  const mistyped = await admin().get('/sessions/kiosk-berlin', 404)
  assert.equal(mistyped.last, null)
  assert.deepEqual(mistyped.nearest, ['kiosk-berlin-1', 'kiosk-berlin-2'])
  const far = await admin().get('/sessions/kiosk-london-7', 404)
  assert.deepEqual(far.nearest, ['kiosk-berlin-1', 'kiosk-berlin-2', 'kiosk-paris-1'])
  assert.deepEqual((await admin().get(`/sessions/${pathSegment('*')}`, 404)).nearest, [])
})

test('a session that was cleaned, and how to have it back', async () => {
  await subscribeAndLeave(broker, 'cleaned', 'cleaned', 1)
  await publish('cleaned', 'one')
  const { generation, version } = broker.session('cleaned')
  const headers = { 'if-match': `"${generation}.${version}"`, 'x-reason': 'ticket%204411' }
  const { tombstone } = await admin().delete('/sessions/cleaned', 200, headers)
  const gone = await admin().get('/sessions/cleaned', 404)
  assert.equal(gone.last.what, 'cleaned')
  assert.equal(gone.last.actor, 'root')
  assert.equal(gone.last.messages, 1)
  assert.deepEqual(gone.last.tombstone, tombstone)
  assert.match(gone.detail, /^There is no session of "cleaned"\. The last one was cleaned by root 0 s ago/)
  assert.match(gone.detail, new RegExp(`it can be restored until .* as ${tombstone.id}\\.$`))
  broker.leap(16 * 60_000)
  await broker.until('the tombstone is purged', () => broker.parts.undo.find(tombstone.id) === undefined)
  assert.equal((await admin().get('/sessions/cleaned', 404)).last.tombstone, null)
})

test('a session that ended with its connection, one that expired, and a client that was refused', async () => {
  const volatile = await RawClient.connected(broker, { clientId: 'volatile', clean: true })
  await volatile.disconnect()
  assert.equal((await admin().get('/sessions/volatile', 404)).last.what, 'disconnected')
  await subscribeAndLeave(broker, 'expiring', 'expiring', 1)
  broker.leap(601_000)
  await broker.until('it has expired', () => broker.parts.registry.get('expiring') === undefined)
  const expired = await admin().get('/sessions/expiring', 404)
  assert.deepEqual([expired.last.what, expired.last.actor], ['expired', null])
  await admin().post('/sessions/refused/hold', { seconds: 60, reason: 'why not' })
  const refused = await RawClient.open(broker)
  await refused.connect({ clientId: 'refused' })
  assert.equal((await admin().get('/sessions/refused', 404)).last.what, 'refused')
})

test('what was taken out of its queue and can be put back', async () => {
  const client = await resume(broker, 'cleared')
  await client.subscribe('cleared', 1)
  await client.disconnect()
  await publish('cleared', 'one', 'two')
  const { generation, version } = broker.session('cleared')
  const { tombstone } = await admin().delete('/sessions/cleared/queue', 200, {
    'if-match': `"${generation}.${version}"`,
  })
  const { undo } = await admin().get('/sessions/cleared')
  assert.deepEqual(
    undo.map((one: Record<string, unknown>) => [one['id'], one['what'], one['messages']]),
    [[tombstone.id, 'queue', 2]],
  )
})
