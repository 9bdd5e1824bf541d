// Plans: made, looked at, compared with what is there now, and taken for execution.

import type { Plan, PlanDifference, PlanRequest } from '../../../shared/plan.ts'
import { ulid } from '../../random.ts'
import type { SideStatement } from '../../store/side/side-messages.ts'
import { dropList, PageWriter } from '../items/pages.ts'
import { Slices } from '../slices.ts'
import type { PlanActor } from './blocked.ts'
import { type CollectRequest, collect } from './collect.ts'
import { difference } from './difference.ts'
import { freeze } from './freeze.ts'
import { IDLE_ITEMS_MAX, MAKING_MAX, OPEN_PLANS_MAX, PLAN_KEPT_MS, PLAN_VALID_MS } from './limits.ts'
import { type PlanItemsPage, type PlanItemsQuery, readPlanItems } from './plan-items.ts'
import {
  deletePlan,
  insertPlan,
  type PlanRecord,
  planExpires,
  plansModule,
  plansSteps,
  readIdlePlans,
  readPlan,
} from './plan-records.ts'
import {
  type CheckedRequest,
  checkRequest,
  filterTextOf,
  type RequestProblem,
  scopeOfPlan,
} from './request.ts'
import { Totals } from './totals.ts'
import type { PlanWorld } from './world.ts'

export type Made =
  | { readonly at: 'made'; readonly plan: Plan }
  | RequestProblem
  | { readonly at: 'too-many'; readonly detail: string }
  /** Too many others are waiting for theirs. */
  | { readonly at: 'busy' }
  /** Only an admin may mean what is protected. */
  | { readonly at: 'override-needs-admin' }

export interface Execution {
  readonly digest: string
  readonly confirmCount: number
  readonly actor: PlanActor
}

export type Taken =
  | { readonly at: 'taken'; readonly record: PlanRecord }
  | { readonly at: 'no-plan' }
  /** Somebody else's, and the actor is no admin. */
  | { readonly at: 'not-yours' }
  | { readonly at: 'other-digest'; readonly digest: string }
  | { readonly at: 'executed'; readonly operation: string }
  | { readonly at: 'expired'; readonly expiresAt: string; readonly difference: PlanDifference | undefined }
  | { readonly at: 'other-count'; readonly count: number }
  | { readonly at: 'nothing-to-do' }
  | { readonly at: 'needs-admin' }

export class Plans {
  readonly #world: PlanWorld
  readonly #prefixOf: (key: string) => string
  /** One is made at a time. */
  #last: Promise<unknown> = Promise.resolve()
  #making = 0
  /** Of the latest plan: the longest it kept the event loop, in milliseconds. */
  longestSliceMs = 0

  constructor(world: PlanWorld, prefixOf: (key: string) => string) {
    this.#world = world
    this.#prefixOf = prefixOf
  }

  /** Rejects with SideProblem. */
  async open(): Promise<void> {
    await this.#world.side.define(plansModule, plansSteps)
  }

  make(request: PlanRequest, actor: PlanActor): Promise<Made> {
    const checked = checkRequest(request, this.#world.clock.now())
    if (checked.at === 'invalid') return Promise.resolve(checked)
    if (checked.override.length > 0 && !actor.isAdmin) return Promise.resolve({ at: 'override-needs-admin' })
    return this.#inTurn<Made>(slices => this.#make(checked, actor, slices))
  }

  async find(id: string): Promise<Plan | undefined> {
    const record = await readPlan(this.#world.side, id)
    return record === undefined ? undefined : this.#planOf(record)
  }

  /** `key` of the actor whose plan it is. */
  async makerOf(id: string): Promise<string | undefined> {
    return (await readPlan(this.#world.side, id))?.actor
  }

  async items(id: string, query: PlanItemsQuery): Promise<PlanItemsPage | undefined> {
    const record = await readPlan(this.#world.side, id)
    return record === undefined ? undefined : readPlanItems(this.#world.side, record, query)
  }

  /** Whether the plan may be executed as it was shown; it is the operation's row that takes it for good. */
  async take(id: string, { digest, confirmCount, actor }: Execution): Promise<Taken> {
    const record = await readPlan(this.#world.side, id)
    if (record === undefined) return { at: 'no-plan' }
    const { plan, override } = record
    if (record.actor !== actor.key && !actor.isAdmin) return { at: 'not-yours' }
    if (plan.digest !== digest) return { at: 'other-digest', digest: plan.digest }
    if (record.operation !== undefined) return { at: 'executed', operation: record.operation }
    if (record.expiresAt <= this.#world.clock.now()) {
      const expiresAt = new Date(record.expiresAt).toISOString()
      return { at: 'expired', expiresAt, difference: await this.difference(record, actor) }
    }
    if (plan.count !== confirmCount) return { at: 'other-count', count: plan.count }
    if (plan.count === 0) return { at: 'nothing-to-do' }
    const needsAdmin = plan.needs.role === 'admin' || override.length > 0
    if (needsAdmin && !actor.isAdmin) return { at: 'needs-admin' }
    return { at: 'taken', record }
  }

  /** Resolves when what is too old, or more than there may be, has gone from the disk. */
  async tidy(): Promise<void> {
    const { side, clock } = this.#world
    const now = clock.now()
    const plans = await readIdlePlans(side)
    let items = plans.reduce((sum, plan) => sum + plan.items, 0)
    for (const plan of plans) {
      const isOld = plan.expiresAt + PLAN_KEPT_MS <= now
      if (!isOld && (items <= IDLE_ITEMS_MAX || plan.expiresAt > now)) continue
      items -= plan.items
      await side.write([deletePlan(plan.id)])
      await dropList(side, plan.id)
    }
  }

  /** Undefined when it cannot be told: there is too much now, or too many are waiting. */
  async difference(record: PlanRecord, actor: PlanActor): Promise<PlanDifference | undefined> {
    const { side } = this.#world
    const { plan } = record
    const request = this.#collectRequest({ ...record, ...plan, scope: await scopeOfPlan(side, plan) }, actor)
    const compared = await this.#inTurn(async slices => {
      const now = await collect(request, this.#world, slices)
      return now.at === 'too-many' ? undefined : difference({ side, list: plan.id }, now.columns, slices)
    })
    return compared !== undefined && 'at' in compared ? undefined : compared
  }

  async #make(request: CheckedRequest, actor: PlanActor, slices: Slices): Promise<Made> {
    const { side, clock } = this.#world
    const collected = await collect(this.#collectRequest(request, actor), this.#world, slices)
    if (collected.at === 'too-many') return collected
    const id = `pl_${ulid(clock.now())}`
    const { action, options, override } = request
    const filter = filterTextOf(request.scope)
    const totals = new Totals(action, this.#prefixOf)
    const head = { action, filter, options, override: override.toSorted() }
    const writer = new PageWriter(side, id)
    const { digest, items } = await freeze({ columns: collected.columns, head, totals, writer, slices })
    const madeAt = clock.now()
    const record: PlanRecord = {
      plan: {
        id,
        digest,
        action,
        filter: filter ?? null,
        options,
        actor: actor.name,
        madeAt: new Date(madeAt).toISOString(),
        ...totals.result(this.#world.undoRoom(), madeAt),
      },
      exclude: request.exclude,
      override,
      actor: actor.key,
      madeAt,
      expiresAt: madeAt + PLAN_VALID_MS,
      items,
      operation: undefined,
    }
    await side.write([insertPlan(record), ...(await this.#giveWay(actor))])
    return { at: 'made', plan: this.#planOf(record) }
  }

  /** The actor's oldest open plans expire when there are too many. */
  async #giveWay(actor: PlanActor): Promise<readonly SideStatement[]> {
    const now = this.#world.clock.now()
    const plans = await readIdlePlans(this.#world.side)
    const open = plans.filter(plan => plan.actor === actor.key && plan.expiresAt > now)
    return open.slice(0, Math.max(0, open.length + 1 - OPEN_PLANS_MAX)).map(plan => planExpires(plan.id, now))
  }

  #collectRequest(
    request: Pick<CheckedRequest, 'action' | 'scope' | 'options' | 'exclude' | 'override'>,
    actor: PlanActor,
  ): CollectRequest {
    const { action, scope, options, exclude, override } = request
    const rules = {
      mayTouch: (clientId: string) => actor.mayTouch(clientId),
      protectedPrefixes: this.#world.protectedPrefixes(),
      override: new Set(override),
    }
    return { action, scope, options, exclude: new Set(exclude), rules }
  }

  #planOf({ plan, operation, expiresAt }: PlanRecord): Plan {
    const isExpired = expiresAt <= this.#world.clock.now()
    return {
      ...plan,
      state: operation !== undefined ? 'executed' : isExpired ? 'expired' : 'open',
      operation: operation ?? null,
      expiresAt: new Date(expiresAt).toISOString(),
    }
  }

  async #inTurn<T>(make: (slices: Slices) => Promise<T>): Promise<T | { readonly at: 'busy' }> {
    if (this.#making >= MAKING_MAX) return { at: 'busy' }
    this.#making++
    const slices = new Slices()
    const mine = this.#last.then(() => {
      slices.restart()
      return make(slices)
    })
    this.#last = mine.then(
      () => undefined,
      () => undefined,
    )
    try {
      return await mine
    } finally {
      this.#making--
      this.longestSliceMs = slices.longestMs
    }
  }
}
