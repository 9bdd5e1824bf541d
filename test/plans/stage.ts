// Plans and operations over a broker in the test process, with sessions made by real clients.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { openItems } from '../../server/admin/items/pages.ts'
import { type Begun, Operations } from '../../server/admin/operations/operations.ts'
import { RetainedUndo } from '../../server/admin/operations/retained-undo.ts'
import type { PlanActor } from '../../server/admin/plans/blocked.ts'
import { brokerWorld } from '../../server/admin/plans/broker-world.ts'
import { Plans, type Taken } from '../../server/admin/plans/plans.ts'
import { createLog } from '../../server/log.ts'
import { openSide, type SideDatabase } from '../../server/store/side/side-database.ts'
import { clientIdPrefix } from '../../shared/client-id-prefix.ts'
import type { Operation, OperationItem } from '../../shared/operation.ts'
import type { Plan, PlanRequest } from '../../shared/plan.ts'
import type { Settings } from '../harness/broker-program.ts'
import { OperatedBroker } from '../harness/operated-broker.ts'
import { RawClient } from '../harness/raw-client.ts'

export const ANA: PlanActor = { key: 'user:ana', name: 'ana', isAdmin: true, mayTouch: () => true }
export const OLE: PlanActor = { key: 'user:ole', name: 'ole', isAdmin: false, mayTouch: () => true }

const WITHIN_MS = 10_000

export class PlanStage {
  readonly broker: OperatedBroker
  protectedPrefixes: readonly string[] = []
  isReadOnly = false
  plans!: Plans
  operations!: Operations
  side!: SideDatabase
  retainedUndo!: RetainedUndo
  readonly problems: string[] = []

  constructor(broker: OperatedBroker) {
    this.broker = broker
  }

  async open(dataDirectory: string | undefined = undefined): Promise<void> {
    const { parts } = this.broker
    this.side = await openSide({ dataDirectory, fatal: message => assert.fail(message) })
    await openItems(this.side)
    const world = brokerWorld({
      parts,
      side: this.side,
      table: this.broker.table,
      protectedPrefixes: () => this.protectedPrefixes,
    })
    this.retainedUndo = new RetainedUndo(parts, this.side)
    await this.retainedUndo.open()
    this.plans = new Plans(world, clientIdPrefix)
    await this.plans.open()
    this.operations = new Operations({
      parts,
      world,
      log: createLog({
        level: 'error',
        format: 'json',
        write: line => this.problems.push(line),
        now: () => this.broker.now(),
      }),
      retainedUndo: this.retainedUndo,
      isReadOnly: () => this.isReadOnly,
    })
    await this.operations.open()
  }

  async close(): Promise<void> {
    await this.operations.close()
    await this.side.close()
  }

  async plan(request: PlanRequest, actor = ANA): Promise<Plan> {
    const made = await this.plans.make(request, actor)
    assert.ok(made.at === 'made', JSON.stringify(made))
    return made.plan
  }

  take(plan: Plan, actor = ANA): Promise<Taken> {
    return this.plans.take(plan.id, { digest: plan.digest, confirmCount: plan.count, actor })
  }

  async begin(plan: Plan, actor = ANA): Promise<Operation> {
    const taken = await this.take(plan, actor)
    assert.ok(taken.at === 'taken', JSON.stringify(taken))
    return begun(await this.operations.execute(taken.record, { actor, reason: 'ticket 4411' }))
  }

  /** Made, executed and ended. */
  async execute(request: PlanRequest): Promise<Operation> {
    return this.ended(await this.begin(await this.plan(request)))
  }

  async undo(operation: Operation): Promise<Operation> {
    return this.ended(begun(await this.operations.undo(operation.id, { actor: ANA, reason: undefined })))
  }

  async ended({ id }: Operation): Promise<Operation> {
    const deadline = performance.now() + WITHIN_MS
    for (;;) {
      const operation = await this.operations.find(id)
      if (operation !== undefined && operation.state !== 'running') return operation
      assert.ok(performance.now() < deadline, `the operation has not ended: ${JSON.stringify(operation)}`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  async items({ id }: Operation): Promise<readonly OperationItem[]> {
    const page = await this.operations.items(id, { from: 0, limit: 1_000 })
    assert.ok(page !== undefined && page.next === undefined)
    return page.items
  }

  /** `key status reason` of each. */
  async outcomes(operation: Operation): Promise<readonly string[]> {
    const items = await this.items(operation)
    return items.map(item =>
      [item.clientId ?? item.topic, item.status, item.reason].filter(word => word !== null).join(' '),
    )
  }

  async publish(topic: string, ...payloads: readonly string[]): Promise<void> {
    const client = await RawClient.connected(this.broker)
    for (const payload of payloads) await client.publish({ topic, payload, qos: 1 })
    await client.disconnect()
  }
}

function begun(outcome: Begun): Operation {
  assert.ok(outcome.at === 'begun', JSON.stringify(outcome))
  return outcome.operation
}

/** One for all tests of a file. */
export function planStageForFile(settings: Settings = {}): PlanStage {
  const broker = new OperatedBroker(settings)
  const stage = new PlanStage(broker)
  before(async () => {
    await broker.start()
    await stage.open()
  })
  after(async () => {
    await stage.close()
    await broker.stop()
  })
  return stage
}
