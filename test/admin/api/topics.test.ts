// Topics: the tree of levels, who would receive a message and why, subscriptions in one list, retained messages.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AdminClient, setUp, withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile({
  'queue-messages-max': 2,
  'queue-overflow': 'drop-newest',
  'queue-qos0': false,
})
interface Scene {
  readonly admin: AdminClient
  readonly viewer: AdminClient
  readonly publisher: RawClient
}

let made: Promise<Scene> | undefined

function scene(): Promise<Scene> {
  made ??= makeScene()
  return made
}

async function makeScene(): Promise<Scene> {
  const admin = await setUp(broker)
  const viewer = await withKey(admin, { role: 'viewer' })
  const publisher = await RawClient.connected(broker, { clientId: 'publisher' }, { until: 'end-of-file' })
  const online = await resume(broker, 'web-online', { until: 'end-of-file', autoAck: true })
  await online.subscribe('orders/+/status', 2)
  await online.subscribe('orders/#', 0)
  await subscribeAndLeave(broker, 'web-away', 'orders/17/status', 1)
  await subscribeAndLeave(broker, 'app-away-0', 'orders/#', 0)
  await subscribeAndLeave(broker, 'app-full', 'full/t', 1)
  for (const payload of ['1', '2']) await publisher.publish({ topic: 'full/t', payload, qos: 1 })
  for (const member of ['worker-1', 'worker-2'])
    await subscribeAndLeave(broker, member, '$share/workers/orders/#', 1)
  await subscribeAndLeave(broker, 'spy', '#', 0)
  for (const [topic, payload] of [
    ['plant/1/temperature', '20.5'],
    ['plant/2/temperature', '21'],
    ['plant/2/pressure', '1013'],
    ['orders/17/status', 'paid'],
  ] as const)
    await publisher.publish({ topic, payload, qos: 1, retain: true })
  return { admin, viewer, publisher }
}

interface Receiver {
  readonly clientId: string
  readonly qos: number
  readonly outcome: string
}

function shortly({ clientId, qos, outcome }: Receiver): readonly [string, number, string] {
  return [clientId, qos, outcome]
}

test('who gets a message is told with its QoS, and what becomes of it for each', async () => {
  const { viewer } = await scene()
  const answer = await viewer.get('/topics/match?topic=orders%2F17%2Fstatus&qos=1')
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(answer.body.data.map(shortly), [
    ['app-away-0', 0, 'lost'],
    ['spy', 0, 'lost'],
    ['web-away', 1, 'queued'],
    ['web-online', 1, 'delivered'],
  ])
  assert.deepEqual(answer.body.outcomes, { delivered: 1, queued: 1, lost: 2, refused: 0 })
  assert.deepEqual(
    answer.body.data[3].filters.map((one: { topicFilter: string }) => one.topicFilter).sort(),
    ['orders/#', 'orders/+/status'],
  )
  assert.match(answer.body.data[0].why, /QoS 0/)
  const [group] = answer.body.groups
  assert.deepEqual(
    [group.sharedFilter, group.members, group.next, group.data.length],
    // The first one got the retained message.
    ['$share/workers/orders/#', 2, 'worker-2', 2],
  )
})

test('what was foretold comes true', async () => {
  const { viewer, publisher } = await scene()
  const queued = async (clientId: string): Promise<number> =>
    broker.running.broker.parts.registry.get(clientId)?.lease.queue.messages ?? -1
  const before = await Promise.all(['app-away-0', 'web-away', 'worker-1', 'worker-2'].map(queued))
  for (const look of [1, 2]) {
    const { body } = await viewer.get('/topics/match?topic=orders%2F17%2Fstatus')
    assert.equal(body.groups[0].next, 'worker-2', `look ${look}`)
  }
  await publisher.publish({ topic: 'orders/17/status', payload: 'sent', qos: 1 })
  const after = await Promise.all(['app-away-0', 'web-away', 'worker-1', 'worker-2'].map(queued))
  const grown = after.map((count, at) => count - before[at]!)
  assert.deepEqual(grown, [0, 1, 0, 1])
})

test('a full queue is told as what it is', async () => {
  const { viewer } = await scene()
  const answer = await viewer.get('/topics/match?topic=full%2Ft&qos=1')
  const full = answer.body.data.find((one: Receiver) => one.clientId === 'app-full')
  assert.deepEqual([full.outcome, full.qos], ['lost', 1])
  assert.match(full.why, /queue is full \(2 of 2 messages\)/)
})

test('receivers come in pages, and a cursor belongs to its own list', async () => {
  const { viewer } = await scene()
  const topic = '/topics/match?topic=orders%2F17%2Fstatus&qos=1'
  const first = await viewer.get(`${topic}&limit=3`)
  assert.deepEqual([first.body.data.length, first.body.page.total, first.body.page.hasMore], [3, 4, true])
  const cursor = first.body.page.next
  const second = await viewer.get(`${topic}&limit=3&cursor=${cursor}`)
  assert.deepEqual(
    [second.body.data.map((one: Receiver) => one.clientId), second.body.page.hasMore],
    [['web-online'], false],
  )
  const other = await viewer.get(`/topics/match?topic=full%2Ft&cursor=${cursor}`)
  assert.deepEqual([other.status, other.body.errors[0].pointer], [400, '/query/cursor'])
})

test('a topic with a wildcard cannot be published to', async () => {
  const { viewer } = await scene()
  const answer = await viewer.get('/topics/match?topic=orders%2F%2B')
  assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '/query/topic'])
})

test('a key for some client ids sees only those', async () => {
  const { admin } = await scene()
  const limited = await withKey(admin, { role: 'viewer', clientIdPrefix: 'web-' })
  const match = await limited.get('/topics/match?topic=orders%2F17%2Fstatus&qos=1')
  assert.deepEqual(
    match.body.data.map((one: Receiver) => one.clientId),
    ['web-away', 'web-online'],
  )
  assert.deepEqual([match.body.groups, match.body.groupsTotal], [[], 0])
  const list = await limited.get('/subscriptions')
  assert.equal(list.body.page.total, 3)
})

test('all subscriptions are in one list, with those marked that take too much', async () => {
  const { viewer } = await scene()
  const all = await viewer.get('/subscriptions?limit=2')
  assert.equal(all.body.page.total, 8)
  const rows = [...all.body.data]
  for (let next = all.body.page.next; next !== null; ) {
    const page = await viewer.get(`/subscriptions?limit=2&cursor=${next}`)
    rows.push(...page.body.data)
    next = page.body.page.next
  }
  assert.deepEqual(
    rows.map(({ clientId, topicFilter }) => `${clientId} ${topicFilter}`),
    [
      'app-away-0 orders/#',
      'app-full full/t',
      'spy #',
      'web-away orders/17/status',
      'web-online orders/#',
      'web-online orders/+/status',
      'worker-1 $share/workers/orders/#',
      'worker-2 $share/workers/orders/#',
    ],
  )
  const flagged = async (query: string): Promise<string[]> =>
    (await viewer.get(`/subscriptions?${query}`)).body.data.map((one: Receiver) => one.clientId)
  assert.deepEqual(await flagged('flag=broad'), ['spy'])
  assert.deepEqual(await flagged('flag=overlapping'), ['web-online', 'web-online'])
  assert.deepEqual(await flagged('flag=shared'), ['worker-1', 'worker-2'])
  assert.deepEqual(await flagged('filter=orders%2F*status'), ['web-away', 'web-online'])
  assert.deepEqual(await flagged('prefix=full'), ['app-full'])
  assert.deepEqual(await flagged('prefix=ful'), [], 'a prefix is of whole levels')
  assert.deepEqual(
    [rows[4].overlaps, rows[6].shareGroup, rows[2].broad],
    ['orders/+/status', 'workers', true],
  )
})

interface Level {
  readonly path: string
  readonly subscriptions: number
  readonly subscriptionsHere: number
  readonly retained: number
}

test('the tree is opened level by level, with counts of what lies below', async () => {
  const { viewer } = await scene()
  const levels = async (query: string): Promise<readonly (readonly (string | number)[])[]> => {
    const { body } = await viewer.get(`/topics/tree?${query}`)
    return body.data.map((one: Level) => [one.path, one.subscriptions, one.subscriptionsHere, one.retained])
  }
  const root = await levels('')
  assert.deepEqual(
    root.filter(([path]) => path !== '$SYS'),
    [
      ['#', 1, 1, 0],
      ['full', 1, 0, 0],
      ['orders', 6, 0, 1],
      ['plant', 0, 0, 3],
    ],
  )
  assert.deepEqual(await levels('prefix=orders'), [
    ['orders/#', 4, 4, 0],
    ['orders/+', 1, 0, 0],
    ['orders/17', 1, 0, 1],
  ])
  assert.deepEqual(await levels('prefix=plant&depth=2'), [
    ['plant/1', 0, 0, 1],
    ['plant/1/temperature', 0, 0, 1],
    ['plant/2', 0, 0, 2],
    ['plant/2/pressure', 0, 0, 1],
    ['plant/2/temperature', 0, 0, 1],
  ])
  assert.deepEqual(await levels('prefix=nothing'), [])
  for (const [path, subscriptions] of root) {
    const { body } = await viewer.get(`/subscriptions?prefix=${encodeURIComponent(path!)}`)
    assert.equal(body.page.total, subscriptions, `the list has as many as the tree counts at ${path}`)
  }
  const page = await viewer.get('/topics/tree?prefix=plant&depth=2&limit=3')
  assert.deepEqual([page.body.page.total, page.body.page.hasMore], [5, true])
  assert.deepEqual(await levels(`prefix=plant&depth=2&limit=3&cursor=${page.body.page.next}`), [
    ['plant/2/pressure', 0, 0, 1],
    ['plant/2/temperature', 0, 0, 1],
  ])
})

test('retained messages are listed by filter, without $SYS unless it is asked for', async () => {
  const { viewer } = await scene()
  const topics = async (query: string): Promise<string[]> =>
    (await viewer.get(`/retained${query}`)).body.data.map((one: { topic: string }) => one.topic)
  assert.deepEqual(await topics(''), [
    'orders/17/status',
    'plant/1/temperature',
    'plant/2/pressure',
    'plant/2/temperature',
  ])
  assert.deepEqual(await topics('?filter=plant%2F%2B%2Ftemperature'), [
    'plant/1/temperature',
    'plant/2/temperature',
  ])
  assert.deepEqual(await topics('?filter=plant%2F2%2F%23'), ['plant/2/pressure', 'plant/2/temperature'])
  assert.deepEqual(await topics('?filter=orders'), [])
  assert.ok((await topics('?filter=%24SYS%2F%23')).every(topic => topic.startsWith('$SYS/')))
  const page = await viewer.get('/retained?limit=3')
  assert.deepEqual([page.body.page.total, page.body.page.hasMore], [4, true])
  assert.deepEqual(await topics(`?limit=3&cursor=${page.body.page.next}`), ['plant/2/temperature'])
  const [row] = page.body.data
  assert.deepEqual([row.payloadBytes, row.qos, row.publisher, row.expiresAt], [4, 1, 'publisher', null])
  assert.doesNotMatch(page.text, /paid/)
})

test('what is no topic filter is told so', async () => {
  const { viewer } = await scene()
  const answer = await viewer.get('/retained?filter=a%2F%23%2Fb')
  assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '/query/filter'])
})
