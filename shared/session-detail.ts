// All there is to say of one session: its row in the list, and what a list has no room for.

import Type, { type Static } from 'typebox'
import { lossCountSchema } from './history.ts'
import { sessionSummarySchema } from './session-summary.ts'
import { closed, count, orNull, time } from './shapes.ts'

export const willFactsSchema = Type.Object(
  {
    topic: Type.String(),
    qos: Type.Integer({ minimum: 0, maximum: 2 }),
    retain: Type.Boolean(),
    /** How long its payload is; the payload itself is nobody's to see before it is published. */
    payloadBytes: count,
    delaySeconds: count,
    messageExpirySeconds: orNull(count),
    /** When it will be published; null while the client is connected. */
    dueAt: orNull(time),
  },
  closed,
)

/** Something that was taken away from this client id and can be brought back. */
export const undoSchema = Type.Object(
  {
    id: Type.String(),
    what: Type.Enum(['session', 'queue']),
    generation: Type.String(),
    messages: count,
    bytes: count,
    subscriptions: count,
    takenAt: time,
    undoUntil: time,
  },
  closed,
)

export const sessionDetailSchema = Type.Object(
  {
    ...sessionSummarySchema.properties,
    /** Of the latest connection, as the client asked for it; 0: none, null: not known. */
    keepAliveSeconds: orNull(count),
    will: orNull(willFactsSchema),
    limits: Type.Object(
      {
        messagesMax: count,
        bytesMax: count,
        overflow: Type.Enum(['drop-oldest', 'drop-newest', 'reject']),
        subscriptionsMax: count,
        /** How many messages may be on their way to the client at a time; null while it is not connected. */
        window: orNull(count),
      },
      closed,
    ),
    counters: Type.Object(
      {
        /** Owed in all: waiting and in flight. */
        messages: count,
        waiting: count,
        inflight: count,
        bytes: count,
        awaitingPubrel: count,
        subscriptions: count,
        /** By reason, since the session was created. */
        lost: Type.Array(lossCountSchema),
      },
      closed,
    ),
    /** The newest first. */
    undo: Type.Array(undoSchema),
    /** A change's id: what comes after it is told by the live stream. */
    asOf: Type.String(),
  },
  closed,
)

export type SessionDetail = Static<typeof sessionDetailSchema>
