// PATCH of a session: an operator sets when it expires, once or for all its connections.

import Type, { type Static } from 'typebox'
import { momentInWords, spanInWords } from '../../../shared/plain-words.ts'
import type { PlanOptions } from '../../../shared/plan.ts'
import { quote } from '../../../shared/printable.ts'
import { sessionActSchema } from '../../../shared/session-act.ts'
import {
  type ExpirySet,
  type ExpiryState,
  type NewExpiry,
  setExpiry,
} from '../../broker/operations/expiry.ts'
import { resultOfExpiry } from '../operations/results-of-acts.ts'
import { actAnswer } from '../sessions/act-answer.ts'
import { asOperation } from '../sessions/as-operation.ts'
import { notActed } from '../sessions/refusals.ts'
import { requiredMatch } from '../sessions/session-etag.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { type ApiProblem, problem } from './problem.ts'
import { reasonSchema } from './reason.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { keptExample, SESSIONS_TAG, sessionParams } from './session-params.ts'

/** As long as the settings may name: beyond it is what `never` is for. */
const EXPIRY_SECONDS_MAX = 36_500 * 86_400

const expiryBody = Type.Object(
  {
    expiresAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When: of a session that is offline.' }),
    ),
    expirySeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: EXPIRY_SECONDS_MAX,
        description: 'How long it outlives its connection, counted from when that ended or will end.',
      }),
    ),
    never: Type.Optional(Type.Literal(true, { description: 'It does not expire.' })),
    pinned: Type.Optional(
      Type.Boolean({
        description:
          'Whether later connections get the same, whatever they ask for; alone, it pins what there is.',
      }),
    ),
    reason: Type.Optional(reasonSchema),
  },
  { additionalProperties: false },
)

type ExpiryBody = Static<typeof expiryBody>

export function sessionExpiryRoutes(context: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'PATCH',
      url: '/sessions/{clientId}',
      summary: 'Sets when the session expires: one of expiresAt, expirySeconds and never, or pinned alone.',
      tag: SESSIONS_TAG,
      role: 'operator',
      audit: 'session.set-expiry',
      params: sessionParams,
      body: expiryBody,
      bodyExample: { expirySeconds: 86_400, pinned: true, reason: 'kiosk is being repaired' },
      response: { 200: sessionActSchema },
      example: { 200: keptExample('expiry-set', '"web-kiosk-11" expires 22 Nov 2026 12:00 UTC.') },
      problems: ['not-found', 'conflict', 'session-connected', 'session-changed', 'precondition-required'],
      handle: async request => {
        const { clientId } = request.params
        const expected = requiredMatch(request.http)
        const expiry = newExpiry(request.body)
        const { pinned } = request.body
        const { outcome, operation } = await asOperation(
          context,
          request,
          { action: 'set-expiry', options: expiryOptions(request.body) },
          how => setExpiry(context.broker.parts, { clientId, expected, expiry, pinned, ...how }),
          resultOfExpiry,
        )
        switch (outcome.at) {
          case 'set': {
            request.act.tell({ before: expiryInWords(outcome.before), after: expiryInWords(outcome.after) })
            const words = `{id} ${expiryInWords(outcome.after)}`
            const { unsafe } = outcome
            return actAnswer(context, request, { result: 'expiry-set', words, operation, unsafe })
          }
          case 'no-session':
          case 'session-changed':
            throw await notActed(context, request.actor, clientId, outcome, expected)
          default:
            throw refusal(clientId, outcome)
        }
      },
    }),
  ]
}

/** Undefined: it stays what it is, and only whether it is pinned changes. */
function newExpiry({ expiresAt, expirySeconds, never, pinned }: ExpiryBody): NewExpiry | undefined {
  const given = [expiresAt, expirySeconds, never].filter(one => one !== undefined)
  if (given.length > 1) throw invalid('/body', 'gives more than one of expiresAt, expirySeconds and never')
  if (given.length === 0 && pinned === undefined)
    throw invalid('/body', 'lacks one of expiresAt, expirySeconds, never and pinned')
  if (expiresAt !== undefined) return { at: Date.parse(expiresAt) }
  if (never === true) return { seconds: Number.POSITIVE_INFINITY }
  return expirySeconds === undefined ? undefined : { seconds: expirySeconds }
}

/** As a plan would name it. */
function expiryOptions({ expiresAt, expirySeconds, never, pinned }: ExpiryBody): PlanOptions {
  const pin = pinned === undefined ? {} : { pinned }
  if (expiresAt !== undefined) return { expiry: { at: expiresAt }, ...pin }
  if (never === true) return { expiry: { seconds: null }, ...pin }
  return expirySeconds === undefined ? pin : { expiry: { seconds: expirySeconds }, ...pin }
}

function refusal(
  clientId: string,
  outcome: Exclude<ExpirySet, { at: 'set' | 'no-session' | 'session-changed' }>,
): ApiProblem {
  const name = quote(clientId)
  switch (outcome.at) {
    case 'session-connected':
      return problem('session-connected', {
        detail: `${name} is connected, and expires only after that; give expirySeconds or never.`,
      })
    case 'ends-with-connection':
      return problem('conflict', {
        detail: `${name} asked for a session that ends with its connection; it cannot be made to last.`,
      })
    case 'expiry-passed':
      return problem('conflict', {
        detail: `${name} would have expired ${momentInWords(outcome.expiresAt)}; to end it now, expire it.`,
      })
  }
}

function expiryInWords({ expirySeconds, expiresAt, pinned }: ExpiryState): string {
  const pin = pinned ? ', pinned' : ''
  if (expiresAt !== undefined) return `expires ${momentInWords(expiresAt)}${pin}`
  if (expirySeconds === Number.POSITIVE_INFINITY) return `never expires${pin}`
  return `expires ${spanInWords(expirySeconds * 1000)} after it disconnects${pin}`
}
