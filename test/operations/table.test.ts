// The table of sessions follows the broker: what it says after each thing that happens is what the broker knows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { setExpiry } from '../../server/broker/operations/expiry.ts'
import { holdClient, releaseHold } from '../../server/broker/operations/hold.ts'
import { parseFilter } from '../../shared/filter-grammar.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'
import { ANA, durableBroker, type OperatedBroker, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile({ 'queue-messages-max': 10 })

function find(clientId: string, of: OperatedBroker = broker): SessionSummary {
  const found = of.running.table.find(clientId)
  assert.ok(found, `the table has no session of ${clientId}`)
  return found
}

async function publish(topic: string, count: number, of: OperatedBroker = broker): Promise<void> {
  const client = await RawClient.connected(of)
  for (let index = 0; index < count; index++) await client.publish({ topic, payload: 'four', qos: 1 })
  await client.disconnect()
}

async function count(text: string): Promise<number> {
  const filter = parseFilter(text)
  assert.equal(filter.at, 'filter')
  const answer = await broker.running.table.count(filter.at === 'filter' ? filter : assert.fail())
  return answer.at === 'found' ? answer.count : assert.fail(answer.detail)
}

test('a session is in the table from its CONNECT to its end', async () => {
  assert.equal(broker.running.table.find('life'), undefined)
  const client = await resume(broker, 'life')
  const online = find('life')
  const { generation, version } = broker.session('life')
  assert.deepEqual(
    {
      state: online.state,
      generation: online.generation,
      version: online.version,
      protocol: online.protocol,
    },
    { state: 'online', generation, version, protocol: 5 },
  )
  assert.equal(online.remote?.ip, '127.0.0.1')
  assert.equal(online.expiry.at, null)
  await client.subscribe('life/+', 1)
  assert.equal(find('life').subscriptions, 1)
  assert.equal(await count('sub:life/+ state:online'), 1)
  await client.disconnect()
  await broker.until('it is offline', () => find('life').state === 'offline')
  const offline = find('life')
  assert.equal(offline.expiry.intervalSeconds, 600)
  assert.equal(Date.parse(offline.expiry.at ?? ''), broker.session('life').expiresAt)
  assert.equal(await count('topic:life/1 expires<11m'), 1)
  const gone: string[] = []
  const stop = broker.running.table.onFold(change =>
    gone.push(...change.gone.map(one => `${one.clientId} ${one.why}`)),
  )
  await cleanSession(broker.parts, { clientId: 'life', suppressWill: false, by: ANA })
  assert.equal(broker.running.table.find('life'), undefined)
  stop()
  assert.deepEqual(gone, ['life cleaned'])
})

test('what waits and what is in flight is counted as it comes and goes', async () => {
  await subscribeAndLeave(broker, 'queue', 'queue', 1)
  assert.equal(find('queue').queued.count, 0)
  await publish('queue', 3)
  const { queued, state } = find('queue')
  assert.deepEqual(
    { state, count: queued.count, bytes: queued.bytes, limit: queued.limit },
    { state: 'waiting', count: 3, bytes: broker.session('queue').lease.queue.bytes, limit: 10 },
  )
  assert.equal(broker.event('queue-level', 'queue').percent, 0)
  const client = await resume(broker, 'queue', {}, { receiveMaximum: 2 })
  await broker.until('two are in flight', () => find('queue').inflight.out === 2)
  const { inflight, queued: rest } = find('queue')
  assert.equal(rest.count, 1)
  assert.equal(inflight.outLimit, 2)
  assert.ok(Math.abs(Date.parse(inflight.oldestAt ?? '') - broker.now()) < 60_000)
  client.close()
})

test('a queue that overflows says so, and counts what it loses', async () => {
  await subscribeAndLeave(broker, 'full', 'full', 1)
  await publish('full', 14)
  const { queued } = find('full')
  assert.deepEqual([queued.full, queued.count, queued.dropped], [1, 10, 4])
  assert.equal(await count('full>=100% dropped:4'), 1)
  const levels = broker.events('queue-level', 'full').map(({ percent }) => percent)
  assert.equal(levels.at(-1), 100)
})

test('what an operator does to a session is in the table at once', async () => {
  await subscribeAndLeave(broker, 'acts', 'acts', 1)
  await holdClient(broker.parts, { clientId: 'acts', seconds: 60, by: ANA })
  assert.equal(find('acts').hold?.by, 'ana')
  assert.equal(await count('held:true'), 1)
  await releaseHold(broker.parts, { clientId: 'acts', by: ANA })
  assert.equal(find('acts').hold, null)
  await setExpiry(broker.parts, { clientId: 'acts', expiry: { seconds: 60 }, pinned: true, by: ANA })
  const { expiry, version } = find('acts')
  assert.deepEqual([expiry.intervalSeconds, expiry.source, expiry.pinned], [60, 'operator', true])
  assert.equal(version, broker.session('acts').version)
})

test('three takeovers in a minute are a conflict', async () => {
  const { table } = broker.running
  for (let round = 0; round < 5; round++) await resume(broker, 'fought')
  assert.equal(find('fought').state, 'conflict')
  assert.equal(await count('state:conflict'), 1)
  assert.equal(table.totals.sessions, broker.parts.registry.count)
})

test('a restart brings all sessions back into the table, and no news of their queues', async () => {
  const durable = await durableBroker({ 'queue-messages-max': 10 })
  await subscribeAndLeave(durable, 'kept', 'kept', 1)
  await publish('kept', 9, durable)
  const before = find('kept', durable)
  assert.equal(before.queued.full, 0.9)
  const told = durable.events('queue-level', 'kept').length
  assert.ok(told > 0)
  await durable.restart()
  // A restart counts as a change of every session.
  assert.deepEqual(find('kept', durable), { ...before, version: durable.session('kept').version })
  assert.equal(durable.events('queue-level', 'kept').length, told)
  assert.equal(durable.running.table.totals.sessions, 1)
})
