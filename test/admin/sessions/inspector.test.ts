// Looking into a queue changes nothing about delivery, and shows what there is: pages, filters, lanes, what is in flight.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administeredForFile } from '../../harness/checked-admin.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { resume, subscribeAndLeave } from '../../harness/sessions.ts'

const { broker, admin } = administeredForFile()

interface Row {
  readonly seq: number
  readonly position: number | null
  readonly topic: string
  readonly at: string
  readonly dup: boolean
  readonly packetId: number | null
}

async function publish(topic: string, texts: readonly string[], qos: 1 | 2 = 1): Promise<void> {
  const client = await RawClient.connected(broker, {}, { autoAck: true })
  for (const payload of texts) await client.publish({ topic, payload, qos })
  await client.disconnect()
}

/** Everything there is to look at, page by page. */
async function lookAtAll(clientId: string, limit = 3): Promise<readonly Row[]> {
  const rows: Row[] = []
  let cursor = ''
  do {
    const path = `/sessions/${clientId}/queue?payload=preview&limit=${limit}${cursor}`
    const { data, page } = await admin().get(path)
    rows.push(...data)
    cursor = page.hasMore ? `&cursor=${encodeURIComponent(page.next)}` : ''
    const seq = data[0]?.seq
    if (seq !== undefined) await admin().ask('GET', `/sessions/${clientId}/queue/${seq}/payload?as=raw`)
  } while (cursor !== '')
  await admin().get(`/sessions/${clientId}/inflight`)
  return rows
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`)

/** What the client of a session gets, as it is on the wire, when it comes back after `between`. */
async function delivery(clientId: string, between: () => Promise<unknown>) {
  await subscribeAndLeave(broker, clientId, clientId, 2)
  await publish(clientId, numbered(5))
  await publish(clientId, ['exactly', 'once'], 2)
  // Two are in flight when the connection is cut, and come with DUP on the next one.
  const cut = await resume(broker, clientId, {}, { receiveMaximum: 2 })
  await cut.collect(2)
  cut.destroy()
  await broker.until('it is offline', () => broker.session(clientId).attachment === undefined)
  await between()
  const back = await resume(broker, clientId, { autoAck: true })
  const publishes = await back.collect(7)
  await back.disconnect()
  return publishes.map(({ payload, dup, qos, messageId, retain }) => ({
    payload: payload.toString(),
    dup,
    qos,
    messageId,
    retain,
  }))
}

test('an offline session: order, DUP and packet identifiers are as if nobody had looked', async () => {
  const untouched = await delivery('not-looked-at', async () => undefined)
  let rows: readonly Row[] = []
  const looked = await delivery('looked-at', async () => {
    rows = await lookAtAll('looked-at')
  })
  assert.deepEqual(looked, untouched)
  assert.deepEqual(
    rows.map(row => [row.position, row.at, row.dup]),
    [
      [1, 'published', true],
      [2, 'published', true],
      [3, 'waiting', false],
      [4, 'waiting', false],
      [5, 'waiting', false],
      [6, 'waiting', false],
      [7, 'waiting', false],
    ],
  )
  assert.deepEqual(
    rows.slice(0, 2).map(row => row.packetId),
    untouched.slice(0, 2).map(one => one.messageId),
  )
})

test('an online session that is looked at while messages come and go gets each once, in order', async () => {
  await subscribeAndLeave(broker, 'busy', 'busy', 1)
  const count = 300
  await publish('busy', numbered(count).slice(0, 200))
  const client = await resume(broker, 'busy', { autoAck: false }, { receiveMaximum: 3 })
  const got: string[] = []
  const publishing = publish('busy', numbered(count).slice(200))
  let isLooking = true
  const looking = (async () => {
    const seqs: (readonly number[])[] = []
    while (isLooking) seqs.push((await lookAtAll('busy', 7)).map(row => row.seq))
    return seqs
  })()
  while (got.length < count) {
    const { payload, messageId, dup } = await client.expect('publish', {})
    assert.equal(dup, false)
    got.push(payload.toString())
    client.send({ cmd: 'puback', messageId })
  }
  await publishing
  isLooking = false
  const looks = await looking
  assert.deepEqual(got, numbered(count))
  assert.ok(
    looks.some(seqs => seqs.length > 7),
    'some look had several pages',
  )
  for (const seqs of looks) {
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(seqs).size, seqs.length)
  }
  await client.expectNothingBeforePing()
})

test('a queue is filtered by topic and QoS, and says what it holds at the most', async () => {
  await subscribeAndLeave(broker, 'filtered', 'f/#', 2)
  await publish('f/a/status', ['1'])
  await publish('f/b/status', ['2'], 2)
  await publish('f/b/other', ['3'])
  const topics = async (query: string): Promise<string[]> => {
    const { data } = await admin().get(`/sessions/filtered/queue?${query}`)
    return data.map((row: Row) => row.topic)
  }
  assert.deepEqual(await topics(`topic=${encodeURIComponent('f/*/status')}`), ['f/a/status', 'f/b/status'])
  assert.deepEqual(await topics(`topic=${encodeURIComponent('f/+/other')}`), ['f/b/other'])
  assert.deepEqual(await topics('qos=2'), ['f/b/status'])
  const { queue, page } = await admin().get('/sessions/filtered/queue')
  assert.deepEqual([queue.messages, queue.waiting, queue.messagesMax, page.total], [3, 3, 1_000, 3])
  assert.match(queue.note, /^Reading does not change delivery.* the message that waits longest is dropped/)
})

test('a cursor of a queue that was replaced has expired', async () => {
  await subscribeAndLeave(broker, 'replaced', 'replaced', 1)
  await publish('replaced', numbered(3))
  const { page } = await admin().get('/sessions/replaced/queue?limit=1')
  const cursor = encodeURIComponent(page.next)
  await admin().get(`/sessions/replaced/queue?limit=1&qos=1&cursor=${cursor}`, 400)
  const again = await RawClient.connected(broker, { clientId: 'replaced', clean: true })
  await again.settled()
  await admin().get(`/sessions/replaced/queue?limit=1&cursor=${cursor}`, 410)
})

test('one message is taken out and put back; one in flight is not', async () => {
  await subscribeAndLeave(broker, 'remove', 'remove', 1)
  await publish('remove', numbered(3))
  const client = await resume(broker, 'remove', {}, { receiveMaximum: 1 })
  await client.expect('publish', {})
  const { data } = await admin().get('/sessions/remove/queue')
  assert.match(
    (await admin().delete(`/sessions/remove/queue/${data[0].seq}`, 409)).detail,
    /in flight as packet 1/,
  )
  const answer = await admin().delete(`/sessions/remove/queue/${data[1].seq}`)
  assert.deepEqual([answer.result, answer.messages], ['removed', 1])
  await admin().delete(`/sessions/remove/queue/${data[1].seq}`, 404)
  await admin().post(`/tombstones/${answer.tombstone.id}/restore`, {})
  const { data: restored } = await admin().get('/sessions/remove/queue')
  assert.deepEqual(
    restored.map((row: Row) => row.seq),
    data.map((row: Row) => row.seq),
  )
})

test('what is in flight stands in its lane, with its age', async () => {
  await subscribeAndLeave(broker, 'lanes', 'lanes', 2)
  await publish('lanes', ['once'], 2)
  await publish('lanes', ['at least once'])
  const client = await resume(broker, 'lanes')
  const [first] = await client.collect(2)
  client.send({ cmd: 'pubrec', messageId: first!.messageId })
  await client.expect('pubrel', {})
  client.send({ cmd: 'publish', topic: 'nobody', payload: 'in', qos: 2, messageId: 77 })
  await client.expect('pubrec', {})
  broker.leap(16 * 60_000)
  const { lanes, data, window } = await admin().get('/sessions/lanes/inflight')
  assert.deepEqual(
    [lanes.puback.count, lanes.pubrec.count, lanes.pubcomp.count, lanes.pubrel.count],
    [1, 0, 1, 1],
  )
  assert.ok(window > 0)
  const puback = data.find((entry: { lane: string }) => entry.lane === 'puback')
  assert.deepEqual([puback.topic, puback.stuck, puback.retries], ['lanes', true, 0])
  assert.ok(puback.ageSeconds >= 960 && puback.seq > 0)
  const { data: incoming } = await admin().get('/sessions/lanes/inflight?dir=in')
  assert.deepEqual(
    incoming.map((entry: { packetId: number; stuck: boolean }) => [entry.packetId, entry.stuck]),
    [[77, true]],
  )
  assert.ok(incoming[0].ageSeconds >= 960)
})
