// GET of one session, by its path or, where a proxy mangles that, by a query.

import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { quote } from '../../../shared/printable.ts'
import { type SessionDetail, sessionDetailSchema } from '../../../shared/session-detail.ts'
import { sessionDetail } from '../sessions/detail.ts'
import { noSession } from '../sessions/refusals.ts'
import { contentTag } from '../sessions/session-etag.ts'
import type { ApiContext } from './context.ts'
import { isNotModified } from './etag.ts'
import { problem } from './problem.ts'
import { type ApiRequest, type ApiRoute, defineRoute } from './route.ts'
import { SESSIONS_TAG, sessionParams, summaryExample } from './session-params.ts'

const detailExample: SessionDetail = {
  ...summaryExample,
  queued: { ...summaryExample.queued, oldestAt: '2026-11-21T12:00:00.000Z' },
  keepAliveSeconds: 60,
  will: {
    topic: 'kiosks/11/gone',
    qos: 1,
    retain: true,
    payloadBytes: 4,
    delaySeconds: 0,
    messageExpirySeconds: null,
    dueAt: null,
  },
  limits: {
    messagesMax: 1_000,
    bytesMax: 16_777_216,
    overflow: 'drop-oldest',
    subscriptionsMax: 1_000,
    window: null,
  },
  counters: {
    messages: 1_000,
    waiting: 1_000,
    inflight: 0,
    bytes: 4_194_304,
    awaitingPubrel: 0,
    subscriptions: 2,
    lost: [{ reason: 'queue-full', count: 7_712, bytes: 31_588_352, lastAt: '2026-11-21T12:00:00.000Z' }],
  },
  undo: [],
  asOf: 'e1a2b3c-4411',
}

const DESCRIPTION =
  'Its ETag is what acts on the session want in If-Match; with it in If-None-Match, 304 says that nothing has changed, counts included. When there is no session, the problem says how the last one ended (`last`) and which client ids are near (`nearest`).'

const common = {
  method: 'GET',
  description: DESCRIPTION,
  tag: SESSIONS_TAG,
  role: 'viewer',
  response: { 200: sessionDetailSchema, 304: Type.Void({ description: 'Nothing has changed.' }) },
  example: { 200: detailExample },
  problems: ['not-found'],
} as const

export function sessionDetailRoutes(context: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      ...common,
      url: '/sessions/{clientId}',
      summary: 'Everything about one session but its messages, its subscriptions and its history.',
      params: sessionParams,
      handle: (request, reply) => answer(context, request, request.params.clientId, reply),
    }),
    defineRoute({
      ...common,
      url: '/sessions:lookup',
      summary: 'The same by a query, for client ids that a proxy does not let through in a path.',
      limitedKeys: 'filtered',
      query: Type.Object({ clientId: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
      handle: async (request, reply) => {
        const { clientId } = request.query
        if (!request.actor.mayTouch(clientId)) {
          const detail = `This key may not see ${quote(clientId)}.`
          throw problem('forbidden', { detail })
        }
        return answer(context, request, clientId, reply)
      },
    }),
  ]
}

async function answer(
  context: ApiContext,
  { actor, http }: ApiRequest<unknown, unknown, unknown>,
  clientId: string,
  reply: FastifyReply,
): Promise<SessionDetail | undefined> {
  const detail = await sessionDetail(context, clientId)
  if (detail === undefined) throw await noSession(context, actor, clientId)
  const { asOf: _moment, ...content } = detail
  return isNotModified(http, reply, contentTag(detail, content)) ? undefined : detail
}
