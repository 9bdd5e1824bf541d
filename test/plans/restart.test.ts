// An operation goes on after the broker was stopped or killed: nothing is done twice, nothing is left out, nothing is called wrong.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { OperatedBroker } from '../harness/operated-broker.ts'
import { payloads, resume, subscribeAndLeave } from '../harness/sessions.ts'
import { PlanStage } from './stage.ts'

test('stopped in the middle, an operation ends in the next process as if nothing had been', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-plans-'))
  after(() => rmSync(directory, { recursive: true }))
  const broker = new OperatedBroker({ store: 'embedded', 'data-dir': directory })
  await broker.start()
  const ids = Array.from({ length: 40 }, (_, at) => `restart-${String(at).padStart(2, '0')}`)
  for (const id of ids) await subscribeAndLeave(broker, id, 'restart', 1)
  const side = join(directory, 'plans')
  let stage = new PlanStage(broker)
  await stage.open(side)
  await stage.publish('restart', 'kept')
  const options = { ratePerSecond: 20 }
  const begun = await stage.begin(await stage.plan({ action: 'clean', filter: 'id:restart-*', options }))
  await broker.until('some are done', () => broker.parts.registry.get('restart-05') === undefined)
  await stage.close()
  await broker.restart()
  assert.ok(broker.parts.registry.get('restart-39'))
  await resume(broker, 'restart-39')

  stage = new PlanStage(broker)
  await stage.open(side)
  const operation = await stage.ended(begun)
  assert.deepEqual([operation.ok, operation.skipped, operation.failed], [39, 1, 0])
  assert.equal(operation.messages, 39)
  const items = await stage.items(operation)
  assert.equal(items.at(-1)?.reason, 'reconnected')
  for (const item of items.slice(0, -1)) assert.equal(item.tombstone, `${operation.id}-${item.number}`)
  const undone = await stage.undo(operation)
  assert.equal(undone.ok, 39)
  const client = await resume(broker, 'restart-07')
  assert.deepEqual(await payloads(client, 1), ['kept'])
  await stage.close()
  await broker.stop()
})
