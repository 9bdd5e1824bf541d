// Each action of a plan: what its preview says, what it does, and how it is taken back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../shared/plan.ts'
import { RawClient } from '../harness/raw-client.ts'
import { payloads, persistent, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { ANA, OLE, planStageForFile } from './stage.ts'

const stage = planStageForFile()
const { broker } = stage

function numbers({ count, messagesLost, wills, blockedCount, undoable }: Plan) {
  return { count, messagesLost, wills, blockedCount, undoable }
}

function withWill(clientId: string, topic: string) {
  const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const
  return { ...persistent(clientId), will }
}

test('clean takes sessions with what they had, and undo brings all of it back, in order', async () => {
  for (const id of ['a', 'b', 'c']) {
    const client = await resume(broker, `clean-${id}`)
    await client.subscribe(`clean/${id}`, 1)
    await client.subscribe('clean/all', 2)
    await client.disconnect()
  }
  await stage.publish('clean/b', 'one', 'two', 'three')
  await stage.publish('clean/all', 'four')
  const plan = await stage.plan({ action: 'clean', filter: 'id:clean-*', exclude: ['clean-c'] })
  assert.deepEqual(numbers(plan), { count: 2, messagesLost: 5, wills: 0, blockedCount: 0, undoable: true })
  assert.deepEqual(
    plan.biggest.map(item => item.clientId),
    ['clean-b', 'clean-a'],
  )
  assert.deepEqual(plan.prefixes, [{ prefix: 'clean', count: 2 }])
  assert.deepEqual(plan.needs, { typedCount: false, role: 'operator' })
  const operation = await stage.ended(await stage.begin(plan))
  assert.equal(operation.messages, 5)
  assert.equal(operation.undo.items, 2)
  assert.ok(operation.undo.until !== null)
  assert.equal(broker.parts.registry.get('clean-a'), undefined)
  assert.ok(broker.parts.registry.get('clean-c'))
  const [item] = await stage.items(operation)
  assert.equal(item?.tombstone, `${operation.id}-0`)

  const undone = await stage.undo(operation)
  assert.deepEqual([undone.kind, undone.of, undone.ok, undone.messages], ['undo', operation.id, 2, 5])
  assert.deepEqual((await stage.operations.find(operation.id))?.undo, { items: 0, until: null })
  const client = await resume(broker, 'clean-b')
  assert.deepEqual(await payloads(client, 4), ['one', 'two', 'three', 'four'])
  await client.disconnect()
  const again = await stage.operations.undo(operation.id, { actor: ANA, reason: undefined })
  assert.equal(again.at, 'nothing-to-do')
})

test('undo leaves alone the name that has a session again, and says so', async () => {
  for (const id of ['a', 'b']) await subscribeAndLeave(broker, `undo-${id}`, `undo/${id}`, 1)
  const operation = await stage.execute({ action: 'clean', filter: 'id:undo-*' })
  await subscribeAndLeave(broker, 'undo-a', 'undo/new', 1)
  const { generation } = broker.session('undo-a')
  const undone = await stage.undo(operation)
  assert.deepEqual(await stage.outcomes(undone), ['undo-a skipped session-exists', 'undo-b ok'])
  assert.equal(broker.session('undo-a').generation, generation)
  assert.equal((await stage.operations.find(operation.id))?.undo.items, 1)
})

test('disconnect closes connections, with their wills or without, and blocks who has none', async () => {
  await subscribeAndLeave(broker, 'kick-off', 'kick', 1)
  const listener = await RawClient.connected(broker)
  await listener.subscribe('kick/will', 1)
  const kept = await RawClient.open(broker)
  await kept.connect(withWill('kick-kept', 'kick/will'))
  const passing = await RawClient.connected(broker, { clientId: 'kick-passing', clean: true })
  const quiet = await stage.plan({
    action: 'disconnect',
    filter: 'id:kick-*',
    options: { suppressWill: true },
  })
  assert.equal(quiet.wills, 0)
  const plan = await stage.plan({ action: 'disconnect', filter: 'id:kick-*' })
  assert.deepEqual(numbers(plan), { count: 2, messagesLost: 0, wills: 1, blockedCount: 1, undoable: false })
  assert.notEqual(plan.digest, quiet.digest)
  assert.deepEqual(plan.blockedReasons, [{ reason: 'not-connected', count: 1 }])
  assert.equal(plan.undo.why, 'no-undo')
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), ['kick-kept ok', 'kick-passing ok'])
  for (const client of [kept, passing]) await client.expectDisconnect(0x98)
  assert.deepEqual(await payloads(listener, 1), ['gone'])
  assert.ok(broker.parts.registry.get('kick-kept'))
  await listener.disconnect()
})

test('a hold that goes with the act keeps the client out, and is not left where nothing was done', async () => {
  const client = await resume(broker, 'held-on')
  await subscribeAndLeave(broker, 'held-off', 'held', 1)
  const plan = await stage.plan({ action: 'clean', filter: 'id:held-*', options: { holdSeconds: 60 } })
  const back = await resume(broker, 'held-off')
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), ['held-off skipped reconnected', 'held-on ok'])
  await client.expectDisconnect(0x98)
  assert.equal(broker.parts.holds.find('held-off'), undefined)
  assert.ok(broker.parts.holds.find('held-on'))
  await back.disconnect()
})

test('hold keeps clients out without closing anything, and undo lets them in', async () => {
  await subscribeAndLeave(broker, 'hold-a', 'hold', 1)
  const operation = await stage.execute({
    action: 'hold',
    filter: 'id:hold-a',
    options: { holdSeconds: 120 },
  })
  const until = broker.parts.holds.find('hold-a')?.until ?? 0
  assert.ok(until > broker.now() + 110_000)
  assert.equal((await stage.undo(operation)).ok, 1)
  assert.equal(broker.parts.holds.find('hold-a'), undefined)
})

test('expire ends offline sessions, and blocks those that are connected', async () => {
  await subscribeAndLeave(broker, 'expire-off', 'expire', 1)
  const client = await resume(broker, 'expire-on')
  const plan = await stage.plan({ action: 'expire', filter: 'id:expire-*' })
  assert.deepEqual(
    [plan.count, plan.blocked[0]?.clientId, plan.blocked[0]?.blocked],
    [1, 'expire-on', 'connected'],
  )
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), ['expire-off ok'])
  assert.equal(broker.event('session-ended', 'expire-off').why, 'expired-by-operator')
  await client.disconnect()
})

test('clear-queue takes what waits, counts it beforehand, and puts it back', async () => {
  await subscribeAndLeave(broker, 'clear-a', 'clear/a', 1)
  await stage.publish('clear/a', 'one', 'two')
  const { bytes } = broker.session('clear-a').lease.queue
  const plan = await stage.plan({ action: 'clear-queue', filter: 'id:clear-a' })
  assert.deepEqual([plan.messagesLost, plan.bytesLost], [2, bytes])
  const operation = await stage.ended(await stage.begin(plan))
  assert.equal(broker.session('clear-a').lease.queue.messages, 0)
  await stage.publish('clear/a', 'three')
  assert.equal((await stage.undo(operation)).messages, 2)
  const client = await resume(broker, 'clear-a')
  assert.deepEqual(await payloads(client, 3), ['one', 'two', 'three'])
  await client.disconnect()
})

test('messages.remove takes the messages that were found, and none that came later', async () => {
  for (const id of ['a', 'b', 'c']) await subscribeAndLeave(broker, `remove-${id}`, `remove/${id}/#`, 1)
  await stage.publish('remove/a/x', 'a1')
  await stage.publish('remove/a/y', 'a2')
  await stage.publish('remove/a/x', 'a3')
  await stage.publish('remove/b/x', 'b1')
  await stage.publish('remove/c/y', 'c1')
  const filter = 'id:remove-*'
  const plan = await stage.plan({
    action: 'messages.remove',
    filter,
    options: { messages: { topic: '*/x' } },
  })
  assert.deepEqual([plan.count, plan.messagesLost], [2, 3])
  await stage.publish('remove/a/x', 'a4')
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), ['remove-a ok', 'remove-b ok'])
  assert.equal(operation.messages, 3)
  const none = await stage.plan({
    action: 'messages.remove',
    filter,
    options: { messages: { olderThanSeconds: 60 } },
  })
  assert.equal(none.count, 0)
  broker.leap(61_000)
  const old = await stage.plan({
    action: 'messages.remove',
    filter,
    options: { messages: { olderThanSeconds: 60, bytesMin: 12 } },
  })
  assert.deepEqual([old.count, old.messagesLost], [2, 3])
})

test('retained.delete deletes the messages that were seen, and puts them back where the topic is still empty', async () => {
  const client = await RawClient.connected(broker)
  for (const topic of ['a', 'b', 'c'])
    await client.publish({ topic: `retained/${topic}`, payload: topic, qos: 1, retain: true })
  const plan = await stage.plan({ action: 'retained.delete', filter: 'retained/+' })
  assert.deepEqual([plan.count, plan.messagesLost, plan.undoable], [3, 3, true])
  await new Promise(resolve => setTimeout(resolve, 5))
  await client.publish({ topic: 'retained/b', payload: 'newer', qos: 1, retain: true })
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), [
    'retained/a ok',
    'retained/b skipped replaced',
    'retained/c ok',
  ])
  assert.deepEqual(retained('retained/+'), ['retained/b newer'])
  await client.publish({ topic: 'retained/c', payload: 'again', qos: 1, retain: true })
  const undone = await stage.undo(operation)
  assert.deepEqual(await stage.outcomes(undone), ['retained/a ok', 'retained/c skipped replaced'])
  assert.deepEqual(retained('retained/+'), ['retained/a a', 'retained/b newer', 'retained/c again'])
  assert.equal(
    stage.retainedUndo.bytes > 0,
    true,
    'the copy that was not needed stays until its time is over',
  )
  broker.leap(16 * 60_000)
  await stage.retainedUndo.purgeDue()
  assert.equal(stage.retainedUndo.bytes, 0)
  await client.disconnect()
})

function retained(filter: string): readonly string[] {
  return [...broker.parts.retained.each(filter)]
    .map(message => `${message.topic.name} ${message.payload}`)
    .sort()
}

test('protected client ids are blocked unless an admin names them, and only in their plan', async () => {
  stage.protectedPrefixes = ['bridge-']
  for (const id of ['bridge-eu', 'bridge-us', 'bridge-x']) await subscribeAndLeave(broker, id, 'bridge', 1)
  const plan = await stage.plan({ action: 'clean', filter: 'id:bridge-*', override: ['bridge-us'] })
  assert.deepEqual([plan.count, plan.blockedReasons], [1, [{ reason: 'protected', count: 2 }]])
  assert.equal(
    (await stage.plans.make({ action: 'clean', filter: '', override: ['bridge-us'] }, OLE)).at,
    'override-needs-admin',
  )
  assert.equal((await stage.take(plan, OLE)).at, 'not-yours')
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(await stage.outcomes(operation), ['bridge-us ok'])
  stage.protectedPrefixes = []
  const late = await stage.plan({ action: 'clean', filter: 'id:bridge-*' })
  stage.protectedPrefixes = ['bridge-']
  const skipped = await stage.ended(await stage.begin(late))
  assert.deepEqual(await stage.outcomes(skipped), [
    'bridge-eu skipped protected',
    'bridge-x skipped protected',
  ])
  stage.protectedPrefixes = []
})

test('what a key may not touch it does not learn of, and what it names is blocked', async () => {
  for (const id of ['key-mine', 'key-other']) await subscribeAndLeave(broker, id, 'key', 1)
  const key = { ...OLE, key: 'key:1', mayTouch: (clientId: string) => clientId.startsWith('key-mine') }
  const found = await stage.plan({ action: 'clean', filter: 'id:key-*' }, key)
  assert.deepEqual([found.count, found.blockedCount], [1, 0])
  const named = await stage.plan({ action: 'clean', ids: [{ clientId: 'key-other' }] }, key)
  assert.deepEqual([named.count, named.blocked[0]?.blocked], [0, 'outside-key'])
})

test('ids that are not there, or are another session by now, are blocked', async () => {
  await subscribeAndLeave(broker, 'ids-a', 'ids', 1)
  const ids = [{ clientId: 'ids-none' }, { clientId: 'ids-a', generation: 'other' }]
  const plan = await stage.plan({ action: 'clean', ids })
  assert.equal(plan.count, 0)
  assert.deepEqual(
    plan.blocked.map(item => item.blocked),
    ['new-session', 'no-session'],
  )
  assert.equal((await stage.take(plan)).at, 'nothing-to-do')
})

test('what would not fit into the undo budget is not promised, and done all the same', async () => {
  const { limits } = broker.parts.undo
  for (const id of ['a', 'b']) await subscribeAndLeave(broker, `budget-${id}`, 'budget', 1)
  broker.parts.undo.limits = { ...limits, bytesMax: broker.parts.undo.bytes + 1_000 }
  const plan = await stage.plan({ action: 'clean', filter: 'id:budget-*' })
  assert.deepEqual([plan.undoable, plan.undo.why, plan.undoUntil], [false, 'over-budget', null])
  const operation = await stage.ended(await stage.begin(plan))
  broker.parts.undo.limits = limits
  assert.deepEqual([operation.ok, operation.undo.items], [2, 0])
})
