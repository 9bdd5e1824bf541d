// Hold: a client id is kept out for a while, so that a client that comes back at once does not undo what is done.

import Type from 'typebox'
import { momentInWords } from '../../../shared/plain-words.ts'
import { quote } from '../../../shared/printable.ts'
import { sessionActSchema } from '../../../shared/session-act.ts'
import {
  HOLD_SECONDS_DEFAULT,
  HOLD_SECONDS_MAX,
  holdClient,
  releaseHold,
} from '../../broker/operations/hold.ts'
import { HOLDS_MAX } from '../../limits.ts'
import { resultOfHold, resultOfRelease } from '../operations/results-of-acts.ts'
import { actAnswer } from '../sessions/act-answer.ts'
import { asOperation } from '../sessions/as-operation.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { reasonSchema } from './reason.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { keptExample, SESSIONS_TAG, sessionParams } from './session-params.ts'

const holdBody = Type.Object(
  {
    seconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: HOLD_SECONDS_MAX, default: HOLD_SECONDS_DEFAULT }),
    ),
    disconnect: Type.Optional(
      Type.Boolean({ default: false, description: 'A connection that is open is closed, too.' }),
    ),
    suppressWill: Type.Optional(
      Type.Boolean({ default: false, description: 'Of a client that is disconnected by this.' }),
    ),
    reason: Type.Optional(reasonSchema),
  },
  { additionalProperties: false },
)

const held = {
  until: '2026-11-21T12:01:00.000Z',
  by: 'ana',
  reason: 'ticket 4411',
}

export function sessionHoldRoutes(context: ApiContext): readonly ApiRoute[] {
  return [holdRoute(context), releaseRoute(context)]
}

function holdRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/sessions/{clientId}/hold',
    summary: 'Keeps the client id out for some seconds, whether it has a session or not.',
    description:
      'CONNECT is refused as "server unavailable". A later hold takes the place of an earlier one; a restart of the broker ends it.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'session.hold',
    params: sessionParams,
    body: holdBody,
    bodyExample: { seconds: 60, disconnect: true, reason: 'ticket 4411' },
    response: { 200: sessionActSchema },
    example: {
      200: { ...keptExample('held', 'Holding "web-kiosk-11" until 21 Nov 2026 12:01 UTC.'), hold: held },
    },
    problems: ['limit-exceeded'],
    handle: async request => {
      const { clientId } = request.params
      const { seconds, disconnect = false, suppressWill = false } = request.body
      const closes = disconnect ? { suppressWill } : undefined
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'hold', options: { holdSeconds: seconds ?? HOLD_SECONDS_DEFAULT } },
        ({ by }) => holdClient(context.broker.parts, { clientId, seconds, closes, by }),
        resultOfHold,
      )
      switch (outcome.at) {
        case 'held': {
          const { will, hold } = outcome
          request.act.tell({ until: new Date(hold.until).toISOString() })
          const closed = will === undefined ? '' : '; its connection is closed'
          const words = `Holding {id} until ${momentInWords(hold.until)}${closed}`
          return actAnswer(context, request, { result: 'held', words, operation, will })
        }
        case 'too-many-holds':
          throw problem('limit-exceeded', { detail: `${HOLDS_MAX} client ids are held already.` })
        case 'too-long':
          throw problem('validation', { detail: `A hold lasts at most ${outcome.secondsMax} s.` })
      }
    },
  })
}

function releaseRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/sessions/{clientId}/hold',
    summary: 'Lets the client id in again.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'session.release',
    params: sessionParams,
    response: { 200: sessionActSchema },
    example: { 200: keptExample('released', 'Released "web-kiosk-11".') },
    problems: ['not-found'],
    handle: async request => {
      const { clientId } = request.params
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'release-hold' },
        ({ by }) => releaseHold(context.broker.parts, { clientId, by }),
        resultOfRelease,
      )
      if (outcome.at === 'not-held') throw problem('not-found', { detail: `${quote(clientId)} is not held.` })
      return actAnswer(context, request, { result: 'released', words: 'Released {id}', operation })
    },
  })
}
