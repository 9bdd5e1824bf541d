// Bits that turn around in single records: those are set aside and reported, everything else is whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QoS } from '../../server/protocol/packet.ts'
import { startBroker, type TestBroker } from '../harness/broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { flipBit, withTables } from '../harness/store-files.ts'

const settings = { store: 'embedded' }
const SET_ASIDE = 'a damaged record was set aside'

/** Three sessions that are away, with messages 1 to 5 for all of them, then stopped. */
async function stoppedBroker(qos: QoS = 1): Promise<TestBroker> {
  const broker = await startBroker({ settings })
  for (const clientId of ['a', 'b', 'c']) await subscribeAndLeave(broker, clientId, 'x', qos)
  const publisher = await RawClient.connected(broker)
  for (let number = 1; number <= 5; number++)
    await publisher.publish({ topic: 'x', payload: `message ${number}`, qos })
  await publisher.publish({ topic: 'r/1', payload: 'one', qos: 1, retain: true })
  await publisher.publish({ topic: 'r/2', payload: 'two', qos: 1, retain: true })
  await broker.stop()
  return broker
}

const all = [1, 2, 3, 4, 5].map(number => `message ${number}`)

async function received(broker: TestBroker, clientId: string, count: number): Promise<string[]> {
  const client = await resume(broker, clientId, { autoAck: true })
  const got = await payloads(client, count)
  await client.ping()
  await client.disconnect()
  return got
}

async function damageReports(broker: TestBroker): Promise<(readonly [unknown, unknown])[]> {
  await broker.waitForLog({ msg: SET_ASIDE })
  return broker.logs.filter(line => line.msg === SET_ASIDE).map(line => [line['kind'], line['key']])
}

async function startsCleanly(broker: TestBroker): Promise<void> {
  const reported = broker.errors.length
  await broker.restart()
  await broker.stop()
  assert.equal(broker.errors.length, reported, 'what was set aside is reported once')
}

for (const [column, where] of [
  ['body', 'seq = 3'],
  ['receivers', 'seq = 3'],
] as const) {
  test(`a message with a bit wrong in its ${column} is not delivered, the others are, in order`, async () => {
    const broker = await stoppedBroker()
    flipBit(broker.dataDirectory, 'message', column, where)
    await broker.restart()
    for (const clientId of ['a', 'b', 'c'])
      assert.deepEqual(await received(broker, clientId, 4), all.toSpliced(2, 1))
    assert.deepEqual(await damageReports(broker), [['message', '3']])
    assert.deepEqual(await broker.stop(), { code: 0, signal: null })
    await startsCleanly(broker)
  })
}

test('a bit wrong anywhere in a body never reaches a client', async () => {
  const broker = await stoppedBroker(2)
  for (let seq = 1; seq <= 5; seq++)
    flipBit(broker.dataDirectory, 'message', 'body', `seq = ${seq}`, (seq - 1) / 4.1)
  await broker.restart()
  await (await RawClient.connected(broker)).publish({ topic: 'x', payload: 'afterwards', qos: 2 })
  for (const clientId of ['a', 'b', 'c'])
    assert.deepEqual(await received(broker, clientId, 1), ['afterwards'])
  assert.equal((await damageReports(broker)).length, 5)
  assert.deepEqual(await broker.stop(), { code: 0, signal: null })
})

test('a session whose record is damaged is set aside, the others are whole', async () => {
  const broker = await stoppedBroker()
  await broker.restart()
  const client = await resume(broker, 'b', { autoAck: true })
  await payloads(client, 5)
  await client.subscribe('only b', 1)
  await client.disconnect()
  await (await RawClient.connected(broker)).publish({ topic: 'only b', payload: 'kept', qos: 1 })
  await broker.stop()
  flipBit(broker.dataDirectory, 'session', 'record', "client_id = 'b'")
  await broker.restart()
  assert.deepEqual(await damageReports(broker), [['session', 'b']])
  assert.deepEqual(await received(broker, 'a', 5), all)
  assert.deepEqual(await received(broker, 'c', 5), all)
  // The client begins anew: nobody can say any more whose session it was.
  const anew = await RawClient.open(broker)
  const connack = await anew.connect({
    clientId: 'b',
    clean: false,
    properties: { sessionExpiryInterval: 600 },
  })
  assert.equal(connack.sessionPresent, false)
  await anew.subscribe('y', 1)
  await anew.disconnect()
  await broker.stop()
  await startsCleanly(broker)
  const kept = withTables(broker.dataDirectory, database => ({
    setAside: database.prepare('SELECT kind, key FROM damaged ORDER BY kind, key').all().map(Object.values),
    subscribed: database
      .prepare('SELECT topic_filter FROM subscription WHERE number > 3')
      .all()
      .map(Object.values),
    messages: database.prepare('SELECT seq FROM message').all().length,
  }))
  assert.deepEqual(kept, {
    setAside: [
      ['session', '2 b'],
      ['subscription', '2 only b'],
      ['subscription', '2 x'],
    ],
    subscribed: [['y']],
    // Nobody else waits for it, and a person may want to look at it.
    messages: 1,
  })
})

test('a new session never takes over the number of one that was set aside', async () => {
  const broker = await stoppedBroker()
  flipBit(broker.dataDirectory, 'session', 'record', "client_id = 'c'")
  await broker.restart()
  await subscribeAndLeave(broker, 'd', 'z', 1)
  await broker.restart()
  const client = await resume(broker, 'd')
  await client.ping()
  await client.publish({ topic: 'x', payload: 'not for d', qos: 1 })
  await client.ping()
  await broker.stop()
})

test('a retained message that is damaged is set aside, the others are there', async () => {
  const broker = await stoppedBroker()
  flipBit(broker.dataDirectory, 'retained', 'body', "topic = 'r/1'")
  await broker.restart()
  assert.deepEqual(await damageReports(broker), [['retained', 'r/1']])
  const client = await RawClient.connected(broker)
  await client.subscribe('r/#')
  await client.expect('publish', { topic: 'r/2', payload: 'two' })
  await client.ping()
  await broker.stop()
  await startsCleanly(broker)
})

test('lower limits take no message from whoever waits for it', async () => {
  const broker = await stoppedBroker()
  await broker.restart({ ...settings, 'topic-levels-max': 1 })
  assert.deepEqual(await received(broker, 'a', 5), all)
  const client = await RawClient.connected(broker)
  await client.subscribe('#')
  assert.deepEqual((await payloads(client, 2)).sort(), ['one', 'two'])
  assert.deepEqual(broker.errors, [])
  await broker.stop()
})
