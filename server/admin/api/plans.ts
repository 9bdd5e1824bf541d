// Plans: acts on many sessions, shown before they are executed.

import Type from 'typebox'
import { operationSchema } from '../../../shared/operation.ts'
import {
  type PlanItem,
  planExecutionSchema,
  planItemSchema,
  planRequestSchema,
  planSchema,
} from '../../../shared/plan.ts'
import { closed, cursorSchema, limitOf, pageSchema } from '../../../shared/shapes.ts'
import type { Actor } from '../auth/actor.ts'
import type { Made, Plans, Taken } from '../plans/plans.ts'
import {
  idParams,
  notBegun,
  operationRequest,
  operationUrl,
  planActor,
  planUrl,
  seesAll,
} from './acting-words.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { operationExample } from './operation-examples.ts'
import { planExample, planItemExample } from './plan-examples.ts'
import { type ApiProblem, problem } from './problem.ts'
import { readNumberCursor, uncountedPage } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'

/** Ten thousand client ids with their generations, and as many exclusions. */
const BODY_BYTES_MAX = 4 * 1_048_576

export function planRoutes(context: ApiContext): readonly ApiRoute[] {
  return [make(context), show(context), items(context), execute(context)]
}

function make({ acting }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/plans',
    summary: 'Make a plan: freeze what an act would be about, and say what would be lost.',
    description:
      'Nothing is done to any session. The plan is good for five minutes, and its digest is what an execution must name. docs/PLANS.md has actions, options and bounds.',
    tag: 'Plans',
    role: 'operator',
    audit: 'plan.make',
    limitedKeys: 'filtered',
    bodyBytesMax: BODY_BYTES_MAX,
    cost: 5,
    body: planRequestSchema,
    bodyExample: { action: 'clean', filter: 'id:web-kiosk-* stuck:true', options: { holdSeconds: 30 } },
    response: { 201: planSchema },
    example: { 201: planExample },
    problems: ['forbidden', 'limit-exceeded'],
    handle: async ({ body, actor, act }, reply) => {
      act.tell({ action: body.action, filter: body.filter ?? null })
      const made = await acting.plans.make(body, planActor(actor))
      if (made.at !== 'made') throw notMade(made)
      const { plan } = made
      act.target = plan.digest
      act.tell({ plan: plan.id, count: plan.count, messages: plan.messagesLost })
      reply.header('location', planUrl(plan.id)).header('etag', `"${plan.digest}"`)
      return plan
    },
  })
}

function show({ acting }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/plans/{id}',
    summary: 'A plan, with what it would do. Its ETag is the digest.',
    tag: 'Plans',
    role: 'viewer',
    limitedKeys: 'filtered',
    params: idParams,
    response: { 200: planSchema },
    example: { 200: planExample },
    problems: ['not-found'],
    handle: async ({ params, actor }, reply) => {
      await requireSeen(acting.plans, params.id, actor)
      const plan = await acting.plans.find(params.id)
      if (plan === undefined) throw problem('not-found')
      reply.header('etag', `"${plan.digest}"`)
      return plan
    },
  })
}

function items({ acting }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/plans/{id}/items',
    summary: 'The items of a plan, in the order in which they would be acted on.',
    description:
      'A page may be short, or empty, when a search has found little: `page.hasMore` says whether to go on.',
    tag: 'Plans',
    role: 'viewer',
    limitedKeys: 'filtered',
    params: idParams,
    query: Type.Object(
      {
        q: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 1_024,
            description: 'Part of the client identifier, or of the topic.',
          }),
        ),
        blocked: Type.Optional(
          Type.Boolean({ description: 'Only those that are blocked, or only the others.' }),
        ),
        cursor: cursorSchema,
        limit: limitOf(100, 1_000),
      },
      closed,
    ),
    response: { 200: Type.Object({ data: Type.Array(planItemSchema), page: pageSchema }, closed) },
    example: { 200: { data: [planItemExample], page: uncountedPage(100) } },
    problems: ['not-found'],
    handle: async ({ params, query, actor }) => {
      await requireSeen(acting.plans, params.id, actor)
      const { q, blocked, cursor, limit } = query
      const page = await acting.plans.items(params.id, {
        q,
        blocked,
        from: readNumberCursor(cursor) ?? 0,
        limit,
      })
      if (page === undefined) throw problem('not-found')
      return { data: [...page.items] satisfies PlanItem[], page: uncountedPage(page.next) }
    },
  })
}

function execute({ acting }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/plans/{id}/execute',
    summary: 'Execute a plan, exactly as it was shown.',
    description:
      'If-Match names the digest, and Idempotency-Key is required. Each item is looked at again at its turn; who has changed is skipped. Plans of more than 1,000 items, and those that override a protection, need an admin.',
    tag: 'Plans',
    role: 'operator',
    audit: 'plan.execute',
    limitedKeys: 'filtered',
    params: idParams,
    body: planExecutionSchema,
    bodyExample: { reason: 'kiosks replaced, ticket 4411', confirmCount: 30 },
    response: { 202: operationSchema },
    example: { 202: operationExample },
    problems: [
      'not-found',
      'forbidden',
      'conflict',
      'plan-expired',
      'precondition-failed',
      'precondition-required',
      'limit-exceeded',
    ],
    handle: async ({ params, body, actor, act, http }, reply) => {
      const digest = digestOf(http.headers['if-match'])
      if (http.headers['idempotency-key'] === undefined)
        throw invalid(
          '/headers/idempotency-key',
          'is missing: an execution must not be asked for twice by accident',
        )
      const { confirmCount, reason } = body
      if (reason.trim() === '') throw invalid('/body/reason', 'is empty')
      act.target = digest
      const taken = await acting.plans.take(params.id, { digest, confirmCount, actor: planActor(actor) })
      if (taken.at !== 'taken') throw notTaken(taken)
      const begun = await acting.operations.execute(taken.record, operationRequest(actor, reason))
      if (begun.at !== 'begun') throw notBegun(begun)
      const { operation } = begun
      act.tell({ action: operation.action, plan: params.id, operation: operation.id, count: operation.count })
      reply.header('location', operationUrl(operation.id))
      return operation
    },
  })
}

/** A plan shows client ids, which a key that may not touch all of them sees in its own plans only. */
async function requireSeen(plans: Plans, id: string, actor: Actor): Promise<void> {
  if (!seesAll(actor) && (await plans.makerOf(id)) !== actor.key) throw problem('not-found')
}

/** With or without quotation marks: programs pass on what stands in `digest`. */
function digestOf(header: string | undefined): string {
  if (header === undefined)
    throw problem('precondition-required', { detail: "Send the plan's digest in If-Match." })
  return header.trim().replace(/^"(.*)"$/, '$1')
}

function notMade(made: Exclude<Made, { at: 'made' }>): ApiProblem {
  switch (made.at) {
    case 'invalid': {
      const { pointer, detail, filter } = made
      const wrong = invalid(`/body${pointer}`, detail)
      if (filter === undefined) return wrong
      const { position, length, suggestion = null } = filter
      return problem('validation', { ...wrong.given, filter: { position, length, suggestion } })
    }
    case 'too-many':
      return problem('limit-exceeded', { detail: `${made.detail}.` })
    case 'busy':
      return problem('limit-exceeded', { detail: 'Too many plans are being made: ask again in a moment.' })
    case 'override-needs-admin':
      return problem('forbidden', { detail: 'Only an admin may override a protection.' })
  }
}

function notTaken(taken: Exclude<Taken, { at: 'taken' }>): ApiProblem {
  switch (taken.at) {
    case 'no-plan':
      return problem('not-found')
    case 'not-yours':
      return problem('forbidden', { detail: 'Somebody else has made this plan; an admin may execute it.' })
    case 'other-digest':
      return problem('precondition-failed', {
        detail: 'If-Match names another digest.',
        actual: taken.digest,
      })
    case 'executed':
      return problem('conflict', {
        detail: 'The plan was executed already: a plan is executed once.',
        operation: taken.operation,
      })
    case 'expired': {
      const { expiresAt, difference } = taken
      const { added, gone } = difference ?? {}
      const now =
        difference === undefined ? '' : ` Made now, it would have +${added?.count} -${gone?.count} items.`
      return problem('plan-expired', {
        detail: `The plan expired at ${expiresAt}.${now}`,
        expiresAt,
        difference: difference ?? null,
      })
    }
    case 'other-count':
      return invalid('/body/confirmCount', `is not the number of items, which is ${taken.count}`)
    case 'nothing-to-do':
      return problem('conflict', { detail: 'The plan has no item that would be acted on.' })
    case 'needs-admin':
      return problem('forbidden', {
        detail: 'Plans of more than 1,000 items, and those that override a protection, need an admin.',
      })
  }
}
