// What GET /events/stream sends: the topics one can listen to, and the shape of each event.

import Type, { type Static } from 'typebox'
import { timelineEntrySchema } from './history.ts'
import { operationSchema } from './operation.ts'
import { sessionSummarySchema } from './session-summary.ts'

export const liveTopics = ['overview', 'sessions', 'events', 'operations', 'conflicts'] as const
export type LiveTopic = (typeof liveTopics)[number]

const count = Type.Integer({ minimum: 0 })
const closed = { additionalProperties: false } as const

/** The first event of each stream: from here on nothing is missed, or `reset` says that something was. */
export const helloSchema = Type.Object(
  { asOf: Type.String(), topics: Type.Array(Type.Enum(liveTopics)) },
  closed,
)

export const sessionsDeltaSchema = Type.Object(
  {
    asOf: Type.String(),
    /** Sessions that have changed and match the filter, as they are now. */
    up: Type.Array(sessionSummarySchema),
    /** Sessions that have ended; `session-replaced` by a newer one of the same client id that may stand in `up`. */
    gone: Type.Array(
      Type.Object({ clientId: Type.String(), generation: Type.String(), why: Type.String() }, closed),
    ),
    /** Client ids of sessions that have changed and do not match: whoever shows them can tell that they did. */
    unmatched: Type.Array(Type.String()),
  },
  closed,
)
export type SessionsDelta = Static<typeof sessionsDeltaSchema>

export const overviewSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    sessions: count,
    online: count,
    offline: count,
    stuck: count,
    /** Within an hour, when nobody comes back. */
    expiring: count,
    conflicts: count,
    /** Messages that wait, and bytes of all that is owed. */
    queued: Type.Object({ count, bytes: count }, closed),
    retained: count,
    subscriptions: count,
    connections: count,
    /** A second, since the last time this was told. */
    rates: Type.Object(
      {
        messagesIn: Type.Number(),
        messagesOut: Type.Number(),
        dropped: Type.Number(),
        connects: Type.Number(),
      },
      closed,
    ),
    store: Type.Object(
      {
        engine: Type.String(),
        durability: Type.String(),
        bytes: count,
        bytesMax: count,
        problem: Type.Union([Type.String(), Type.Null()]),
      },
      closed,
    ),
  },
  closed,
)
export type LiveOverview = Static<typeof overviewSchema>

/** As in a timeline, but without the number that it gets when it is written. */
export const liveEventSchema = Type.Omit(timelineEntrySchema, ['id', 'until', 'count'])
export type LiveEvent = Static<typeof liveEventSchema>

export const liveConflictSchema = Type.Object({ clientId: Type.String(), active: Type.Boolean() }, closed)
export type LiveConflict = Static<typeof liveConflictSchema>

/** What is known about these topics is too old to be carried on from: fetch it anew. */
export const resetSchema = Type.Object(
  { why: Type.Enum(['other-run', 'ring-overrun']), refetch: Type.Array(Type.Enum(liveTopics)) },
  closed,
)

/** So many sessions change that rows are left out until it is less; totals go on. `reset` follows. */
export const behindSchema = Type.Object({ pendingKeys: count }, closed)

/** The stream ends: whoever listens is not allowed to any more, or is to come again with other rights. */
export const authSchema = Type.Object({ why: Type.Enum(['logged-out', 'rights-changed', 'expired']) }, closed)

/** By the name of the event. */
export const liveEventSchemas = {
  hello: helloSchema,
  'sessions.delta': sessionsDeltaSchema,
  overview: overviewSchema,
  event: liveEventSchema,
  /** Events came faster than they could be sent; the list of events has them. */
  'event.gap': Type.Object({ missed: count }, closed),
  /** Each time that it has come further, and at its end. */
  operation: operationSchema,
  conflict: liveConflictSchema,
  reset: resetSchema,
  behind: behindSchema,
  auth: authSchema,
} as const
export type LiveEventName = keyof typeof liveEventSchemas
