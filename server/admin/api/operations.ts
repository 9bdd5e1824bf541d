// Operations: what was done to sessions, how far it is, what became of each item, and how it is taken back.

import Type from 'typebox'
import {
  itemFilterStatuses,
  operationItemSchema,
  operationSchema,
  operationStates,
} from '../../../shared/operation.ts'
import { OPERATOR_ITEMS_MAX } from '../../../shared/plan.ts'
import { closed, cursorSchema, limitOf, pageSchema } from '../../../shared/shapes.ts'
import type { Actor } from '../auth/actor.ts'
import type { Operations } from '../operations/operations.ts'
import { idParams, notBegun, operationRequest, operationUrl, seesAll } from './acting-words.ts'
import type { ApiContext } from './context.ts'
import { operationCsv } from './operation-csv.ts'
import { operationExample, operationItemExample } from './operation-examples.ts'
import { problem } from './problem.ts'
import { readNumberCursor, uncountedPage } from './query-words.ts'
import { type ApiRoute, defineRoute, media } from './route.ts'

const reasonBody = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 500 })) }, closed)
const common = { tag: 'Operations', limitedKeys: 'filtered', params: idParams } as const

export function operationRoutes(context: ApiContext): readonly ApiRoute[] {
  const { operations } = context.acting
  return [
    list(operations),
    show(operations),
    items(operations),
    exported(operations),
    cancel(operations),
    retry(operations),
    undo(operations),
  ]
}

function list(operations: Operations): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/operations',
    summary: 'Operations, the latest first: executed plans, acts on one session, retries and undos.',
    tag: 'Operations',
    role: 'viewer',
    limitedKeys: 'filtered',
    query: Type.Object(
      {
        state: Type.Optional(Type.Enum(operationStates, { description: 'Only those in this state.' })),
        of: Type.Optional(
          Type.String({
            maxLength: 64,
            description: 'Only retries and undos of the operation with this id.',
          }),
        ),
        cursor: cursorSchema,
        limit: limitOf(50, 500),
      },
      closed,
    ),
    response: { 200: Type.Object({ data: Type.Array(operationSchema), page: pageSchema }, closed) },
    example: { 200: { data: [operationExample], page: uncountedPage(411) } },
    problems: [],
    handle: async ({ query, actor }) => {
      const { state, of, cursor, limit } = query
      const actorKey = seesAll(actor) ? undefined : actor.key
      const found = await operations.list({
        state,
        of,
        actorKey,
        before: readNumberCursor(cursor),
        limit: limit + 1,
      })
      const shown = found.slice(0, limit)
      const next = found.length > limit ? shown.at(-1)?.number : undefined
      return { data: shown.map(one => one.operation), page: uncountedPage(next) }
    },
  })
}

function show(operations: Operations): ApiRoute {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/operations/{id}',
    summary: 'An operation: how far it is, and what can still be taken back.',
    role: 'viewer',
    response: { 200: operationSchema },
    example: { 200: operationExample },
    problems: ['not-found'],
    handle: ({ params, actor }) => seen(operations, params.id, actor),
  })
}

function items(operations: Operations): ApiRoute {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/operations/{id}/items',
    summary: 'What became of each item.',
    description:
      'What is `pending` when the operation was cancelled was never done. A page may be short, or empty: `page.hasMore` says whether to go on.',
    role: 'viewer',
    query: Type.Object(
      {
        status: Type.Optional(Type.Enum(itemFilterStatuses, { description: 'Only items with this status.' })),
        cursor: cursorSchema,
        limit: limitOf(100, 1_000),
      },
      closed,
    ),
    response: { 200: Type.Object({ data: Type.Array(operationItemSchema), page: pageSchema }, closed) },
    example: { 200: { data: [operationItemExample], page: uncountedPage(100) } },
    problems: ['not-found'],
    handle: async ({ params, query, actor }) => {
      await seen(operations, params.id, actor)
      const { status, cursor, limit } = query
      const page = await operations.items(params.id, { status, from: readNumberCursor(cursor) ?? 0, limit })
      if (page === undefined) throw problem('not-found')
      return { data: [...page.items], page: uncountedPage(page.next) }
    },
  })
}

function exported(operations: Operations): ApiRoute {
  return defineRoute({
    ...common,
    method: 'GET',
    url: '/operations/{id}/items:export',
    summary: 'What became of all items, as CSV.',
    role: 'viewer',
    audit: 'operation.export',
    cost: 10,
    response: { 200: media('text/csv') },
    example: {
      200: 'number,clientId,topic,generation,status,reason,detail,at,messages,bytes,tombstone\r\n0,web-kiosk-11,,01JDXAMPE0000000000000000K,ok,,,2026-11-21T12:04:10.020Z,1000,4194304,op_01JDXAMPE0000000000000003P-0\r\n',
    },
    problems: ['not-found'],
    handle: async ({ params, actor }, reply) => {
      await seen(operations, params.id, actor)
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', `attachment; filename="${params.id}.csv"`)
      return operationCsv(operations, params.id)
    },
  })
}

function cancel(operations: Operations): ApiRoute {
  return defineRoute({
    ...common,
    method: 'POST',
    url: '/operations/{id}/cancel',
    summary: 'Leave the rest undone. What has begun ends, and what was done stays.',
    role: 'operator',
    audit: 'operation.cancel',
    inReadOnly: 'allowed',
    body: reasonBody,
    bodyExample: { reason: 'wrong filter' },
    response: { 200: operationSchema },
    example: { 200: { ...operationExample, state: 'cancelled', endedAt: '2026-11-21T12:04:11.000Z' } },
    problems: ['not-found', 'conflict'],
    handle: async ({ params, actor, act }) => {
      await seen(operations, params.id, actor)
      const cancelled = await operations.cancel(params.id)
      if (cancelled.at === 'no-operation') throw problem('not-found')
      if (cancelled.at === 'ended') throw problem('conflict', { detail: 'The operation has ended already.' })
      const { ok, skipped, failed, count } = cancelled.operation
      act.tell({ ok, skipped, failed, left: count - ok - skipped - failed })
      return cancelled.operation
    },
  })
}

function retry(operations: Operations): ApiRoute {
  return defineRoute({
    ...common,
    method: 'POST',
    url: '/operations/{id}/retry-failed',
    summary: 'Make an operation of the items that failed. More than 1,000 of them need an admin.',
    role: 'operator',
    audit: 'operation.retry',
    body: reasonBody,
    bodyExample: { reason: 'the disk has room again' },
    response: { 202: operationSchema },
    example: { 202: { ...operationExample, kind: 'retry', of: operationExample.id } },
    problems: ['not-found', 'forbidden', 'conflict', 'limit-exceeded'],
    handle: async ({ params, body, actor, act, reason }, reply) => {
      const of = await seen(operations, params.id, actor)
      if (of.failed > OPERATOR_ITEMS_MAX && !actor.is('admin'))
        throw problem('forbidden', { detail: `More than ${OPERATOR_ITEMS_MAX} items need an admin.` })
      const begun = await operations.retry(params.id, operationRequest(actor, reason ?? body.reason))
      if (begun.at !== 'begun') throw notBegun(begun)
      act.tell({ operation: begun.operation.id, count: begun.operation.count })
      reply.header('location', operationUrl(begun.operation.id))
      return begun.operation
    },
  })
}

function undo(operations: Operations): ApiRoute {
  return defineRoute({
    ...common,
    method: 'POST',
    url: '/operations/{id}/undo',
    summary: 'Take back each item that can be, as an operation of its own.',
    description:
      'A session comes back only where no other one is there now. Messages that were published in between were never queued, and wills that were published stay published.',
    role: 'operator',
    audit: 'operation.undo',
    body: reasonBody,
    bodyExample: { reason: 'these were the wrong kiosks' },
    response: { 202: operationSchema },
    example: { 202: { ...operationExample, kind: 'undo', of: operationExample.id } },
    problems: ['not-found', 'conflict', 'limit-exceeded'],
    handle: async ({ params, body, actor, act, reason }, reply) => {
      await seen(operations, params.id, actor)
      const begun = await operations.undo(params.id, operationRequest(actor, reason ?? body.reason))
      if (begun.at !== 'begun') throw notBegun(begun)
      act.tell({ operation: begun.operation.id, count: begun.operation.count })
      reply.header('location', operationUrl(begun.operation.id))
      return begun.operation
    },
  })
}

/** Throws `not-found`, also for a key that does not see it. */
async function seen(operations: Operations, id: string, actor: Actor) {
  if (!seesAll(actor) && (await operations.actorOf(id)) !== actor.key) throw problem('not-found')
  const operation = await operations.find(id)
  if (operation === undefined) throw problem('not-found')
  return operation
}
