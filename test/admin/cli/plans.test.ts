// Acts on many from the command line, with real sessions: planned, shown, confirmed, executed, undone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile({ 'queue-messages-max': 3 })
const holdfast = adminCliForFile(broker)

async function kiosks(prefix: string, count: number): Promise<void> {
  for (let number = 1; number <= count; number++)
    await subscribeAndLeave(broker, `${prefix}-${number}`, `${prefix}/#`, 1)
  const publisher = await RawClient.connected(broker)
  for (const payload of ['one', 'two']) await publisher.publish({ topic: `${prefix}/x`, payload, qos: 1 })
}

test('clean by filter: plan, typed number, results, and undo brings all back in order', async () => {
  await kiosks('web', 3)
  const argv = ['sessions', 'clean', '--filter', 'id:web-*', '--reason', 'kiosks replaced']
  const { code, out, err } = await holdfast.run(argv, { typed: ['3'] })
  assert.equal(code, 0, err)
  assert.match(out, /^Plan +pl_\S+: clean 3 sessions$/m)
  assert.match(out, /^Would be lost +6 messages, /m)
  assert.match(out, /^Undo +all of it, for 1[45] min$/m)
  assert.match(out, /^clean 3 sessions: done, 3 ok of 3 in /m)
  assert.match(out, /^web-2 +ok +- +2 /m)
  const [, undo = ''] = /holdfast undo (op_\S+)/.exec(out) ?? []
  assert.match(await holdfast.done('tombstones'), /^op_\S+-1 +session +web-2 +2 /m)
  assert.match(
    await holdfast.done('undo', undo, '--yes', '--reason', 'the wrong ones'),
    /^Undo: done, 3 ok of 3 in /m,
  )
  assert.deepEqual(await payloads(await resume(broker, 'web-2'), 2), ['one', 'two'])
  assert.match(await holdfast.done('operations', 'list'), /undo of clean +done +3 +0 +0 +3/)
  assert.match(await holdfast.done('operations', 'show', undo), /^Reason +kiosks replaced$/m)
  assert.equal((await holdfast.json('operations', 'items', undo, '--status=ok')).length, 3)
})

test('without the right number, a reason or somebody to ask, nothing is done', async () => {
  await kiosks('stays', 2)
  const argv = ['sessions', 'clean', '--filter', 'id:stays-*']
  const withReason = [...argv, '--reason', 'x']
  for (const [words, typed, code] of [
    [withReason, ['3'], 4],
    [withReason, [], 4],
    [withReason, undefined, 4],
    [[...withReason, '--yes'], undefined, 2],
    [[...withReason, '--yes', '--count=1'], undefined, 4],
    [argv, undefined, 2],
    [['sessions', 'clean', '--reason', 'x'], undefined, 2],
    [[...withReason, 'stays-1'], undefined, 2],
  ] as const)
    assert.equal(
      (await holdfast.run(words, typed === undefined ? {} : { typed })).code,
      code,
      words.join(' '),
    )
  const [plan] = await holdfast.json('plan', 'create', 'clean', '--filter', 'id:stays-*')
  assert.equal(plan.count, 2)
})

test('a plan is made, looked at and executed in steps; who is back meanwhile is skipped', async () => {
  await kiosks('step', 2)
  const [plan] = await holdfast.json('plan', 'create', 'clean', 'step-1', 'step-2')
  assert.match(await holdfast.done('plan', 'show', plan.id), /^Of these +0 online, 2 offline$/m)
  assert.equal((await holdfast.json('plan', 'items', plan.id)).length, 2)
  const back = await RawClient.connected(broker, { clientId: 'step-1', clean: true })
  const out = await holdfast.done('plan', 'execute', plan.id, '--yes', '--count=2', '--reason=x')
  assert.match(out, /: done, 1 ok, 1 skipped of 2 in /)
  assert.match(out, /^step-1 +skipped +new-session/m)
  await back.expectNothingBeforePing()
  assert.equal((await holdfast.run(['plan', 'show', 'pl_00000000000000000000000000'])).code, 3)
  assert.equal((await holdfast.run(['plan', 'create', 'destroy', 'step-1'])).code, 2)
})

test('retained messages go by filter, and come back', async () => {
  const publisher = await RawClient.connected(broker)
  for (const name of ['a', 'b'])
    await publisher.publish({ topic: `config/${name}`, payload: 'x', qos: 1, retain: true })
  const done = ['--yes', '--count=2', '--reason=old', '--json']
  const [operation] = await holdfast.json('retained', 'delete', '--filter', 'config/#', ...done.slice(0, 3))
  assert.equal(operation.ok, 2)
  assert.deepEqual(await holdfast.json('retained', 'list', '--filter', 'config/#'), [])
  await holdfast.done('undo', operation.id, '--yes')
  assert.equal((await holdfast.json('retained', 'list', '--filter', 'config/#')).length, 2)
})

test('an undo of several is asked for, or has --yes; of one it is done at once', async () => {
  await kiosks('asked', 2)
  const cleaning = ['sessions', 'clean', 'asked-1', 'asked-2', '--yes', '--count=2', '--reason=x', '--json']
  const [operation] = await holdfast.json(...cleaning.slice(0, -1))
  const refused = await holdfast.run(['undo', operation.id])
  assert.deepEqual([refused.code, refused.out], [4, ''])
  assert.match(refused.err, /Nobody is there to be asked about 2 items, .* give --yes/)
  assert.equal((await holdfast.run(['undo', operation.id], { typed: ['no'] })).code, 4)
  assert.equal((await holdfast.json('operations', 'list', '--limit', '1'))[0].id, operation.id)
  const done = await holdfast.run(['operations', 'undo', operation.id], { typed: ['yes'] })
  assert.equal(done.code, 0, done.err)
  assert.match(done.err, /Take back 2 items\? Type yes to go on: /)
  assert.match(done.out, /^Undo: done, 2 ok of 2 in /m)
  const [single] = await holdfast.json('sessions', 'clean', 'asked-1', '--reason=x')
  assert.match(await holdfast.done('operations', 'show', single.operation), /: clean asked-1$/m)
  assert.match(await holdfast.done('undo', single.operation), /^Undo: done, 1 ok of 1 in /m)
})

test('an operation that runs is cancelled, and what it did is undone', async () => {
  await kiosks('slow', 4)
  const argv = ['sessions', 'clean', '--filter', 'id:slow-*', '--rate', '1', '--no-wait']
  const [begun] = await holdfast.json(...argv, '--yes', '--count=4', '--reason=x')
  const cancelled = await holdfast.done('operations', 'cancel', begun.id, '--reason=wrong')
  assert.match(cancelled, /^Cancelled: cancelled, \d ok of 4 in /m)
  const [{ ok, state, undo }] = await holdfast.json('operations', 'show', begun.id)
  assert.ok(state === 'cancelled' && ok < 4, `${state} ${ok}`)
  assert.equal(undo.items, ok)
  assert.equal((await holdfast.run(['operations', 'cancel', begun.id])).code, 4)
  assert.equal((await holdfast.run(['operations', 'retry', begun.id])).code, 4)
  if (ok > 0) assert.match(await holdfast.done('operations', 'undo', begun.id, '--yes'), /^Undo: done, /m)
  assert.equal(Number((await holdfast.done('sessions', 'count', '--filter', 'id:slow-*')).trim()), 4)
})

test('what has failed is tried once more', async () => {
  await kiosks('again', 1)
  const [cleared] = await holdfast.json('sessions', 'clear', 'again-1', '--reason=x')
  const publisher = await RawClient.connected(broker)
  for (const payload of ['three', 'four']) await publisher.publish({ topic: 'again/x', payload, qos: 1 })
  const failed = await holdfast.run(['undo', cleared.operation])
  assert.equal(failed.code, 1)
  assert.match(failed.out, /^again-1 +failed +no-room: /m)
  const [, undo = ''] = /1 failed: holdfast operations retry (op_\S+)/.exec(failed.err) ?? []
  await holdfast.done('sessions', 'clear', 'again-1')
  assert.match(await holdfast.done('operations', 'retry', undo), /^Retry: done, 1 ok of 1 in /m)
  assert.deepEqual(await payloads(await resume(broker, 'again-1'), 2), ['one', 'two'])
})

test('one retained message is deleted at once, and put back', async () => {
  const publisher = await RawClient.connected(broker)
  await publisher.publish({ topic: 'one/a b', payload: 'x', qos: 1, retain: true })
  const out = await holdfast.done('retained', 'delete', 'one/a b', '--reason', 'old')
  assert.match(out, /^Deleted the retained message of "one\/a b" \(\d+ B\); it can be put back until /)
  const [, undo = ''] = /holdfast undo (op_\S+-0)/.exec(out) ?? []
  assert.equal((await holdfast.run(['retained', 'delete', 'one/a b'])).code, 3)
  await holdfast.done('undo', undo)
  assert.equal((await holdfast.json('retained', 'list', '--filter', 'one/#')).length, 1)
  assert.match(await holdfast.done('operations', 'list'), /retained\.delete one\/a b +done +1 /)
})
