// Disconnect, Clean, Expire now: the verbs that end a connection or a session. docs/ADMIN-API.md tells them apart.

import Type from 'typebox'
import type { PlanOptions } from '../../../shared/plan.ts'
import { quote } from '../../../shared/printable.ts'
import { sessionActSchema } from '../../../shared/session-act.ts'
import { cleanSession } from '../../broker/operations/clean.ts'
import { disconnectSession } from '../../broker/operations/disconnect.ts'
import { expireSession } from '../../broker/operations/expire.ts'
import { resultOfClean, resultOfDisconnect, resultOfExpire } from '../operations/results-of-acts.ts'
import { actAnswer } from '../sessions/act-answer.ts'
import { asOperation } from '../sessions/as-operation.ts'
import { notActed } from '../sessions/refusals.ts'
import { optionalMatch, requiredMatch } from '../sessions/session-etag.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { reasonSchema } from './reason.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { actExample, keptExample, SESSIONS_TAG, sessionParams } from './session-params.ts'

const willQuery = Type.Object(
  {
    suppressWill: Type.Optional(
      Type.Boolean({ default: false, description: 'The will is dropped instead of published.' }),
    ),
  },
  { additionalProperties: false },
)

const reasonBody = Type.Object({ reason: Type.Optional(reasonSchema) }, { additionalProperties: false })

export function sessionActRoutes(context: ApiContext): readonly ApiRoute[] {
  return [disconnectRoute(context), cleanRoute(context), expireRoute(context)]
}

function disconnectRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/sessions/{clientId}/connection',
    summary: 'Disconnects the client; a session that outlives connections stays, with all that it has.',
    description:
      'Answers when the socket is closed. The client may connect again at once: hold it first if it is not to.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'session.disconnect',
    params: sessionParams,
    query: willQuery,
    response: { 200: sessionActSchema },
    example: {
      200: {
        ...keptExample(
          'disconnected',
          'Disconnected "web-kiosk-11"; its session stays; its will was published.',
        ),
        will: 'published',
      },
    },
    problems: ['not-found', 'session-offline', 'session-changed'],
    handle: async request => {
      const { clientId } = request.params
      const expected = optionalMatch(request.http)
      const { suppressWill = false } = request.query
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'disconnect', options: willOptions(suppressWill) },
        how => disconnectSession(context.broker.parts, { clientId, expected, suppressWill, ...how }),
        resultOfDisconnect,
      )
      switch (outcome.at) {
        case 'disconnected': {
          const session = outcome.session === 'kept' ? 'its session stays' : 'its session ended with it'
          const words = `Disconnected {id}; ${session}`
          const { will } = outcome
          return actAnswer(context, request, { result: 'disconnected', words, operation, will })
        }
        case 'not-connected':
          throw problem('session-offline', { detail: `${quote(clientId)} is not connected.` })
        default:
          throw await notActed(context, request.actor, clientId, outcome, expected)
      }
    },
  })
}

function cleanRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/sessions/{clientId}',
    summary:
      'Cleans: ends the session with its subscriptions and messages, and its connection if it has one.',
    description:
      'A session that ends with its connection is disconnected, and the answer says so. What is published until it is restored was never queued for it.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'session.clean',
    params: sessionParams,
    query: willQuery,
    response: { 200: sessionActSchema },
    example: { 200: actExample },
    problems: ['not-found', 'session-changed', 'precondition-required'],
    handle: async request => {
      const { clientId } = request.params
      const expected = requiredMatch(request.http)
      const { suppressWill = false } = request.query
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'clean', options: willOptions(suppressWill) },
        how => cleanSession(context.broker.parts, { clientId, expected, suppressWill, ...how }),
        resultOfClean,
      )
      switch (outcome.at) {
        case 'cleaned':
          return actAnswer(context, request, {
            ...outcome,
            result: 'cleaned',
            words: 'Cleaned {id}',
            operation,
          })
        case 'disconnected': {
          const words =
            'Disconnected {id}, whose session ended with its connection: there was no more to clean'
          const { will } = outcome
          return actAnswer(context, request, { result: 'disconnected', words, operation, will })
        }
        default:
          throw await notActed(context, request.actor, clientId, outcome, expected)
      }
    },
  })
}

function willOptions(suppressWill: boolean): PlanOptions {
  return suppressWill ? { suppressWill } : {}
}

function expireRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/sessions/{clientId}/expire',
    summary: 'Expires an offline session now, as it would at its time.',
    description: 'A session that is connected cannot expire: clean it instead.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'session.expire',
    params: sessionParams,
    body: reasonBody,
    bodyExample: { reason: 'ticket 4411' },
    response: { 200: sessionActSchema },
    example: {
      200: { ...actExample, result: 'expired', sentence: actExample.sentence.replace('Cleaned', 'Expired') },
    },
    problems: ['not-found', 'session-connected', 'session-changed', 'precondition-required'],
    handle: async request => {
      const { clientId } = request.params
      const expected = requiredMatch(request.http)
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'expire' },
        how => expireSession(context.broker.parts, { clientId, expected, ...how }),
        resultOfExpire,
      )
      switch (outcome.at) {
        case 'expired':
          return actAnswer(context, request, {
            ...outcome,
            result: 'expired',
            words: 'Expired {id}',
            operation,
          })
        case 'session-connected': {
          const detail = `${quote(clientId)} is connected; only an offline session can expire. Clean it, or disconnect it first.`
          throw problem('session-connected', { detail })
        }
        default:
          throw await notActed(context, request.actor, clientId, outcome, expected)
      }
    },
  })
}
