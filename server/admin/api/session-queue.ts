// The queue of a session: what waits and what is in flight, without changing it; clearing it, or taking one message out.

import Type from 'typebox'
import { quote } from '../../../shared/printable.ts'
import { sessionActSchema } from '../../../shared/session-act.ts'
import { queuePageSchema } from '../../../shared/session-queue.ts'
import { cursorSchema, limitOf } from '../../../shared/shapes.ts'
import { clearQueue, removeMessages } from '../../broker/operations/queue.ts'
import type { Session } from '../../session/session.ts'
import { resultOfClear, resultOfRemove } from '../operations/results-of-acts.ts'
import { actAnswer } from '../sessions/act-answer.ts'
import { asOperation } from '../sessions/as-operation.ts'
import { browseQueue } from '../sessions/browse-queue.ts'
import { queueFactsOf } from '../sessions/queue-facts.ts'
import { noSession, notActed } from '../sessions/refusals.ts'
import { optionalMatch, requiredMatch } from '../sessions/session-etag.ts'
import { topicPattern } from '../sessions/topic-pattern.ts'
import type { ApiContext } from './context.ts'
import { notOfThisList, readListCursor, writeListCursor } from './list-cursor.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { actExample, keptExample, messageParams, QUEUE_TAG, sessionParams } from './session-params.ts'
import { queuePageExample } from './session-queue-examples.ts'

const queueQuery = Type.Object(
  {
    limit: limitOf(100, 1_000),
    cursor: cursorSchema,
    topic: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4_096,
        description: 'A topic with `*` and `?`, or a topic filter with `+` and `#`.',
      }),
    ),
    qos: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
    payload: Type.Optional(
      Type.Enum(['preview'], { description: 'Shows how payloads begin; needs the grant payload:read.' }),
    ),
  },
  { additionalProperties: false },
)

export function sessionQueueRoutes(context: ApiContext): readonly ApiRoute[] {
  return [listRoute(context), clearRoute(context), removeRoute(context)]
}

function listRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions/{clientId}/queue',
    summary: 'What is owed to the session, oldest first: what waits and what is in flight.',
    description:
      'Reading does not change delivery. A page may have fewer messages than asked for while there are more: go on until hasMore is false.',
    tag: QUEUE_TAG,
    role: 'viewer',
    audit: 'payload.preview',
    auditedWith: 'payload',
    params: sessionParams,
    query: queueQuery,
    response: { 200: queuePageSchema },
    example: { 200: queuePageExample },
    problems: ['not-found', 'cursor-expired', 'forbidden-payload'],
    handle: async request => {
      const { clientId } = request.params
      const { limit, cursor, topic, qos, payload } = request.query
      const withPreview = payload === 'preview'
      if (withPreview && !request.actor.has('payload:read')) throw problem('forbidden-payload')
      const session = context.broker.parts.registry.get(clientId)
      if (session === undefined) throw await noSession(context, request.actor, clientId)
      const list = ['queue', clientId, topic, qos]
      const after = readQueueCursor(list, cursor, session)
      const pattern = topic === undefined ? undefined : topicPattern(topic)
      const found = await browseQueue(session, { after, limit, topic: pattern, qos, withPreview })
      const next =
        found.next === undefined ? null : writeListCursor(list, `${session.generation} ${found.next}`)
      return {
        data: [...found.data],
        page: { next, hasMore: next !== null, ...totalOf(session, topic, qos) },
        queue: queueFactsOf(session, context.history.dropped(clientId)),
        lookedAt: found.lookedAt,
      }
    },
  })
}

/** With a filter nobody knows how many match without looking at all of them. */
function totalOf({ lease }: Session, topic: string | undefined, qos: number | undefined) {
  const isWhole = topic === undefined && qos === undefined
  return { total: isWhole ? lease.queue.messages : null, totalIsExact: isWhole }
}

function readQueueCursor(list: readonly unknown[], cursor: string | undefined, session: Session): number {
  const after = readListCursor(list, cursor)
  if (after === undefined) return 0
  const [, generation, seq] = /^(\S+) (\d{1,16})$/.exec(after) ?? []
  if (generation === undefined) throw notOfThisList()
  if (generation !== session.generation)
    throw problem('cursor-expired', { detail: 'The session has been replaced, and its queue with it.' })
  return Number(seq)
}

function clearRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/sessions/{clientId}/queue',
    summary:
      'Clears: takes out all messages that wait; what is in flight stays, as do session and connection.',
    tag: QUEUE_TAG,
    role: 'operator',
    audit: 'queue.clear',
    params: sessionParams,
    response: { 200: sessionActSchema },
    example: {
      200: {
        ...actExample,
        result: 'cleared',
        sentence: actExample.sentence.replace('Cleaned', 'Cleared'),
        will: null,
      },
    },
    problems: ['not-found', 'session-changed', 'precondition-required'],
    handle: async request => {
      const { clientId } = request.params
      const expected = requiredMatch(request.http)
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'clear-queue' },
        how => clearQueue(context.broker.parts, { clientId, expected, ...how }),
        resultOfClear,
      )
      if (outcome.at !== 'cleared') throw await notActed(context, request.actor, clientId, outcome, expected)
      const words = outcome.messages === 0 ? 'Nothing waited for {id}' : 'Cleared the queue of {id}'
      return actAnswer(context, request, { ...outcome, result: 'cleared', words, operation })
    },
  })
}

function removeRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/sessions/{clientId}/queue/{seq}',
    summary: 'Takes one message out of the queue; one that is in flight stays.',
    tag: QUEUE_TAG,
    role: 'operator',
    audit: 'queue.remove',
    params: messageParams,
    response: { 200: sessionActSchema },
    example: {
      200: { ...keptExample('removed', 'Removed message 4411 of "web-kiosk-11".'), messages: 1, bytes: 512 },
    },
    problems: ['not-found', 'conflict', 'session-changed'],
    handle: async request => {
      const { clientId, seq } = request.params
      const expected = optionalMatch(request.http)
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'messages.remove', detail: `message ${seq}` },
        how => removeMessages(context.broker.parts, { clientId, expected, seqs: [seq], ...how }),
        resultOfRemove,
      )
      if (outcome.at !== 'removed') throw await notActed(context, request.actor, clientId, outcome, expected)
      if (outcome.messages === 0) throw notWaiting(context, clientId, seq)
      request.act.tell({ seq })
      return actAnswer(context, request, {
        ...outcome,
        result: 'removed',
        words: `Removed message ${seq} of {id}`,
        operation,
      })
    },
  })
}

function notWaiting({ broker }: ApiContext, clientId: string, seq: number) {
  const session = broker.parts.registry.get(clientId)
  const owed = session?.store.browse(session.lease.queue, seq - 1, 1)[0]
  if (owed?.seq === seq && owed.at !== 'waiting') {
    const detail = `Message ${seq} is in flight as packet ${owed.packetId}: the client may have it already.`
    return problem('conflict', { detail })
  }
  return problem('not-found', {
    detail: `There is no message ${seq} in the queue of ${quote(clientId)} any more.`,
  })
}
