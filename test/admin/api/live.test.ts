// The live stream: what it tells of sessions, events and figures, how it is resumed, and what a reader that is slow, cut
// off or not allowed any more gets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import { type LiveEventName, liveEventSchemas } from '../../../shared/live-events.ts'
import { type AdminClient, logIn, PASSWORD, setUp, withKey } from '../../harness/admin-client.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { type LiveMessage, LiveReader } from '../../harness/live-reader.ts'
import { RawClient } from '../../harness/raw-client.ts'

const broker = inProcessBrokerForFile()
let admin: AdminClient | undefined

async function root(): Promise<AdminClient> {
  admin ??= await setUp(broker)
  return admin
}

function tellsOf(clientId: string, where: 'up' | 'gone' | 'unmatched') {
  return ({ event, data }: LiveMessage): boolean =>
    event === 'sessions.delta' &&
    data[where].some(
      (one: string | { clientId: string }) => (typeof one === 'string' ? one : one.clientId) === clientId,
    )
}

async function persistent(clientId: string): Promise<RawClient> {
  return RawClient.connected(broker, { clientId, clean: false, properties: { sessionExpiryInterval: 3_600 } })
}

test('tells of sessions as they come, change and go, in the shape that it promises', async () => {
  const reader = await LiveReader.open(await root(), 'topics=sessions,events,overview')
  await reader.event('hello')
  const client = await persistent('live-1')
  await reader.next(tellsOf('live-1', 'up'), 'the new session')
  await client.disconnect()
  await reader.next(
    message =>
      tellsOf('live-1', 'up')(message) &&
      message.data.up.some((one: { connected: boolean }) => !one.connected),
    'the session without its connection',
  )
  const again = await RawClient.connected(broker, { clientId: 'live-1', clean: true })
  await reader.next(tellsOf('live-1', 'gone'), 'the end of the session')
  await again.disconnect()
  const connect = await reader.next(
    ({ event, data }) => event === 'event' && data.kind === 'connect' && data.clientId === 'live-1',
    'the event',
  )
  assert.ok(Date.parse(connect.data.at) > 0)
  const overview = await reader.event('overview')
  assert.equal(overview.data.store.engine, 'memory')
  for (const { event, data } of reader.messages) {
    const schema = Compile(liveEventSchemas[event as LiveEventName])
    assert.ok(schema.Check(data), `${event}: ${JSON.stringify(schema.Errors(data))}`)
  }
  reader.close()
})

test('tells only what matches the filter, and of what has changed and does not that it does not', async () => {
  const reader = await LiveReader.open(
    await root(),
    `topics=sessions&filter=${encodeURIComponent('id:match-*')}`,
  )
  await persistent('match-1')
  await persistent('other-1')
  await reader.next(tellsOf('match-1', 'up'), 'the session that matches')
  await reader.next(tellsOf('other-1', 'unmatched'), 'the one that does not')
  assert.ok(!reader.messages.some(tellsOf('other-1', 'up')))
  reader.close()
})

test('a reader that was cut off and comes back misses nothing', async () => {
  const client = await root()
  const first = await LiveReader.open(client, 'topics=sessions,events')
  const ended = await persistent('resume-3')
  await first.next(tellsOf('resume-3', 'up'), 'the first session')
  await first.next(({ id }) => id !== undefined, 'a position')
  const { lastId } = first
  first.close()
  await persistent('resume-2')
  await ended.disconnect({ properties: { sessionExpiryInterval: 0 } })
  const second = await LiveReader.open(client, 'topics=sessions,events', { 'last-event-id': lastId })
  await second.next(tellsOf('resume-2', 'up'), 'the session that came meanwhile')
  await second.next(tellsOf('resume-3', 'gone'), 'the session that ended meanwhile')
  await second.next(
    ({ event, data }) => event === 'event' && data.clientId === 'resume-2' && data.kind === 'connect',
    'the event of meanwhile',
  )
  assert.ok(!second.messages.some(({ event }) => event === 'reset'))
  second.close()
})

test('only where everything before it was told does an event have an id to come back with', async () => {
  const client = await root()
  const first = await LiveReader.open(client, 'topics=events,overview')
  await first.event('overview')
  const { lastId } = first
  first.close()
  await Promise.all(['ids-1', 'ids-2', 'ids-3'].map(clientId => persistent(clientId)))
  const second = await LiveReader.open(client, `topics=sessions,events,overview&since=${lastId}`)
  await second.event('overview')
  const told = second.messages.findIndex(({ event }) => event === 'overview')
  const ids = second.messages.slice(0, told + 1)
  assert.equal(ids[0]?.event, 'hello')
  assert.deepEqual(
    ids.filter(({ id }) => id !== undefined).map(({ event }) => event),
    ['event', 'overview'],
    'the last of the events that were missed, and what came after them',
  )
  assert.ok(ids.filter(({ event }) => event === 'event').length >= 3)
  second.close()
})

test('a list and a stream from its position have no gap between them', async () => {
  const client = await root()
  const { asOf } = broker.running.table
  await persistent('gap-1')
  const reader = await LiveReader.open(client, `topics=sessions&since=${asOf}`)
  await reader.next(tellsOf('gap-1', 'up'), 'what came after the list')
  reader.close()
})

test('whoever comes from another run of the broker, or from too long ago, is told to fetch anew', async () => {
  const client = await root()
  const other = await LiveReader.open(client, 'topics=sessions,events', { 'last-event-id': 'e1-5.9' })
  const { data } = await other.event('reset')
  assert.deepEqual(data, { why: 'other-run', refetch: ['sessions', 'events'] })
  other.close()
  const [run] = broker.running.table.asOf.split('-')
  const impossible = await LiveReader.open(client, 'topics=events', { 'last-event-id': `${run}-0.999999` })
  assert.equal((await impossible.event('reset')).data.why, 'ring-overrun')
  impossible.close()
})

test('what is not understood is refused before anything is sent', async () => {
  const client = await root()
  for (const query of ['topics=weather', `filter=${encodeURIComponent('colour:red')}`, 'x=1'])
    assert.equal((await client.get(`/events/stream?${query}`)).status, 400, query)
})

test('the fifth stream of one user is refused, and let in where one is just being closed', async () => {
  const key = await withKey(await root(), { role: 'viewer' })
  const readers = await Promise.all(Array.from({ length: 4 }, () => LiveReader.open(key, 'topics=overview')))
  const fifth = await key.get('/events/stream')
  assert.deepEqual([fifth.status, fifth.body.type], [429, 'urn:holdfast:problem:limit-exceeded'])
  readers[0]?.close()
  readers.push(await LiveReader.open(key, 'topics=overview'))
  for (const reader of readers) reader.close()
})

test('who has gone while it waited for room takes none', async () => {
  const key = await withKey(await root(), { role: 'viewer' })
  const readers = await Promise.all(Array.from({ length: 4 }, () => LiveReader.open(key, 'topics=overview')))
  const abort = new AbortController()
  const waiting = fetch(`${key.base}/events/stream`, { headers: key.headers, signal: abort.signal })
  await new Promise(resolve => setTimeout(resolve, 100))
  abort.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
  readers[0]?.close()
  // It would have its place by then.
  await new Promise(resolve => setTimeout(resolve, 1_000))
  readers.push(await LiveReader.open(key, 'topics=overview'))
  for (const reader of readers) reader.close()
})

test('who is logged out, or may do something else, hears why and is cut off', async () => {
  const client = await root()
  const user = (await client.post('/users', { name: 'watcher', password: PASSWORD, role: 'operator' })).body
  const watcher = await logIn(broker.httpUrl, 'watcher')
  const reader = await LiveReader.open(watcher, 'topics=overview')
  await reader.event('hello')
  await client.delete(`/users/${user.id}`)
  assert.equal((await reader.event('auth')).data.why, 'logged-out')
  await reader.ended
})

test('a key that was rotated is another one, and its stream ends', async () => {
  const client = await root()
  const made = (await client.post('/keys', { name: 'rotated', role: 'viewer' })).body
  const key = client.with({ authorization: `Bearer ${made.key}` })
  const reader = await LiveReader.open(key, 'topics=overview')
  await reader.event('hello')
  await client.post(`/keys/${made.record.id}/rotate`)
  assert.equal((await reader.event('auth')).data.why, 'logged-out')
  await reader.ended
})

test('tells how far an operation has come, to its end', async () => {
  const client = await root()
  const away = await persistent('operated-1')
  await away.disconnect()
  const reader = await LiveReader.open(client, 'topics=operations')
  await reader.event('hello')
  const plan = (await client.post('/plans', { action: 'clean', filter: 'id:operated-1' })).body
  const begun = await client.post(
    `/plans/${plan.id}/execute`,
    { reason: 'test', confirmCount: 1 },
    { 'if-match': `"${plan.digest}"`, 'idempotency-key': 'operated' },
  )
  assert.equal(begun.status, 202, begun.text)
  const told = await reader.next(
    ({ event, data }) => event === 'operation' && data.state === 'done',
    'the end of the operation',
  )
  assert.ok(Compile(liveEventSchemas.operation).Check(told.data), JSON.stringify(told.data))
  assert.deepEqual([told.data.ok, told.data.count], [1, 1])
  reader.close()
})

test('a key with a prefix hears of its sessions alone', async () => {
  const key = await withKey(await root(), { role: 'viewer', clientIdPrefix: 'mine-' })
  const reader = await LiveReader.open(key, 'topics=sessions,events')
  await persistent('theirs-1')
  await persistent('mine-1')
  await reader.next(tellsOf('mine-1', 'up'), 'its own session')
  await reader.next(({ event, data }) => event === 'event' && data.clientId === 'mine-1', 'its own event')
  assert.doesNotMatch(JSON.stringify(reader.messages), /theirs-1/)
  reader.close()
})
