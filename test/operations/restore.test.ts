// Restore: sessions come back whole, within the window, within the budget, and never over another session.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { expireSession } from '../../server/broker/operations/expire.ts'
import { setExpiry } from '../../server/broker/operations/expiry.ts'
import { holdClient } from '../../server/broker/operations/hold.ts'
import { clearQueue } from '../../server/broker/operations/queue.ts'
import { purgeTombstone, restoreTombstone } from '../../server/broker/operations/restore.ts'
import { ANA, operatedBrokerForFile } from '../harness/operated-broker.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'
import { persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'

const broker = operatedBrokerForFile({
  'undo-window': '10m',
  'undo-bytes-max': '64KiB',
  'inflight-max': 1,
})
const QUARTER_MS = 15 * 60_000

async function clean(clientId: string): Promise<string> {
  const outcome = await cleanSession(broker.parts, { clientId, suppressWill: false, by: ANA })
  assert.ok(outcome.at === 'cleaned' && outcome.undo !== undefined)
  return outcome.undo.tombstone
}

function restore(id: string) {
  return restoreTombstone(broker.parts, { id, by: ANA })
}

async function publish(topic: string, ...texts: readonly string[]): Promise<void> {
  const client = await RawClient.connected(broker)
  for (const payload of texts) await client.publish({ topic, payload, qos: 2 })
  await client.disconnect()
}

for (const protocolVersion of protocolVersions) {
  test(`a session comes back with subscriptions, messages and what was in flight, version ${protocolVersion}`, async () => {
    const clientId = `whole-${protocolVersion}`
    const topic = `whole/${protocolVersion}`
    const client = await resume(broker, clientId, { protocolVersion }, { receiveMaximum: 1 })
    await client.subscribe(topic, 2)
    await publish(topic, 'in flight', 'waiting')
    const sent = await client.expect('publish', { payload: 'in flight' })
    client.send({ cmd: 'publish', topic: 'elsewhere', payload: 'mine', qos: 2, messageId: 77 })
    await client.expect('pubrec', { messageId: 77 })
    client.destroy()
    await broker.until('it is offline', () => broker.session(clientId).attachment === undefined)
    const { generation, version, createdAt } = broker.session(clientId)
    const tombstone = await clean(clientId)
    await publish(topic, 'never queued')
    const restored = await restore(tombstone)
    const { bytes } = broker.session(clientId).lease.queue
    assert.deepEqual(restored, {
      at: 'restored',
      what: 'session',
      clientId,
      generation,
      messages: 2,
      bytes,
    })
    assert.ok(broker.session(clientId).version > version)
    assert.equal(broker.session(clientId).createdAt, createdAt)
    const told = broker.event('restored', clientId)
    assert.deepEqual([told.tombstone, told.by, told.what], [tombstone, ANA, 'session'])
    await publish(topic, 'after')
    const back = await RawClient.open(broker, { protocolVersion })
    assert.equal((await back.connect(persistent(clientId))).sessionPresent, protocolVersion > 3)
    await back.expect('publish', { payload: 'in flight', dup: true, messageId: sent.messageId })
    // What it had published and not released is still known: it is not routed a second time.
    back.send({ cmd: 'publish', topic, payload: 'mine again', qos: 2, messageId: 77, dup: true })
    await back.expect('pubrec', { messageId: 77 })
    back.send({ cmd: 'pubrec', messageId: sent.messageId })
    await back.expect('pubrel', { messageId: sent.messageId })
    back.send({ cmd: 'pubcomp', messageId: sent.messageId })
    const second = await back.expect('publish', { payload: 'waiting', dup: false })
    back.send({ cmd: 'pubrec', messageId: second.messageId })
    await back.expect('pubrel', { messageId: second.messageId })
    back.send({ cmd: 'pubcomp', messageId: second.messageId })
    await back.expect('publish', { payload: 'after', dup: false })
    await back.expectNothingBeforePing()
    assert.equal(broker.session(clientId).lease.queue.waiting, 0)
  })
}

test('a session is not restored over another one, which stays', async () => {
  await subscribeAndLeave(broker, 'taken', 'taken', 1)
  const tombstone = await clean('taken')
  const fresh = await resume(broker, 'taken')
  const { generation, version } = broker.session('taken')
  assert.deepEqual(await restore(tombstone), { at: 'session-exists', generation, version })
  await fresh.ping()
  await fresh.disconnect({ properties: { sessionExpiryInterval: 0 } })
  await broker.until('it is gone', () => broker.parts.registry.get('taken') === undefined)
  assert.equal((await restore(tombstone)).at, 'restored')
})

test('a client that connects while its session comes back finds it', async () => {
  await subscribeAndLeave(broker, 'meanwhile', 'meanwhile', 1)
  const tombstone = await clean('meanwhile')
  const client = await RawClient.open(broker)
  const restoring = restore(tombstone)
  const connack = await client.connect(persistent('meanwhile'))
  assert.equal((await restoring).at, 'restored')
  assert.equal(connack.sessionPresent, true)
  assert.equal(broker.session('meanwhile').subscriptions.length, 1)
})

test('two that restore the same get it once', async () => {
  await subscribeAndLeave(broker, 'once', 'once', 1)
  const tombstone = await clean('once')
  const outcomes = await Promise.all([restore(tombstone), restore(tombstone)])
  assert.deepEqual(
    outcomes.map(one => one.at),
    ['restored', 'no-tombstone'],
  )
  assert.deepEqual(await restore('nothing'), { at: 'no-tombstone' })
})

test('a held client does not keep its session from coming back', async () => {
  await subscribeAndLeave(broker, 'held', 'held', 1)
  const tombstone = await clean('held')
  await holdClient(broker.parts, { clientId: 'held', by: ANA })
  assert.equal((await restore(tombstone)).at, 'restored')
})

test('the old deadline stands if it is ahead, else there is a quarter of an hour', async () => {
  await subscribeAndLeave(broker, 'ahead', 'ahead', 1)
  await setExpiry(broker.parts, { clientId: 'ahead', expiry: { seconds: 86_400 }, by: ANA })
  const { expiresAt } = broker.session('ahead')
  await restore(await clean('ahead'))
  assert.equal(broker.session('ahead').expiresAt, expiresAt)
  const short = await resume(broker, 'short', {}, { sessionExpiryInterval: 30 })
  await short.disconnect()
  await broker.until('it is offline', () => broker.session('short').attachment === undefined)
  const outcome = await expireSession(broker.parts, { clientId: 'short', by: ANA })
  assert.ok(outcome.at === 'expired' && outcome.undo !== undefined)
  broker.leap(60_000)
  await restore(outcome.undo.tombstone)
  const left = (broker.session('short').expiresAt ?? 0) - broker.now()
  assert.ok(left > QUARTER_MS - 5_000 && left <= QUARTER_MS, `${left} ms are left`)
  const never = await resume(broker, 'never')
  await setExpiry(broker.parts, {
    clientId: 'never',
    expiry: { seconds: Number.POSITIVE_INFINITY },
    pinned: true,
    by: ANA,
  })
  never.destroy()
  await broker.until('it is offline', () => broker.session('never').attachment === undefined)
  await restore(await clean('never'))
  const { expirySeconds, expiryPinned } = broker.session('never')
  assert.deepEqual(
    { expirySeconds, expiryPinned },
    { expirySeconds: Number.POSITIVE_INFINITY, expiryPinned: true },
  )
  assert.ok((broker.session('never').expiresAt ?? Number.POSITIVE_INFINITY) === Number.POSITIVE_INFINITY)
})

test('a tombstone ends at its time, or when an operator gives it up, and its messages are lost then', async () => {
  for (const clientId of ['timed', 'given-up']) {
    await subscribeAndLeave(broker, clientId, clientId, 1)
    await publish(clientId, 'one')
  }
  const timed = await clean('timed')
  const givenUp = await clean('given-up')
  assert.deepEqual(broker.events('message-lost', 'given-up'), [])
  const { undo } = broker.parts
  const found = [...undo.all()].find(one => one.id === givenUp)
  assert.deepEqual([found?.clientId, found?.messages, found?.subscriptions], ['given-up', 1, 1])
  assert.equal((await purgeTombstone(broker.parts, { id: givenUp, by: ANA })).at, 'purged')
  assert.deepEqual(broker.event('purged', 'given-up').by, ANA)
  assert.equal(broker.event('message-lost', 'given-up').reason, 'session-cleaned')
  assert.deepEqual(await restore(givenUp), { at: 'no-tombstone' })
  assert.deepEqual(await purgeTombstone(broker.parts, { id: givenUp, by: ANA }), { at: 'no-tombstone' })
  broker.leap(10 * 60_000)
  assert.deepEqual(await restore(timed), { at: 'no-tombstone' })
  await broker.until('it is purged', () => broker.events('purged', 'timed').length === 1)
  assert.equal(broker.event('purged', 'timed').by, undefined)
  await broker.until('all are purged', () => undo.count === 0)
  assert.equal(undo.bytes, 0)
})

test('beyond the budget, or without a window, what is taken away is gone, and that is said', async () => {
  await subscribeAndLeave(broker, 'large', 'large', 1)
  await publish('large', 'x'.repeat(70_000))
  const outcome = await clearQueue(broker.parts, { clientId: 'large', by: ANA })
  assert.ok(outcome.at === 'cleared' && outcome.messages === 1)
  assert.equal(outcome.undo, undefined)
  assert.equal(broker.event('queue-cleared', 'large').tombstone, undefined)
  assert.equal(broker.event('message-lost', 'large').reason, 'removed')
  const { undo } = broker.parts
  const before = undo.limits
  undo.limits = { ...before, windowMs: undefined }
  const cleaned = await cleanSession(broker.parts, { clientId: 'large', suppressWill: false, by: ANA })
  undo.limits = before
  assert.ok(cleaned.at === 'cleaned' && cleaned.undo === undefined)
  assert.equal(broker.event('session-ended', 'large').tombstone, undefined)
})

test('many small tombstones spend the budget too', async () => {
  let undone = 0
  for (let index = 0; index < 60; index++) {
    const clientId = `small-${index}`
    await subscribeAndLeave(broker, clientId, clientId, 1)
    const outcome = await cleanSession(broker.parts, { clientId, suppressWill: false, by: ANA })
    if (outcome.at === 'cleaned' && outcome.undo !== undefined) undone++
  }
  assert.equal(undone, Math.floor(65_536 / (1_024 + 256)))
})
