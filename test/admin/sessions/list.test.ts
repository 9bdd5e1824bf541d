// GET /sessions and what goes with it: filter, sort, pages, members, lifelines, counts, facets, and what a key may see.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { resume } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile({ 'queue-messages-max': 10 }, async () => {
  for (const [index, clientId] of ['web-c', 'web-a', 'web-b', 'iot-1', 'iot-2'].entries()) {
    const protocolVersion = index % 2 === 0 ? 4 : 5
    const client = await resume(broker, clientId, { protocolVersion }, { sessionExpiryInterval: 86_400 })
    await client.subscribe(`${clientId}/#`, 1)
    await client.disconnect()
    const publisher = await RawClient.connected(broker)
    for (let count = 0; count < index; count++)
      await publisher.publish({ topic: `${clientId}/t`, payload: 'm', qos: 1 })
    await publisher.disconnect()
  }
})

async function list(query: string): Promise<string[]> {
  const { data } = await admin().get(`/sessions?${query}`)
  return data.map((row: { clientId: string }) => row.clientId)
}

function filter(text: string): string {
  return `filter=${encodeURIComponent(text)}`
}

test('a filter, its count and the parts of it are about the same sessions', async () => {
  assert.deepEqual(await list(filter('id:web-* state:offline')), ['web-a', 'web-b', 'web-c'])
  assert.deepEqual(await list(filter('queued>=3')), ['iot-1', 'iot-2'])
  assert.equal((await admin().get(`/sessions:count?${filter('queued>=3')}`)).count, 2)
  const facets = await admin().get(`/sessions:facets?by=proto&${filter('state:offline')}`)
  assert.deepEqual(
    facets.data.map(({ value, count }: { value: string; count: number }) => [value, count]),
    [
      ['4', 3],
      ['5', 2],
    ],
  )
  for (const part of facets.data) {
    const counted = await admin().get(`/sessions:count?${filter(`state:offline ${part.filter}`)}`)
    assert.equal(counted.count, part.count)
  }
})

test('sorted by what was asked for, a page at a time, each session once', async () => {
  const found: string[] = []
  let cursor = ''
  do {
    const { data, page } = await admin().get(`/sessions?sort=-queued&limit=2${cursor}`)
    assert.equal(page.total, 5)
    found.push(...data.map((row: { clientId: string }) => row.clientId))
    cursor = page.hasMore ? `&cursor=${encodeURIComponent(page.next)}` : ''
  } while (cursor !== '')
  assert.deepEqual(found, ['iot-2', 'iot-1', 'web-b', 'web-a', 'web-c'])
})

test('a cursor goes with its filter and its sort', async () => {
  const { page } = await admin().get('/sessions?limit=1')
  const cursor = encodeURIComponent(page.next)
  for (const query of ['sort=-id', filter('id:web-*')]) {
    const problem = await admin().get(`/sessions?${query}&cursor=${cursor}`, 400)
    assert.equal(problem.errors[0].pointer, '/query/cursor')
  }
  const ofAnotherRun = `other.${cursor.split('.').slice(1).join('.')}`
  assert.match((await admin().get(`/sessions?cursor=${ofAnotherRun}`, 410)).type, /cursor-expired$/)
})

test('what is wrong with a question is said, and where', async () => {
  const problem = await admin().get(`/sessions?${filter('id:web-* quued>3')}`, 400)
  assert.equal(problem.position, 9)
  assert.equal(problem.suggestion, 'queued')
  assert.equal((await admin().get('/sessions?sort=-queud', 400)).suggestion, '-queued')
  assert.match((await admin().get('/sessions?fields=clientID', 400)).detail, /did you mean "clientId"/)
  assert.equal((await admin().get('/sessions?limit=1001', 400)).errors[0].pointer, '/query/limit')
  await admin().get('/sessions?page=2', 400)
  await admin().get('/sessions:facets?by=colour', 400)
})

test('members that were asked for, beside those that acts need', async () => {
  const { data } = await admin().get(`/sessions?fields=queued,state&${filter('id:iot-1')}`)
  assert.deepEqual(Object.keys(data[0]).sort(), ['clientId', 'generation', 'queued', 'state', 'version'])
})

test('lifelines of a page', async () => {
  const client = await resume(broker, 'web-a')
  const { data } = await admin().get(`/sessions?lifeline=24h&fields=state&${filter('id:web-a')}`)
  const states = data[0].lifeline.segments.map(([, state]: [string, string]) => state)
  assert.deepEqual(states.slice(-2), ['offline', 'online'])
  await client.disconnect()
})

test('a key with a client id prefix sees its own sessions alone', async () => {
  const key = await admin().key({ role: 'viewer', clientIdPrefix: 'iot-' })
  const { data, page } = await key.get('/sessions')
  assert.deepEqual(
    data.map((row: { clientId: string }) => row.clientId),
    ['iot-1', 'iot-2'],
  )
  assert.equal(page.total, 2)
  assert.equal((await key.get(`/sessions:count?${filter('id:web-*')}`)).count, 0)
  assert.equal((await key.get('/sessions:facets?by=state')).total, 2)
  const exported = await key.ask('GET', '/sessions:export?format=ndjson')
  assert.equal(exported.text.trim().split('\n').length, 2)
  await key.get('/sessions/web-a', 403)
  await key.get('/sessions:lookup?clientId=web-a', 403)
  assert.equal((await key.get('/sessions:lookup?clientId=iot-1')).clientId, 'iot-1')
  assert.deepEqual((await key.get('/sessions/iot-', 404)).nearest, ['iot-1', 'iot-2'])
})
