// What happened to a session and what is the matter with it: its timeline, its diagnosis, what it has lost.

import Type from 'typebox'
import { diagnosisSchema } from '../../../shared/diagnosis.ts'
import { timelineKinds } from '../../../shared/history.ts'
import { sessionLossesSchema, timelinePageSchema } from '../../../shared/session-history.ts'
import { cursorSchema, limitOf, type Page } from '../../../shared/shapes.ts'
import { diagnose } from '../../read-model/history/diagnosis/diagnose.ts'
import { thresholdsOf } from '../../read-model/history/diagnosis/facts.ts'
import { gatherFacts } from '../../read-model/history/diagnosis/gather.ts'
import { noSession } from '../sessions/refusals.ts'
import type { ApiContext } from './context.ts'
import { readNumberCursor, writeListCursor } from './list-cursor.ts'
import { readWords, uncountedPage } from './query-words.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { SESSIONS_TAG, sessionParams } from './session-params.ts'

export function sessionHistoryRoutes(context: ApiContext): readonly ApiRoute[] {
  return [eventsRoute(context), diagnosisRoute(context), lossesRoute(context)]
}

const eventsQuery = Type.Object(
  {
    limit: limitOf(100, 1_000),
    cursor: cursorSchema,
    kind: Type.Optional(
      Type.String({
        maxLength: 1_000,
        description: `Only rows of these kinds, with commas between them: ${timelineKinds.join(', ')}.`,
      }),
    ),
    generation: Type.Optional(
      Type.String({ maxLength: 26, description: 'Only what is about that session of the client id.' }),
    ),
  },
  { additionalProperties: false },
)

function eventsRoute({ history }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions/{clientId}/events',
    summary: 'The timeline of the client id, the newest first, also when it has no session now.',
    description: 'Restarts of the broker and gaps in the history stand between the rows they belong to.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    params: sessionParams,
    query: eventsQuery,
    response: { 200: timelinePageSchema },
    example: {
      200: {
        data: [
          {
            id: 4_411,
            at: '2026-11-21T12:00:00.000Z',
            until: null,
            count: 1,
            kind: 'disconnect',
            clientId: 'web-kiosk-11',
            generation: '01JDXAMPE0000000000000000K',
            actor: null,
            data: { cause: 'socket', detail: 'the connection was lost', closeCode: 1006 },
          },
        ],
        page: { next: null, hasMore: false, total: null, totalIsExact: false },
      },
    },
    problems: [],
    handle: async request => {
      const { clientId } = request.params
      const { limit, cursor, kind, generation } = request.query
      const list = ['events', clientId, kind, generation]
      const before = readNumberCursor(list, cursor)
      const kinds = readWords('kind', kind, timelineKinds)
      const { data, next } = await history.timeline(clientId, { kinds, generation, before, limit })
      return { data: [...data], page: pageOf(list, next) }
    },
  })
}

function pageOf(list: readonly unknown[], next: number | undefined): Page {
  return uncountedPage(next === undefined ? undefined : writeListCursor(list, next))
}

function diagnosisRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions/{clientId}/diagnosis',
    summary: 'What is the matter with the session: facts, one sentence, and what can be done.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    params: sessionParams,
    response: { 200: diagnosisSchema },
    example: {
      200: {
        headline: 'never-expires',
        severity: 'information',
        sentence: 'Offline for 2 d. No expiry by broker policy: it will stay until you act.',
        facts: [
          {
            code: 'never-expires',
            severity: 'information',
            text: 'No expiry by broker policy: it will stay until you act.',
            data: { source: 'policy', pinned: false },
          },
        ],
        actions: ['set-expiry'],
      },
    },
    problems: ['not-found'],
    handle: async request => {
      const { clientId } = request.params
      const { broker, history, table } = context
      const session = broker.parts.registry.get(clientId)
      if (session === undefined) throw await noSession(context, request.actor, clientId)
      return diagnose(await gatherFacts(broker, history, session, thresholdsOf(table.stuckRule)))
    },
  })
}

const lossesQuery = Type.Object(
  {
    limit: limitOf(100, 1_000),
    cursor: cursorSchema,
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'As `queue-full`.' })),
  },
  { additionalProperties: false },
)

function lossesRoute({ history }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions/{clientId}/losses',
    summary:
      'Messages that were meant for the client and did not reach it: how many by reason, and single ones.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    params: sessionParams,
    query: lossesQuery,
    response: { 200: sessionLossesSchema },
    example: {
      200: {
        counts: [
          { reason: 'queue-full', count: 7_712, bytes: 31_588_352, lastAt: '2026-11-21T12:00:00.000Z' },
        ],
        data: [
          {
            id: 1,
            at: '2026-11-21T12:00:00.000Z',
            clientId: 'web-kiosk-11',
            generation: '01JDXAMPE0000000000000000K',
            reason: 'queue-full',
            topic: 'orders/berlin/status',
            publisher: 'erp-7',
            qos: 1,
            size: 4_096,
            actor: null,
          },
        ],
        page: { next: null, hasMore: false, total: null, totalIsExact: false },
      },
    },
    problems: [],
    handle: async request => {
      const { clientId } = request.params
      const { limit, cursor, reason } = request.query
      const list = ['losses', clientId, reason]
      const before = readNumberCursor(list, cursor)
      const { data, next } = await history.lostMessages({ clientId, reason, before, limit })
      return { counts: [...history.losses(clientId)], data: [...data], page: pageOf(list, next) }
    },
  })
}
