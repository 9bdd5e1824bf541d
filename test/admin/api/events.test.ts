// What has happened: the list of events, lost messages, conflicts, readings over time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathSegment } from '../../../shared/path-segment.ts'
import { type AdminClient, setUp, withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { persistent, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile({ 'queue-messages-max': 2, 'queue-overflow': 'drop-oldest' })
let setUpOnce: Promise<AdminClient> | undefined

function root(): Promise<AdminClient> {
  setUpOnce ??= setUp(broker)
  return setUpOnce
}

async function viewer(): Promise<AdminClient> {
  return withKey(await root(), { role: 'viewer' })
}

test('events come newest first, in pages, by kind and by time', async () => {
  const asked = await viewer()
  for (const clientId of ['event-1', 'event-2', 'event-3'])
    await subscribeAndLeave(broker, clientId, 'e/#', 1)
  const first = await asked.get('/events?kind=subscribe&limit=2')
  assert.equal(first.status, 200, first.text)
  assert.deepEqual(
    first.body.data.map((one: { clientId: string; kind: string }) => [one.kind, one.clientId]),
    [
      ['subscribe', 'event-3'],
      ['subscribe', 'event-2'],
    ],
  )
  assert.equal(first.body.page.hasMore, true)
  const second = await asked.get(`/events?kind=subscribe&limit=2&cursor=${first.body.page.next}`)
  assert.deepEqual(
    [second.body.data.map((one: { clientId: string }) => one.clientId), second.body.page.hasMore],
    [['event-1'], false],
  )
  const ahead = encodeURIComponent(new Date(Date.now() + 60_000).toISOString())
  assert.deepEqual((await asked.get(`/events?from=${ahead}`)).body.data, [])
  assert.ok((await asked.get(`/events?to=${ahead}&kind=connect,disconnect`)).body.data.length >= 6)
})

test('a question that cannot be meant is told where it is wrong', async () => {
  const asked = await viewer()
  for (const [path, pointer] of [
    ['/events?kind=subscribed', '/query/kind'],
    ['/events?cursor=x', '/query/cursor'],
    ['/events?from=yesterday', '/query/from'],
    ['/events?limit=0', '/query/limit'],
    ['/losses?cursor=-1', '/query/cursor'],
    ['/metrics/series?name=messages', '/query/name'],
    ['/metrics/series?from=2999-01-01T00:00:00Z', '/query/from'],
    ['/conflicts?window=0', '/query/window'],
  ] as const) {
    const answer = await asked.get(path)
    assert.deepEqual([answer.status, answer.body.errors?.[0]?.pointer], [400, pointer], path)
  }
  const close = await asked.get('/events?kind=subscribed')
  assert.match(close.body.detail, /did you mean "subscribe"/)
})

test('a lost message is told with its topic and never with its payload', async () => {
  const asked = await viewer()
  await subscribeAndLeave(broker, 'loser', 'lost/#', 1)
  const publisher = await RawClient.connected(broker, { clientId: 'teller' })
  for (const at of [1, 2, 3]) await publisher.publish({ topic: `lost/${at}`, payload: 'a secret', qos: 1 })
  const answer = await asked.get('/losses?clientId=loser')
  // The losses of a minute are told when they are written, which is about once a second.
  const data = answer.body.data.length > 0 ? answer.body.data : (await later(asked)).body.data
  assert.deepEqual(
    [data[0].clientId, data[0].reason, data[0].topic, data[0].publisher, data[0].qos],
    ['loser', 'queue-full', 'lost/1', 'teller', 1],
  )
  assert.doesNotMatch(JSON.stringify(data), /secret/)
  assert.deepEqual((await asked.get('/losses?clientId=loser&reason=expired')).body.data, [])
})

async function later(asked: AdminClient) {
  for (let attempt = 0; ; attempt++) {
    const answer = await asked.get('/losses?clientId=loser')
    if (answer.body.data.length > 0 || attempt === 30) return answer
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

test('clients that fight over an id are listed, and found by it whatever it is', async () => {
  const clientId = '../two/tabs'
  for (let connection = 0; connection < 5; connection++)
    await RawClient.connected(broker, persistent(clientId), { transport: 'websocket' })
  const asked = await viewer()
  const list = await asked.get('/conflicts?window=60')
  const [conflict] = list.body.data
  assert.deepEqual([conflict.clientId, conflict.isActive, list.body.active], [clientId, true, 1])
  assert.ok(conflict.takeovers >= 3)
  const one = await asked.get(`/conflicts/${pathSegment(clientId)}`)
  assert.deepEqual([one.status, one.body.clientId], [200, clientId])
  assert.match(one.body.sentence, /\w/)
  const none = await asked.get('/conflicts/nobody')
  assert.deepEqual([none.status, none.body.type], [404, 'urn:holdfast:problem:not-found'])
})

test('a key for some client ids sees only the conflicts of those', async () => {
  const limited = await withKey(await root(), { role: 'viewer', clientIdPrefix: 'web-' })
  const list = await limited.get('/conflicts')
  assert.deepEqual([list.status, list.body.total], [200, 0])
})

test('readings come by name, in steps', async () => {
  const asked = await viewer()
  const from = encodeURIComponent(new Date(Date.now() - 600_000).toISOString())
  const answer = await asked.get(`/metrics/series?name=sessions,messages.in&from=${from}&step=60`)
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(
    answer.body.data.map((one: { name: string; stepSeconds: number }) => [one.name, one.stepSeconds]),
    [
      ['sessions', 60],
      ['messages.in', 60],
    ],
  )
  assert.ok([10, 11].includes(answer.body.data[0].points.length))
})
