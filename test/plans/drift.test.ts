// What has changed between the preview and its turn is left alone, and said.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanSession } from '../../server/broker/operations/clean.ts'
import { setExpiry } from '../../server/broker/operations/expiry.ts'
import { ANA as BY } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { planStageForFile } from './stage.ts'

const stage = planStageForFile()
const { broker } = stage

test('a client that was back between preview and execution keeps its session, also when it has left again', async () => {
  for (const id of ['away', 'back', 'again']) await subscribeAndLeave(broker, `drift-1-${id}`, 'drift/1', 1)
  await stage.publish('drift/1', 'one')
  const plan = await stage.plan({ action: 'clean', filter: 'id:drift-1-*' })
  assert.deepEqual([plan.count, plan.messagesLost, plan.breakdown.offline], [3, 3, 3])
  const back = await resume(broker, 'drift-1-back')
  assert.deepEqual(await payloads(back, 1), ['one'])
  await (await resume(broker, 'drift-1-again')).disconnect()
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), [
    'drift-1-again skipped reconnected',
    'drift-1-away ok',
    'drift-1-back skipped reconnected',
  ])
  assert.deepEqual([operation.ok, operation.skipped, operation.failed, operation.messages], [1, 2, 0, 1])
  await back.expectNothingBeforePing()
  await back.disconnect()
  assert.equal(broker.parts.registry.get('drift-1-away'), undefined)
})

test('a new session under the same name is not the one that was planned', async () => {
  await subscribeAndLeave(broker, 'drift-2', 'drift/2', 1)
  const plan = await stage.plan({ action: 'clean', ids: [{ clientId: 'drift-2' }] })
  await cleanSession(broker.parts, { clientId: 'drift-2', suppressWill: false, by: BY })
  await subscribeAndLeave(broker, 'drift-2', 'drift/2', 1)
  await stage.publish('drift/2', 'precious')
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), ['drift-2 skipped new-session'])
  const client = await resume(broker, 'drift-2')
  assert.deepEqual(await payloads(client, 1), ['precious'])
  await client.disconnect()
})

test('what has gone, or matches no longer, is skipped', async () => {
  for (const id of ['gone', 'empty', 'full']) {
    await subscribeAndLeave(broker, `drift-3-${id}`, `drift/3/${id}`, 1)
    await stage.publish(`drift/3/${id}`, 'one', 'two')
  }
  const plan = await stage.plan({ action: 'expire', filter: 'id:drift-3-* queued>=2' })
  assert.equal(plan.count, 3)
  await cleanSession(broker.parts, { clientId: 'drift-3-gone', suppressWill: false, by: BY })
  await stage.execute({ action: 'clear-queue', ids: [{ clientId: 'drift-3-empty' }] })
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), [
    'drift-3-empty skipped no-longer-matches',
    'drift-3-full ok',
    'drift-3-gone skipped gone',
  ])
})

test('a filter by time must hold at the turn of the item, and does when only time has passed', async () => {
  await subscribeAndLeave(broker, 'drift-4', 'drift/4', 1)
  broker.leap(120_000)
  const plan = await stage.plan({ action: 'clean', filter: 'id:drift-4 offline>1m' })
  assert.equal(plan.count, 1)
  const none = await stage.plan({ action: 'clean', filter: 'id:drift-4 offline>1h' })
  assert.equal(none.count, 0)
  broker.leap(60_000)
  assert.deepEqual(await stage.outcomes(await stage.ended(await stage.begin(plan))), ['drift-4 ok'])
})

test('a client in the middle of its CONNECT is not cleaned under its hands', async () => {
  const ids = Array.from({ length: 40 }, (_, at) => `drift-5-${at}`)
  for (const id of ids) await subscribeAndLeave(broker, id, `drift/5/${id}`, 1)
  for (const id of ids) await stage.publish(`drift/5/${id}`, id)
  const plan = await stage.plan({ action: 'clean', filter: 'id:drift-5-*', options: { ratePerSecond: 400 } })
  const begun = await stage.begin(plan)
  const clients = await Promise.all(
    ids.map(async (id, at) => {
      await new Promise(resolve => setTimeout(resolve, at * 3))
      const client = await RawClient.open(broker)
      const { sessionPresent } = await client.connect(persistent(id))
      return { id, client, sessionPresent }
    }),
  )
  const operation = await stage.ended(begun)
  const outcomes = new Map((await stage.items(operation)).map(item => [item.clientId, item]))
  for (const { id, client, sessionPresent } of clients) {
    const outcome = outcomes.get(id)
    if (sessionPresent) {
      assert.equal(outcome?.reason, 'reconnected', id)
      assert.deepEqual(await payloads(client, 1), [id])
    } else assert.equal(outcome?.status, 'ok', id)
    await client.disconnect()
  }
})

test('a SUBSCRIBE in between is no reason to leave a session alone', async () => {
  const client = await resume(broker, 'drift-6')
  const plan = await stage.plan({ action: 'clean', filter: 'id:drift-6' })
  assert.deepEqual([plan.breakdown.online, plan.needs.typedCount], [1, true])
  await client.subscribe('drift/6', 1)
  assert.deepEqual(await stage.outcomes(await stage.ended(await stage.begin(plan))), ['drift-6 ok'])
  assert.equal(broker.parts.registry.get('drift-6'), undefined)
})

test('set-expiry and hold are for a session whoever is connected to it', async () => {
  for (const id of ['a', 'b']) await subscribeAndLeave(broker, `drift-7-${id}`, 'drift/7', 1)
  const plan = await stage.plan({
    action: 'set-expiry',
    filter: 'id:drift-7-*',
    options: { expiry: { seconds: 4_000 } },
  })
  const client = await resume(broker, 'drift-7-a')
  assert.deepEqual(await stage.outcomes(await stage.ended(await stage.begin(plan))), [
    'drift-7-a ok',
    'drift-7-b ok',
  ])
  assert.equal(broker.session('drift-7-a').expirySeconds, 4_000)
  await client.disconnect()
})

test('the undo of an expiry leaves alone what somebody has set since', async () => {
  for (const id of ['a', 'b']) await subscribeAndLeave(broker, `drift-8-${id}`, 'drift/8', 1)
  const operation = await stage.execute({
    action: 'set-expiry',
    filter: 'id:drift-8-*',
    options: { expiry: { seconds: null }, pinned: true },
  })
  assert.equal(broker.session('drift-8-a').expirySeconds, Number.POSITIVE_INFINITY)
  await setExpiry(broker.parts, { clientId: 'drift-8-b', expiry: { seconds: 77 }, by: BY })
  const undone = await stage.undo(operation)
  assert.deepEqual(await stage.outcomes(undone), ['drift-8-a ok', 'drift-8-b skipped changed-since'])
  const session = broker.session('drift-8-a')
  assert.deepEqual([session.expirySeconds, session.expiryPinned], [600, false])
  assert.equal(broker.session('drift-8-b').expirySeconds, 77)
})
