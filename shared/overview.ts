// The overview: figures, the sessions that hold or have lost most, and what somebody should look at.

import Type, { type Static } from 'typebox'
import { overviewSchema } from './live-events.ts'
import { sessionStates } from './session-summary.ts'
import { closed, count, orNull } from './shapes.ts'

const topSessionSchema = Type.Object(
  {
    clientId: Type.String(),
    state: Type.Enum(sessionStates),
    /** Messages that wait, bytes of all that is owed, messages lost. */
    queued: count,
    bytes: count,
    dropped: count,
    /** 0 to 1: how full its queue is. */
    full: Type.Number({ minimum: 0 }),
  },
  closed,
)

export const attentionCodes = [
  'store-problem',
  'store-warning',
  'conflict',
  'queues-full',
  'queues-nearly-full',
  'stuck',
  'expiring',
] as const

const attentionSchema = Type.Object(
  {
    code: Type.Enum(attentionCodes),
    severity: Type.Enum(['critical', 'warning', 'notice']),
    sentence: Type.String(),
    /** How many sessions it is about; null when it is about none in particular. */
    sessions: orNull(count),
    /** Which ones: a filter for GET /sessions, or the client id of one. */
    filter: orNull(Type.String()),
    clientId: orNull(Type.String()),
  },
  closed,
)

export const overviewAnswerSchema = Type.Object(
  {
    figures: overviewSchema,
    top: Type.Object(
      {
        queued: Type.Array(topSessionSchema),
        bytes: Type.Array(topSessionSchema),
        dropped: Type.Array(topSessionSchema),
      },
      closed,
    ),
    /** The most urgent first; empty when all is well. */
    attention: Type.Array(attentionSchema),
  },
  closed,
)

export type TopSession = Static<typeof topSessionSchema>
export type Attention = Static<typeof attentionSchema>
export type Overview = Static<typeof overviewAnswerSchema>
