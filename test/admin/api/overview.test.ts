// The overview and the forecast: figures that are so, and sentences about what is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AdminClient, setUp, withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { persistent, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile({ 'queue-messages-max': 4, 'queue-overflow': 'drop-oldest' })

let made: Promise<AdminClient> | undefined

function root(): Promise<AdminClient> {
  made ??= setUp(broker)
  return made
}

test('the overview tells figures, the top of each list, and what needs attention', async () => {
  const viewer = await withKey(await root(), { role: 'viewer' })
  await subscribeAndLeave(broker, 'top-full', 'full/#', 1)
  await subscribeAndLeave(broker, 'top-some', 'some/#', 1)
  const publisher = await RawClient.connected(broker, { clientId: 'publisher' })
  for (const payload of ['1', '2', '3', '4', '5', '6'])
    await publisher.publish({ topic: 'full/t', payload, qos: 1 })
  await publisher.publish({
    topic: 'some/t',
    payload: 'a longer message than the others are together',
    qos: 1,
  })
  for (let connection = 0; connection < 4; connection++)
    await RawClient.connected(broker, persistent('top-fought'), { until: 'end-of-file' })
  const { status, body, text } = await viewer.get('/overview')
  assert.equal(status, 200, text)
  const { figures, top } = body
  assert.deepEqual(
    [figures.sessions, figures.online, figures.offline, figures.queued.count, figures.conflicts],
    [4, 2, 2, 5, 1],
  )
  const names = (rows: readonly { clientId: string }[]): string[] => rows.map(({ clientId }) => clientId)
  assert.deepEqual(
    [names(top.queued), names(top.bytes), names(top.dropped)],
    [['top-full', 'top-some'], ['top-some', 'top-full'], ['top-full']],
  )
  assert.deepEqual([top.dropped[0].dropped, top.queued[0].full], [2, 1])
  const codes = body.attention.map((one: { code: string }) => one.code)
  assert.deepEqual(codes, ['conflict', 'queues-full', 'expiring'])
  const [conflict, full] = body.attention
  assert.equal(conflict.clientId, 'top-fought')
  assert.deepEqual(
    [full.sentence, full.sessions, full.filter],
    ['1 session is at its queue limit.', 1, 'full>=100%'],
  )
})

test('the forecast tells what will be lost, and when', async () => {
  const viewer = await withKey(await root(), { role: 'viewer' })
  const { status, body, text } = await viewer.get('/forecast')
  assert.equal(status, 200, text)
  const [hour] = body.horizons
  assert.deepEqual([hour.horizon, hour.sessions, hour.messages], ['hour', 2, 5])
  assert.match(body.sentence, /^Next hour: 2 sessions expire, and 5 messages/)
})

test('a key for some client ids is told nothing of all of them', async () => {
  const limited = await withKey(await root(), { role: 'viewer', clientIdPrefix: 'web-' })
  for (const path of ['/overview', '/forecast', '/topics/tree', '/retained', '/events', '/losses'])
    assert.equal((await limited.get(path)).status, 403, path)
})
