// Clean: the session ends with its connection, its will is published once, and it can be brought back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { disconnectSession } from '../../server/broker/operations/disconnect.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile()

function clean(clientId: string, suppressWill = false) {
  return cleanSession(broker.parts, { clientId, suppressWill, by: ANA })
}

async function publish(topic: string, ...payloads: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of payloads) await client.publish({ topic, payload, qos: 1 })
  await client.disconnect()
}

function willOn(topic: string, willDelayInterval = 0) {
  return {
    topic,
    payload: Buffer.from('gone'),
    qos: 1,
    retain: false,
    properties: { willDelayInterval },
  } as const
}

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connected(broker)
  await client.subscribe(topic, 1)
  return client
}

for (const protocolVersion of protocolVersions) {
  test(`an offline session is gone with what it had, version ${protocolVersion}`, async () => {
    const clientId = `offline-${protocolVersion}`
    await subscribeAndLeave(broker, clientId, clientId, 1, { protocolVersion })
    await publish(clientId, 'one', 'two')
    const { bytes } = broker.session(clientId).lease.queue
    const { generation } = broker.session(clientId)
    const outcome = await clean(clientId)
    assert.ok(outcome.at === 'cleaned' && outcome.undo !== undefined)
    const { undo, ...rest } = outcome
    const expected = { connection: 'none', will: 'none', messages: 2, bytes, subscriptions: 1 } as const
    assert.deepEqual(rest, { at: 'cleaned', ...expected, unsafe: undefined })
    assert.ok(undo.until > broker.now() + 14 * 60_000)
    const { at: _when, ...told } = broker.event('session-ended', clientId)
    const what = { why: 'cleaned', messages: 2, bytes, tombstone: undo.tombstone, by: ANA }
    assert.deepEqual(told, { kind: 'session-ended', clientId, generation, ...what })
    const back = await RawClient.open(broker, { protocolVersion })
    assert.equal((await back.connect(persistent(clientId))).sessionPresent, false)
    assert.equal(broker.session(clientId).subscriptions.length, 0)
    await back.expectNothingBeforePing()
  })

  test(`the client of an online session hears why, and finds nothing, version ${protocolVersion}`, async () => {
    const clientId = `online-${protocolVersion}`
    const client = await resume(broker, clientId, { protocolVersion })
    await client.subscribe(clientId, 1)
    const outcome = await clean(clientId)
    assert.ok(outcome.at === 'cleaned' && outcome.connection === 'closed' && outcome.undo !== undefined)
    await client.expectDisconnect('administrative-action')
    assert.deepEqual(broker.story(clientId).slice(-2), ['disconnected', 'session-ended'])
    const back = await RawClient.open(broker, { protocolVersion })
    assert.equal((await back.connect(persistent(clientId))).sessionPresent, false)
  })

  test(`a session of its connection is disconnected, which is said, version ${protocolVersion}`, async () => {
    const clientId = `volatile-${protocolVersion}`
    await RawClient.connected(broker, { clientId, clean: true }, { protocolVersion })
    assert.deepEqual(await clean(clientId), { at: 'disconnected', will: 'none' })
    assert.equal(broker.parts.registry.get(clientId), undefined)
  })
}

test('what is published after it goes to nobody, and to other members of a shared subscription at once', async () => {
  await subscribeAndLeave(broker, 'member', '$share/crew/work', 1)
  await publish('work', 'one', 'two')
  const other = await RawClient.connected(broker, { clientId: 'colleague' }, { autoAck: true })
  await other.subscribe('$share/crew/work', 1)
  const outcome = await clean('member')
  assert.ok(outcome.at === 'cleaned')
  const taken = await other.collect(2)
  assert.deepEqual(
    taken.map(one => one.payload.toString()),
    ['one', 'two'],
  )
})

test('the will is published by the end of the session, once, or not at all', async () => {
  const ears = await listener('wills/#')
  for (const [clientId, suppress, delay, expected] of [
    ['now', false, 0, 'published'],
    ['early', false, 60, 'published'],
    ['never', true, 0, 'suppressed'],
    ['never-late', true, 60, 'suppressed'],
  ] as const) {
    const properties = { sessionExpiryInterval: 600 }
    await RawClient.connected(broker, {
      clientId,
      clean: false,
      properties,
      will: willOn(`wills/${clientId}`, delay),
    })
    const outcome = await clean(clientId, suppress)
    assert.ok(outcome.at === 'cleaned')
    assert.equal(outcome.will, expected)
    if (expected === 'published') await ears.expect('publish', { topic: `wills/${clientId}` })
  }
  broker.leap(61_000)
  await new Promise(resolve => setTimeout(resolve, 250))
  await ears.expectNothingBeforePing()
})

test('a will that was waiting for its delay is published, or dropped, too', async () => {
  const ears = await listener('waiting/#')
  for (const [clientId, suppress] of [
    ['waiting/published', false],
    ['waiting/dropped', true],
  ] as const) {
    const properties = { sessionExpiryInterval: 600 }
    const client = await RawClient.connected(broker, {
      clientId,
      clean: false,
      properties,
      will: willOn(clientId, 300),
    })
    client.destroy()
    await broker.until('it is offline', () => broker.session(clientId).attachment === undefined)
    const outcome = await clean(clientId, suppress)
    assert.equal(outcome.at === 'cleaned' && outcome.will, suppress ? 'suppressed' : 'published')
  }
  await ears.expect('publish', { topic: 'waiting/published' })
  await ears.expectNothingBeforePing()
})

test('a client that came back since is not hit, nor is its session', async () => {
  await subscribeAndLeave(broker, 'returned', 'returned', 1)
  const { generation, version } = broker.session('returned')
  const client = await resume(broker, 'returned')
  const request = { clientId: 'returned', suppressWill: false, by: ANA }
  const outcome = await cleanSession(broker.parts, { ...request, expected: { generation, version } })
  assert.equal(outcome.at, 'session-changed')
  await client.ping()
  assert.deepEqual(await clean('nobody'), { at: 'no-session' })
})

test('verbs and connections that want the same client at once take turns', async () => {
  await subscribeAndLeave(broker, 'crowded', 'crowded', 1)
  const connecting = Array.from({ length: 4 }, async (_, index) => {
    const client = await RawClient.open(broker)
    const connack = client.connect(persistent('crowded'))
    const verb =
      index % 2 === 0
        ? clean('crowded')
        : disconnectSession(broker.parts, { clientId: 'crowded', suppressWill: false, by: ANA })
    return [(await connack).reasonCode, (await verb).at] as const
  })
  for (const [code, at] of await Promise.all(connecting)) {
    assert.equal(code, 0)
    assert.ok(['cleaned', 'disconnected', 'not-connected', 'no-session'].includes(at), at)
  }
  const last = await resume(broker, 'crowded')
  await last.subscribe('crowded', 1)
  await publish('crowded', 'to the last one')
  await last.expect('publish', { payload: 'to the last one' })
  assert.equal([...broker.parts.registry.all()].filter(one => one.clientId === 'crowded').length, 1)
})
