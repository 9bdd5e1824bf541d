// One session as lists, exports and live changes show it.

import Type, { type Static, type TSchema } from 'typebox'
import { lifelineSchema } from './history.ts'
import { stuckCauses } from './stuck-rule.ts'

/**
 * The first that applies: `conflict` (two clients take it from each other), `stuck`, then `online`, `waiting`
 * (offline, and messages wait) or `offline`.
 */
export const sessionStates = ['online', 'offline', 'waiting', 'stuck', 'conflict'] as const
export type SessionState = (typeof sessionStates)[number]

const count = Type.Integer({ minimum: 0 })
const time = Type.String({ format: 'date-time' })

function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

const closed = { additionalProperties: false } as const

export const sessionSummarySchema = Type.Object(
  {
    clientId: Type.String(),
    /** The user it belongs to; empty for anonymous clients. */
    owner: Type.String(),
    /** With the version it is the ETag: `"<generation>.<version>"`. */
    generation: Type.String(),
    version: count,
    state: Type.Enum(sessionStates),
    /** Why it is stuck; null while it is not, whatever its state says. */
    stuck: orNull(Type.Enum(stuckCauses)),
    connected: Type.Boolean(),
    /** Of the latest connection, as `protocol` and `remote`; null where nothing is known of it. */
    clean: orNull(Type.Boolean()),
    protocol: orNull(Type.Integer({ minimum: 3, maximum: 5 })),
    /** What waits to be sent. The limits hold for it and for what is in flight, together. */
    queued: Type.Object(
      {
        count,
        /** Of all that is owed, in flight included. */
        bytes: count,
        limit: count,
        bytesLimit: count,
        /** 0 to 1: of messages or of bytes, whichever is fuller. */
        full: Type.Number({ minimum: 0 }),
        /** When the message that waits longest came; left out where nobody looked. */
        oldestAt: Type.Optional(orNull(time)),
        overflow: Type.Enum(['drop-oldest', 'drop-newest', 'reject']),
        /** Messages lost since the broker started. */
        dropped: count,
      },
      closed,
    ),
    inflight: Type.Object(
      {
        out: count,
        /** The client's Receive Maximum; null while it is not connected. */
        outLimit: orNull(count),
        /** QoS 2 messages from the client whose PUBREL has not come. */
        awaitingPubrel: count,
        /** When the oldest that goes out was sent. */
        oldestAt: orNull(time),
      },
      closed,
    ),
    subscriptions: count,
    expiry: Type.Object(
      {
        /** Null while it is connected, and when it never expires. */
        at: orNull(time),
        /** Null: never. */
        intervalSeconds: orNull(count),
        source: Type.Enum(['client', 'policy', 'operator']),
        /** It holds for later connections too, whatever they ask for. */
        pinned: Type.Boolean(),
      },
      closed,
    ),
    createdAt: time,
    /** Null while it is not connected. */
    connectedAt: orNull(time),
    /** When its last connection ended; null while it is connected. */
    lastSeenAt: orNull(time),
    remote: orNull(
      Type.Object(
        {
          ip: Type.String(),
          port: count,
          transport: Type.String(),
          origin: orNull(Type.String()),
          userAgent: orNull(Type.String()),
          path: orNull(Type.String()),
        },
        closed,
      ),
    ),
    /** Its client is kept out until then. */
    hold: orNull(Type.Object({ until: time, by: Type.String(), reason: orNull(Type.String()) }, closed)),
    /** When it was online and offline; only where it was asked for. */
    lifeline: Type.Optional(Type.Pick(lifelineSchema, ['segments', 'takeovers'], closed)),
  },
  closed,
)

export type SessionSummary = Static<typeof sessionSummarySchema>
