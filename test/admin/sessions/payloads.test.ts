// What messages hold is shown to those alone who may see it, in parts that say how much there is, and every look is recorded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile({ 'queue-messages-max': 3 })

const CANARY = 'canary-4411-payload'

async function publish(topic: string, payload: string | Buffer, properties = {}): Promise<void> {
  const client = await RawClient.connected(broker)
  await client.publish({ topic, payload, qos: 1, properties })
  await client.disconnect()
}

async function firstSeq(clientId: string): Promise<number> {
  return (await admin().get(`/sessions/${clientId}/queue`)).data[0].seq
}

test('without the grant no answer and no log has a byte of a payload', async () => {
  const will = { topic: 'gone', payload: Buffer.from(CANARY), qos: 1, retain: false } as const
  const owner = await RawClient.connected(broker, {
    clientId: 'secret',
    clean: false,
    will,
    properties: { sessionExpiryInterval: 600 },
  })
  await owner.subscribe('secret', 1)
  owner.destroy()
  await broker.until('it is offline', () => broker.session('secret').attachment === undefined)
  const properties = { contentType: CANARY, userProperties: { name: CANARY } }
  for (let count = 0; count < 5; count++) await publish('secret', CANARY, properties)
  const seq = await firstSeq('secret')
  const operator = await admin().key({ role: 'operator' })
  const before = operator.bodies.length
  await operator.get('/sessions/secret/queue?payload=preview', 403)
  for (const as of ['raw', 'text', 'hex', 'base64'])
    assert.match(
      (await operator.get(`/sessions/secret/queue/${seq}/payload?as=${as}`, 403)).type,
      /forbidden-payload$/,
    )
  const { generation, version } = broker.session('secret')
  for (const path of [
    '/sessions',
    '/sessions?lifeline=24h',
    '/sessions:export?format=csv',
    '/sessions:export?format=ndjson',
    '/sessions:lookup?clientId=secret',
    '/sessions/secret',
    '/sessions/secret/queue',
    '/sessions/secret/inflight',
    '/sessions/secret/subscriptions',
    '/sessions/secret/events',
    '/sessions/secret/diagnosis',
    '/sessions/secret/losses',
  ])
    assert.equal((await operator.ask('GET', path)).status, 200, path)
  await operator.delete(`/sessions/secret/queue/${seq}`)
  const headers = { 'if-match': `"${generation}.${version + 1}"` }
  await operator.delete('/sessions/secret', 200, headers)
  await operator.get('/sessions/secret', 404)
  const forms = [
    CANARY,
    Buffer.from(CANARY).toString('base64').slice(0, 20),
    Buffer.from(CANARY).toString('hex'),
  ]
  for (const text of [...operator.bodies.slice(before), ...broker.logs])
    for (const form of forms) assert.ok(!text.includes(form), text.slice(0, 300))
})

test('a payload is shown in parts that do not cut characters, and add up to all of it', async () => {
  const text = '{"name":"müde 😀"}'.repeat(700)
  await subscribeAndLeave(broker, 'parts', 'parts', 1)
  await publish('parts', text, { contentType: 'application/json', userProperties: { site: 'berlin' } })
  const seq = await firstSeq('parts')
  let shown = ''
  let offset: number | null = 0
  while (offset !== null) {
    const part = await admin().get(
      `/sessions/parts/queue/${seq}/payload?as=text&length=1001&offset=${offset}`,
    )
    assert.deepEqual([part.bytes, part.isText], [Buffer.byteLength(text), true])
    assert.deepEqual(part.properties, {
      contentType: 'application/json',
      userProperties: [['site', 'berlin']],
    })
    shown += part.data
    offset = part.nextOffset
  }
  assert.equal(shown, text)
  const first = await admin().get(`/sessions/parts/queue/${seq}/payload`)
  assert.deepEqual([first.as, first.shownBytes, first.nextOffset], ['base64', 4_096, 4_096])
  await admin().get(`/sessions/parts/queue/${seq}/payload?length=65537`, 400)
  const { data } = await admin().get('/sessions/parts/queue?payload=preview')
  const { payload } = data[0]
  assert.ok(payload.shownBytes <= 256 && payload.bytes === Buffer.byteLength(text))
  assert.ok(text.startsWith(payload.text))
})

test('bytes that are no text, as hex and as a download that no browser runs', async () => {
  const bytes = Buffer.from([0, 1, 0xff, 0xfe, 0x3c])
  await subscribeAndLeave(broker, 'binary', 'binary', 1)
  await publish('binary', bytes)
  const seq = await firstSeq('binary')
  const path = `/sessions/binary/queue/${seq}/payload`
  assert.equal((await admin().get(`${path}?as=hex`)).data, bytes.toString('hex'))
  const part = await admin().get(`${path}?as=text`)
  assert.equal(part.isText, false)
  const { headers } = await admin().ask('GET', `${path}?as=raw`)
  assert.equal(headers.get('content-type'), 'application/octet-stream')
  assert.equal(headers.get('content-disposition'), `attachment; filename="message-${seq}.bin"`)
  assert.equal(headers.get('content-security-policy'), 'sandbox')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  const raw = await fetch(`${broker.httpUrl}/api/v1${path}?as=raw`, { headers: admin().client.headers })
  assert.deepEqual(Buffer.from(await raw.arrayBuffer()), bytes)
  assert.match((await admin().get('/sessions/binary/queue/999999/payload', 404)).detail, /no message 999999/)
})

test('who has looked at payloads is in the audit, who has looked at the rest is not', async () => {
  await subscribeAndLeave(broker, 'looked', 'looked', 1)
  await publish('looked', CANARY)
  const seq = await firstSeq('looked')
  const viewer = await admin().key({ role: 'viewer', grants: ['payload:read'] })
  await viewer.get('/sessions/looked/queue')
  await viewer.get('/sessions/looked/queue?payload=preview')
  await viewer.get(`/sessions/looked/queue/${seq}/payload?as=text`)
  const { data } = await admin().get('/audit?target=looked')
  assert.deepEqual(
    data.map((record: { verb: string; result: string }) => [record.verb, record.result]),
    [
      ['payload.read', 'done'],
      ['payload.preview', 'done'],
    ],
  )
  assert.ok(!JSON.stringify(data).includes(CANARY))
  const exported = await viewer.ask('GET', '/sessions:export')
  assert.equal(exported.status, 200)
  assert.equal((await admin().get('/audit?verb=session.export')).data[0].detail.format, 'csv')
})
