// Acts on many from the command line, with real sessions: planned, shown, confirmed, executed, undone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminCliForFile } from '../../harness/admin-cli.ts'
import { inProcessBrokerForFile } from '../../harness/in-process-broker.ts'
import { RawClient } from '../../harness/raw-client.ts'
import { payloads, resume, subscribeAndLeave } from '../../harness/sessions.ts'

const broker = inProcessBrokerForFile()
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
  assert.match(await holdfast.done('undo', undo, '--reason', 'the wrong ones'), /^Undo: done, 3 ok of 3 in /m)
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
  await holdfast.done('undo', operation.id)
  assert.equal((await holdfast.json('retained', 'list', '--filter', 'config/#')).length, 2)
})
