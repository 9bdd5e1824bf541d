import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { holdClient } from '../../server/broker/operations/hold.ts'
import { clearQueue } from '../../server/broker/operations/queue.ts'
import type { TimelineEntry, TimelineKind } from '../../shared/history.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile({ 'queue-messages-max': 5 })

async function timelineOf(
  clientId: string,
  kinds?: readonly TimelineKind[],
): Promise<readonly TimelineEntry[]> {
  const page = await broker.history.timeline(clientId, { kinds, limit: 100 })
  return page.data.filter(entry => entry.kind !== 'broker.restart')
}

async function kindsOf(clientId: string): Promise<readonly TimelineKind[]> {
  return (await timelineOf(clientId)).map(entry => entry.kind).reverse()
}

test('a life: connect, subscribe, leave, come back, take over, be refused nothing', async () => {
  const browser = { websocket: { origin: 'http://localhost:8080', headers: { 'User-Agent': 'Chrome/129' } } }
  const first = await RawClient.connected(
    broker,
    { clientId: 'life', clean: false, protocolVersion: 4, keepalive: 30 },
    { transport: 'websocket', ...browser },
  )
  await first.subscribe('orders/#', 1)
  await first.disconnect()
  await broker.until('it is offline', () => broker.session('life').attachment === undefined)
  const second = await RawClient.connected(broker, { clientId: 'life', clean: false, protocolVersion: 4 })
  const third = await RawClient.connected(broker, { clientId: 'life', clean: false, protocolVersion: 4 })
  await second.expectClosed()
  assert.deepEqual(await kindsOf('life'), [
    'created',
    'connect',
    'subscribe',
    'disconnect',
    'connect',
    'takeover',
    'disconnect',
    'connect',
  ])
  const [connect] = (await timelineOf('life', ['connect'])).slice(-1)
  const { generation } = broker.session('life')
  assert.equal(connect?.generation, generation)
  const { port, expirySeconds, ...data } = connect!.data
  assert.ok(Number(port) > 0)
  assert.equal(expirySeconds, 7 * 86_400)
  assert.deepEqual(data, {
    protocolVersion: 4,
    cleanStart: false,
    keepAliveSeconds: 30,
    transport: 'websocket',
    address: '127.0.0.1',
    origin: 'http://localhost:8080',
    userAgent: 'Chrome/129',
    path: '/mqtt',
    sessionPresent: false,
  })
  const [left, gone] = await timelineOf('life', ['disconnect'])
  assert.deepEqual([left?.data['cause'], gone?.data['cause']], ['taken-over', 'client'])
  await third.disconnect()
})

async function publish(topic: string, count: number): Promise<void> {
  const client = await RawClient.connected(broker, { clientId: `publisher-of-${topic}` })
  for (let index = 0; index < count; index++) await client.publish({ topic, payload: `${index}`, qos: 1 })
  await client.disconnect()
}

test('what operators do stands there with their names and reasons, and can be found by them', async () => {
  await subscribeAndLeave(broker, 'acted-upon', 'acted', 1)
  await publish('acted', 2)
  await clearQueue(broker.parts, { clientId: 'acted-upon', by: ANA })
  await holdClient(broker.parts, { clientId: 'acted-upon', seconds: 30, by: ANA })
  const refused = await RawClient.open(broker)
  await refused.connect({ clientId: 'acted-upon', clean: false })
  await cleanSession(broker.parts, { clientId: 'acted-upon', suppressWill: false, by: ANA })
  const entries = await timelineOf('acted-upon')
  const acts = entries.filter(entry => entry.actor !== null).reverse()
  assert.deepEqual(
    acts.map(({ kind, actor, data }) => [kind, actor, data['reason'], data['messages']]),
    [
      ['cleared', 'ana', 'ticket 4411', 2],
      ['hold', 'ana', 'ticket 4411', undefined],
      ['cleaned', 'ana', 'ticket 4411', 0],
    ],
  )
  assert.ok(entries.some(entry => entry.kind === 'connect.refused'))
  const found = await broker.history.events({ actor: 'ana', limit: 10 })
  assert.deepEqual(
    found.data.map(({ kind, clientId }) => [kind, clientId]),
    [
      ['cleaned', 'acted-upon'],
      ['hold', 'acted-upon'],
      ['cleared', 'acted-upon'],
    ],
  )
})

test('pages follow each other without a gap or a repetition, with and without kinds', async () => {
  for (let round = 0; round < 4; round++) await subscribeAndLeave(broker, 'paged', 'paged', 1)
  const whole = await timelineOf('paged')
  for (const kinds of [undefined, ['connect', 'disconnect']] as const) {
    const expected = whole.filter(entry => kinds === undefined || kinds.some(kind => kind === entry.kind))
    const read: TimelineEntry[] = []
    let before: number | undefined
    do {
      const page = await broker.history.timeline('paged', { kinds, before, limit: 3 })
      read.push(...page.data.filter(entry => entry.kind !== 'broker.restart'))
      before = page.next
    } while (before !== undefined)
    assert.deepEqual(read, expected)
  }
})

test('the session of a client id before this one can be told apart by its generation', async () => {
  await subscribeAndLeave(broker, 'twice', 'twice', 1)
  const first = broker.session('twice').generation
  await cleanSession(broker.parts, { clientId: 'twice', suppressWill: false, by: ANA })
  await subscribeAndLeave(broker, 'twice', 'twice', 1)
  const second = broker.session('twice').generation
  for (const [generation, ends] of [
    [first, ['created', 'cleaned']],
    [second, ['created', 'disconnect']],
  ] as const) {
    const { data } = await broker.history.timeline('twice', { generation, limit: 100 })
    const own = data.filter(entry => entry.kind !== 'broker.restart')
    assert.ok(own.every(entry => entry.generation === generation))
    assert.deepEqual([own.at(-1)?.kind, own[0]?.kind], ends)
  }
})

test('events of the whole broker are found by kind and by time', async () => {
  const from = broker.now()
  broker.leap(5000)
  await subscribeAndLeave(broker, 'by-time', 'by-time', 1)
  const kinds = ['connect', 'broker.restart'] as const
  const since = await broker.history.events({ kinds, from: from + 1000, limit: 10 })
  assert.deepEqual(
    since.data.map(entry => [entry.kind, entry.clientId]),
    [['connect', 'by-time']],
  )
  const until = await broker.history.events({ kinds, to: from + 1000, limit: 1000 })
  assert.ok(until.data.length > 5)
  assert.equal(until.data.at(-1)?.kind, 'broker.restart')
  assert.ok(until.data.every(entry => Date.parse(entry.at) <= from + 1000))
  const nothing = await broker.history.events({ from: broker.now() + 1000, limit: 10 })
  assert.deepEqual(nothing, { data: [], next: undefined })
})

test('client ids with any characters, and texts as long as they come', async () => {
  const clientId = `x' OR "1"=1 --/#\u2603${'y'.repeat(300)}`
  const topic = 'long'.repeat(300)
  await subscribeAndLeave(broker, clientId, topic, 1)
  const [entry] = await timelineOf(clientId, ['subscribe'])
  const [subscription] = entry!.data['subscriptions'] as { topicFilter: string }[]
  assert.equal(entry!.clientId, clientId)
  assert.ok(subscription!.topicFilter.length < 520)
})

test('a client that was never there has an empty timeline', async () => {
  assert.deepEqual(await broker.history.timeline('nobody', { limit: 10 }), { data: [], next: undefined })
})
