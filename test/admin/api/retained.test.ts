// One retained message over HTTP: its payload for those who may see it, and its deletion, which can be taken back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { RawClient } from '../../harness/raw-client.ts'

const { broker, admin } = administeredForFile()

async function retain(topic: string, payload: string | Buffer, properties = {}): Promise<void> {
  const client = await RawClient.connected(broker)
  await client.publish({ topic, payload, qos: 1, retain: true, properties })
  await client.disconnect()
}

function path(topic: string): string {
  return `/retained/${encodeURIComponent(topic)}`
}

/** What a new subscriber gets at once. */
async function retainedOn(topic: string): Promise<string | undefined> {
  const client = await RawClient.connected(broker)
  await client.subscribe(topic, 1)
  if (broker.parts.retained.match(topic).length > 0)
    return (await client.expect('publish', { retain: true })).payload.toString()
  await client.expectNothingBeforePing()
  return undefined
}

test('the payload of a retained message is shown in parts and as a download, whatever its topic is called', async () => {
  for (const topic of ['plant/7', '/', 'a b/ü 😀/%2F', '~x', '.hidden', '..']) {
    await retain(topic, `on ${topic}`, { contentType: 'text/plain' })
    const name = encodeURIComponent(/^[.~]/.test(topic) ? `~${topic}` : topic)
    const part = await admin().get(`/retained/${name}/payload?as=text`)
    assert.deepEqual([part.topic, part.data, part.isText, part.seq], [topic, `on ${topic}`, true, undefined])
    assert.deepEqual(part.properties, { contentType: 'text/plain' })
  }
  await retain('long', Buffer.alloc(9_000, 0xff))
  const part = await admin().get('/retained/long/payload')
  assert.deepEqual([part.as, part.shownBytes, part.nextOffset, part.bytes], ['base64', 4_096, 4_096, 9_000])
  const { headers, status } = await admin().ask('GET', '/retained/long/payload?as=raw')
  assert.deepEqual(
    [status, headers.get('content-disposition'), headers.get('content-security-policy')],
    [200, 'attachment; filename="retained.bin"', 'sandbox'],
  )
  assert.match(
    (await admin().get('/retained/nothing/payload', 404)).detail,
    /Nothing is retained on "nothing"/,
  )
  await admin().get(`${path('plant/+')}/payload`, 404)
})

test('who may not see payloads sees none, and each look is in the audit', async () => {
  await retain('secret/pin', 'canary-4411')
  const operator = await admin().key({ role: 'operator' })
  assert.match((await operator.get(`${path('secret/pin')}/payload`, 403)).type, /forbidden-payload$/)
  const limited = await admin().key({ role: 'viewer', grants: ['payload:read'], clientIdPrefix: 'web-' })
  await limited.get(`${path('secret/pin')}/payload`, 403)
  const viewer = await admin().key({ role: 'viewer', grants: ['payload:read'] })
  await viewer.get(`${path('secret/pin')}/payload`)
  const { data } = await admin().get('/audit?verb=payload.read&target=secret%2Fpin')
  assert.deepEqual(
    data.map((record: { result: string }) => record.result),
    ['done', 'refused', 'refused'],
  )
  for (const text of broker.logs) assert.ok(!text.includes('canary-4411'))
})

test('a retained message is deleted, and put back while its topic is empty', async () => {
  await retain('config/a', 'old')
  await retain('config/b', 'old')
  const operator = await admin().key({ role: 'operator' })
  const [a, b] = [await operator.delete(path('config/a')), await operator.delete(path('config/b'))]
  assert.match(
    a.sentence,
    /^Deleted the retained message of "config\/a" \(\d+ B\); it can be put back until /,
  )
  assert.equal(await retainedOn('config/a'), undefined)
  await operator.delete(path('config/a'), 404)
  await operator.post(`/tombstones/${a.tombstone.id}/restore`, {})
  assert.equal(await retainedOn('config/a'), 'old')
  await retain('config/b', 'new')
  await operator.post(`/tombstones/${b.tombstone.id}/restore`, {}, 409)
  assert.equal(await retainedOn('config/b'), 'new')
  const { data } = await admin().get('/audit?verb=retained.delete&target=config%2Fa')
  assert.deepEqual([data[0].result, data[0].detail.tombstone], ['done', a.tombstone.id])
})

test('it stands among the operations, and is taken back there, too', async () => {
  await retain('config/c', 'kept')
  const { operation, bytes } = await admin().delete(path('config/c'), 200, { 'x-reason': 'ticket 4411' })
  const { data } = await admin().get('/operations?limit=1')
  assert.deepEqual(
    [
      data[0].id,
      data[0].kind,
      data[0].action,
      data[0].topic,
      data[0].clientId,
      data[0].reason,
      data[0].bytes,
    ],
    [operation, 'single', 'retained.delete', 'config/c', null, 'ticket 4411', bytes],
  )
  const items = await admin().get(`/operations/${operation}/items`)
  assert.deepEqual([items.data[0].topic, items.data[0].status], ['config/c', 'ok'])
  await admin().post(`/operations/${operation}/undo`, {}, 202)
  await broker.until('it is back', () => broker.parts.retained.match('config/c').length === 1)
  assert.equal(await retainedOn('config/c'), 'kept')
})

test('with If-Match only the message that was seen is deleted', async () => {
  await retain('config/d', 'seen')
  const { data } = await admin().get('/retained?filter=config%2Fd')
  const seen = { 'if-match': `"${data[0].setAt}"` }
  broker.leap(1_000)
  await retain('config/d', 'newer')
  assert.match((await admin().delete(path('config/d'), 412, seen)).type, /precondition-failed$/)
  assert.equal(await retainedOn('config/d'), 'newer')
  const { headers } = await admin().ask('GET', `${path('config/d')}/payload`)
  await admin().delete(path('config/d'), 200, { 'if-match': headers.get('etag') ?? '' })
  assert.equal(await retainedOn('config/d'), undefined)
})

test('what the broker itself says stays, and viewers delete nothing', async () => {
  await retain('config/e', 'stays')
  const viewer = await admin().key({ role: 'viewer' })
  await viewer.delete(path('config/e'), 403)
  const { data } = await admin().get(`/retained?filter=${encodeURIComponent('$SYS/#')}&limit=1`)
  assert.match((await admin().delete(path(data[0].topic), 409)).detail, /\$SYS/)
})
