// All operations: begun from plans and from one another, carried on after a restart, looked at, cancelled, taken back.

import type { Operation } from '../../../shared/operation.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import { after } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { SideProblem } from '../../store/side/side-database.ts'
import { dropList } from '../items/pages.ts'
import { type PlanRecord, planTaken } from '../plans/plan-records.ts'
import type { PlanWorld } from '../plans/world.ts'
import { writeFailed, writeUndoable } from './derive.ts'
import { itemAct, itemOfTombstone } from './item-act.ts'
import { RUNNING_MAX } from './limits.ts'
import { LiveOperation } from './live-operation.ts'
import { newFacts, type OperationRequest } from './operation-facts.ts'
import {
  type ItemsPage,
  type ItemsQuery,
  type OperationsQuery,
  readItems,
  readOpen,
  readOperation,
  readOperations,
  readRunning,
} from './operation-reads.ts'
import {
  dropUndo,
  endOperation,
  insertOperation,
  NO_COUNTS,
  type OperationFacts,
  type OperationRecord,
  openOperations,
} from './operation-records.ts'
import { operationShape } from './operation-shape.ts'
import type { RetainedUndo } from './retained-undo.ts'
import { dropStrays, tidyOperations } from './retention.ts'
import { SingleActs } from './single-acts.ts'

export type Begun =
  | { readonly at: 'begun'; readonly operation: Operation }
  | { readonly at: 'no-operation' }
  /** The plan is being, or was, executed. */
  | { readonly at: 'executed' }
  /** The other operation has not ended yet. */
  | { readonly at: 'running' }
  /** Nothing failed, or nothing can be taken back any more. */
  | { readonly at: 'nothing-to-do' }
  | { readonly at: 'too-many-running'; readonly max: number }

export type Cancelled =
  | { readonly at: 'cancelled' | 'ended'; readonly operation: Operation }
  | { readonly at: 'no-operation' }

export interface OperationsGiven {
  readonly parts: BrokerParts
  readonly world: PlanWorld
  readonly log: Log
  readonly retainedUndo: RetainedUndo
  /** Running operations wait while it is so. */
  isReadOnly(): boolean
}

export class Operations {
  readonly #given: OperationsGiven
  readonly #live = new Map<string, LiveOperation>()
  readonly #ending = new Set<Promise<void>>()
  readonly #listeners = new Set<(operation: Operation) => void>()
  readonly singles: SingleActs
  #number = 0
  #isClosed = false

  constructor(given: OperationsGiven) {
    this.#given = given
    const { world, log } = given
    this.singles = new SingleActs({
      side: world.side,
      clock: world.clock,
      log,
      nextNumber: () => ++this.#number,
      told: operation => this.#tell(operation),
    })
  }

  /** After plans: goes on with what an earlier process has left. Rejects with SideProblem. */
  async open(): Promise<void> {
    const { side } = this.#given.world
    await openOperations(side)
    await dropStrays(side)
    const [row] = await side.read('SELECT COALESCE(MAX(number), 0) AS last FROM operation')
    this.#number = Number(row?.['last'] ?? 0)
    for (const record of await readRunning(side)) await this.#start(record)
  }

  /** Resolves when what is under way has its result on the disk; what is left is for the next process. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const live of this.#live.values()) live.end('stopped')
    await Promise.all(this.#ending)
  }

  /** Hears of each operation a few times a second while it runs, and at its end. Returns how not to. */
  onProgress(listener: (operation: Operation) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get running(): number {
    return this.#live.size
  }

  /** Of a plan that was taken. */
  async execute(record: PlanRecord, request: OperationRequest): Promise<Begun> {
    const { plan, items, override } = record
    const { clock } = this.#given.world
    const facts = newFacts(clock.now(), request, {
      kind: 'plan',
      action: plan.action,
      plan: plan.id,
      digest: plan.digest,
      filter: plan.filter,
      options: plan.options,
      override,
    })
    return this.#begin(facts, { list: plan.id, items, count: plan.count })
  }

  async retry(id: string, request: OperationRequest): Promise<Begun> {
    return this.#follow(id, request, 'retry')
  }

  async undo(id: string, request: OperationRequest): Promise<Begun> {
    return this.#follow(id, request, 'undo')
  }

  /** What is left is not done. */
  async cancel(id: string): Promise<Cancelled> {
    const live = this.#live.get(id)
    if (live === undefined) {
      const operation = await this.find(id)
      return operation === undefined ? { at: 'no-operation' } : { at: 'ended', operation }
    }
    live.end('cancelled')
    const { side, clock } = this.#given.world
    const now = clock.now()
    // At once, so that it does not go on should the process end before its last items have.
    await side.write([endOperation(live.record.number, 'cancelled', now)])
    return {
      at: 'cancelled',
      operation: { ...live.operation, state: 'cancelled', endedAt: new Date(now).toISOString() },
    }
  }

  async find(id: string): Promise<Operation | undefined> {
    const record = await readOperation(this.#given.world.side, id)
    return record === undefined ? undefined : this.#shape(record)
  }

  /** Who began it; for those who may see only their own. */
  async actorOf(id: string): Promise<string | undefined> {
    return (await readOperation(this.#given.world.side, id))?.facts.actorKey
  }

  /** Latest first; each with its number, for the next page. */
  async list(
    query: OperationsQuery,
  ): Promise<readonly { readonly number: number; readonly operation: Operation }[]> {
    const records = await readOperations(this.#given.world.side, query)
    return records.map(record => ({ number: record.number, operation: this.#shape(record) }))
  }

  async items(id: string, query: ItemsQuery): Promise<ItemsPage | undefined> {
    const record = await readOperation(this.#given.world.side, id)
    return record === undefined ? undefined : readItems(this.#given.world.side, record, query)
  }

  /** A tombstone was restored or purged on its own: its operation cannot take it back any more. */
  async tombstoneGone(id: string): Promise<void> {
    const found = itemOfTombstone(id)
    if (found === undefined) return
    const record = await readOperation(this.#given.world.side, found.operation)
    if (record !== undefined) await this.#given.world.side.write(dropUndo(record.number, found.item))
  }

  /** Resolves when what is too old, or more than there may be, has gone from the disk. */
  async tidy(): Promise<void> {
    const { world, retainedUndo } = this.#given
    await tidyOperations(world.side, world.clock.now())
    await retainedUndo.purgeDue()
  }

  async #follow(id: string, request: OperationRequest, kind: 'retry' | 'undo'): Promise<Begun> {
    const { side, clock } = this.#given.world
    const of = await readOperation(side, id)
    if (of === undefined) return { at: 'no-operation' }
    if (this.#live.has(id)) return { at: 'running' }
    if (this.#live.size >= RUNNING_MAX) return { at: 'too-many-running', max: RUNNING_MAX }
    const { action, plan, digest, filter, clientId, topic, generation, options, override } = of.facts
    // What has failed of an undo is to be taken back, and not to be done once more.
    const isUndo = kind === 'undo' || of.facts.kind === 'undo'
    const facts = newFacts(clock.now(), request, {
      kind: isUndo ? 'undo' : 'retry',
      of: kind === 'retry' && isUndo ? of.facts.of : id,
      action,
      plan,
      digest,
      filter,
      clientId,
      topic,
      generation,
      options,
      override,
    })
    const count =
      kind === 'retry'
        ? await writeFailed(side, of, facts.id)
        : await writeUndoable(side, of, facts.id, clock.now())
    if (count === 0) return { at: 'nothing-to-do' }
    return this.#begin(facts, { list: facts.id, items: count, count })
  }

  async #begin(
    facts: OperationFacts,
    { list, items, count }: { readonly list: string; readonly items: number; readonly count: number },
  ): Promise<Begun> {
    if (this.#isClosed || this.#live.size >= RUNNING_MAX) return { at: 'too-many-running', max: RUNNING_MAX }
    const { side, clock } = this.#given.world
    const record: OperationRecord = {
      number: ++this.#number,
      facts,
      list,
      items,
      count,
      state: 'running',
      startedAt: clock.now(),
      endedAt: undefined,
      mark: { settled: 0, begun: 0 },
      counts: NO_COUNTS,
    }
    try {
      const taking = facts.kind === 'plan' && facts.plan !== null ? [planTaken(facts.plan, facts.id)] : []
      await side.write([insertOperation(record), ...taking])
    } catch (error) {
      if (error instanceof SideProblem && error.failure === 'constraint') return { at: 'executed' }
      if (facts.kind !== 'plan') await dropList(side, list)
      throw error
    }
    const live = await this.#start(record)
    return { at: 'begun', operation: live.operation }
  }

  async #start(record: OperationRecord): Promise<LiveOperation> {
    const { world, log, isReadOnly } = this.#given
    const { facts } = record
    const undone =
      facts.kind === 'undo' && facts.of !== null ? await readOperation(world.side, facts.of) : undefined
    const live = new LiveOperation(record, {
      side: world.side,
      clock: world.clock,
      after,
      act: itemAct(facts, this.#given),
      open: await readOpen(world.side, record),
      undoes: undone?.number,
      holdUp: () => (isReadOnly() ? 'read-only' : undefined),
      problem: (what, error) =>
        log.error(what, {
          operation: facts.id,
          reason: error instanceof Error ? error.message : String(error),
        }),
      told: operation => this.#tell(operation),
    })
    this.#live.set(facts.id, live)
    const ending = this.#toItsEnd(live)
    this.#ending.add(ending)
    void ending.then(() => this.#ending.delete(ending))
    return live
  }

  async #toItsEnd(live: LiveOperation): Promise<void> {
    try {
      await live.toItsEnd()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#given.log.error('an operation has failed', { operation: live.record.facts.id, reason })
    } finally {
      this.#live.delete(live.record.facts.id)
    }
  }

  #tell(operation: Operation): void {
    for (const listener of this.#listeners) listener(operation)
  }

  #shape(record: OperationRecord): Operation {
    const waitsFor = this.#live.get(record.facts.id)?.waitsFor ?? null
    return operationShape(record, waitsFor, this.#given.world.clock.now())
  }
}
