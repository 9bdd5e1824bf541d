// Executing: what must be named, what is refused, how it is cancelled, retried and written down.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ItemResult } from '../../server/admin/operations/item-result.ts'
import { resultOfClear } from '../../server/admin/operations/results-of-acts.ts'
import { OPEN_PLANS_MAX } from '../../server/admin/plans/limits.ts'
import { clearQueue } from '../../server/broker/operations/queue.ts'
import type { Operation } from '../../shared/operation.ts'
import { ANA as BY } from '../harness/operated-broker.ts'
import { subscribeAndLeave } from '../harness/sessions.ts'
import { ANA, OLE, planStageForFile } from './stage.ts'

const stage = planStageForFile()
const { broker } = stage

async function sessions(prefix: string, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(3, '0')}`)
  for (const id of ids) await subscribeAndLeave(broker, id, prefix, 1)
  return ids
}

test('an execution names digest and count of its own plan, once', async () => {
  await sessions('exec', 3)
  const plan = await stage.plan({ action: 'clean', filter: 'id:exec-*' }, OLE)
  const { id, digest, count } = plan
  const take = (change: object, actor = OLE) =>
    stage.plans.take(id, { digest, confirmCount: count, actor, ...change })
  assert.equal((await take({ digest: 'sha256:0' })).at, 'other-digest')
  assert.deepEqual(await take({ confirmCount: 2 }), { at: 'other-count', count: 3 })
  assert.equal((await take({}, { ...OLE, key: 'user:other' })).at, 'not-yours')
  assert.equal((await stage.plans.take('pl_none', { digest, confirmCount: 3, actor: OLE })).at, 'no-plan')
  const taken = [await take({}), await take({}, ANA)]
  const [mine, theirs] = taken
  assert.ok(mine?.at === 'taken' && theirs?.at === 'taken', 'an admin may execute the plan of another one')
  const both = await Promise.all(
    [mine, theirs].map(one => stage.operations.execute(one.record, { actor: OLE, reason: 'twice' })),
  )
  assert.deepEqual(both.map(one => one.at).sort(), ['begun', 'executed'], 'a plan is executed once')
  const begun = both.find(one => one.at === 'begun')!
  assert.ok(begun.at === 'begun')
  await stage.ended(begun.operation)
  assert.deepEqual(await take({}), { at: 'executed', operation: begun.operation.id })
  assert.deepEqual(
    [(await stage.plans.find(id))?.state, (await stage.plans.find(id))?.operation],
    ['executed', begun.operation.id],
  )
})

test('an expired plan is not executed, and says what would be different now', async () => {
  const ids = await sessions('late', 5)
  const plan = await stage.plan({ action: 'clean', filter: 'id:late-*' })
  await stage.execute({ action: 'clean', ids: [{ clientId: ids[0]! }] })
  await sessions('late-new', 3)
  broker.leap(5 * 60_000)
  const taken = await stage.take(plan)
  assert.ok(taken.at === 'expired')
  assert.deepEqual(taken.difference?.added, {
    count: 3,
    sample: ['late-new-000', 'late-new-001', 'late-new-002'],
  })
  assert.deepEqual(taken.difference.gone, { count: 1, sample: ['late-000'] })
  assert.equal((await stage.plans.find(plan.id))?.state, 'expired')
  assert.ok(broker.parts.registry.get('late-001'))
})

test('the oldest of too many open plans expires, and those of others do not', async () => {
  const other = await stage.plan({ action: 'hold', filter: 'id:none' }, OLE)
  const first = await stage.plan({ action: 'hold', filter: 'id:none' })
  // Plans of one millisecond are of one age.
  broker.leap(1)
  for (let count = 0; count < OPEN_PLANS_MAX; count++) await stage.plan({ action: 'hold', filter: 'id:none' })
  assert.equal((await stage.plans.find(first.id))?.state, 'expired')
  assert.equal((await stage.plans.find(other.id))?.state, 'open')
  broker.leap(70 * 60_000)
  await stage.plans.tidy()
  assert.equal(await stage.plans.find(first.id), undefined, 'an hour later it has gone')
})

test('a cancel leaves the rest, which a look at the items says', async () => {
  await sessions('cancel', 60)
  const plan = await stage.plan({ action: 'clean', filter: 'id:cancel-*', options: { ratePerSecond: 20 } })
  const begun = await stage.begin(plan)
  await broker.until('some are done', () => broker.parts.registry.get('cancel-005') === undefined)
  assert.equal((await stage.operations.cancel(begun.id)).at, 'cancelled')
  const operation = await stage.ended(begun)
  assert.equal(operation.state, 'cancelled')
  await broker.until('nothing runs', () => stage.operations.running === 0)
  const { ok, skipped, failed } = (await stage.operations.find(begun.id))!
  assert.ok(ok >= 6 && ok < 40 && skipped === 0 && failed === 0)
  const pending = await stage.operations.items(begun.id, { status: 'pending', from: 0, limit: 100 })
  assert.equal(pending?.items.length, 60 - ok)
  for (const item of pending?.items ?? []) assert.ok(broker.parts.registry.get(item.clientId!))
  assert.equal((await stage.operations.cancel(begun.id)).at, 'ended')
})

test('retry makes an operation of what failed, and of nothing else', async () => {
  await sessions('retry', 4)
  const passed = new Date(broker.now() + 3_000).toISOString()
  const plan = await stage.plan({
    action: 'set-expiry',
    filter: 'id:retry-*',
    options: { expiry: { at: passed } },
  })
  broker.leap(4_000)
  const operation = await stage.ended(await stage.begin(plan))
  assert.deepEqual(new Set(await stage.outcomes(operation)).size, 4)
  assert.equal(operation.failed, 4)
  const retry = await stage.operations.retry(operation.id, { actor: ANA, reason: undefined })
  assert.ok(retry.at === 'begun')
  assert.deepEqual(
    [retry.operation.kind, retry.operation.count, retry.operation.of],
    ['retry', 4, operation.id],
  )
  assert.equal((await stage.ended(retry.operation)).failed, 4)
  const fine = await stage.execute({ action: 'clean', filter: 'id:retry-*' })
  assert.equal((await stage.operations.retry(fine.id, { actor: ANA, reason: undefined })).at, 'nothing-to-do')
})

test('operations wait while the broker is read-only', async () => {
  await sessions('wait', 3)
  stage.isReadOnly = true
  const begun = await stage.begin(await stage.plan({ action: 'clean', filter: 'id:wait-*' }))
  await new Promise(resolve => setTimeout(resolve, 200))
  const waiting = await stage.operations.find(begun.id)
  assert.deepEqual([waiting?.state, waiting?.waitsFor, waiting?.ok], ['running', 'read-only', 0])
  stage.isReadOnly = false
  assert.equal((await stage.ended(begun)).ok, 3)
})

test('progress is told now and then, and at the end', async () => {
  await sessions('tell', 40)
  const told: Operation[] = []
  const stop = stage.operations.onProgress(operation => told.push(operation))
  const operation = await stage.execute({
    action: 'clean',
    filter: 'id:tell-*',
    options: { ratePerSecond: 40 },
  })
  stop()
  assert.deepEqual(told.at(-1), operation)
  assert.ok(told.length >= 3 && told.length <= 12, `${told.length} times for one second`)
  for (const [at, one] of told.entries()) assert.ok(at === 0 || one.ok >= told[at - 1]!.ok)
})

test('an act on one session is an operation of one item, and can be taken back like any other', async () => {
  const [clientId = ''] = await sessions('single', 1)
  await stage.publish('single', 'one')
  const { generation } = broker.session(clientId)
  const { outcome, operation } = await stage.operations.singles.perform(
    { actor: ANA, reason: 'too long', action: 'clear-queue', clientId, topic: null, generation, options: {} },
    tombstone => clearQueue(broker.parts, { clientId, by: BY, tombstone }),
    cleared => resultOfClear(cleared) as ItemResult,
  )
  assert.equal(outcome.at, 'cleared')
  assert.ok(operation !== undefined)
  assert.deepEqual([operation.kind, operation.count, operation.ok, operation.messages], ['single', 1, 1, 1])
  assert.deepEqual(await stage.outcomes(operation), ['single-000 ok'])
  const [latest] = await stage.operations.list({ limit: 1 })
  assert.equal(latest?.operation.id, operation.id)
  assert.equal((await stage.undo(operation)).ok, 1)
  assert.equal(broker.session(clientId).lease.queue.messages, 1)
})

test('results are paged, each item once, whatever is asked for', async () => {
  await sessions('page', 30)
  const operation = await stage.execute({
    action: 'clean',
    filter: 'id:page-*',
    options: { ratePerSecond: 1_000 },
  })
  for (const status of [undefined, 'ok'] as const) {
    const seen: (string | null)[] = []
    for (let from: number | undefined = 0; from !== undefined; ) {
      const page = await stage.operations.items(operation.id, { status, from, limit: 7 })
      seen.push(...page!.items.map(item => item.clientId))
      from = page!.next
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, at) => `page-${String(at).padStart(3, '0')}`),
    )
  }
})
