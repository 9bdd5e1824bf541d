// Retained messages as a list shows them: never their payloads.

import Type, { type Static } from 'typebox'
import { closed, count, orNull, pageSchema, time } from './shapes.ts'

export const retainedMessageSchema = Type.Object(
  {
    topic: Type.String(),
    /** As it counts against `retained-bytes-max`: topic, properties and payload. */
    bytes: count,
    payloadBytes: count,
    qos: Type.Integer({ minimum: 0, maximum: 2 }),
    /** The client id of the publisher; null for the broker itself. */
    publisher: orNull(Type.String()),
    setAt: time,
    /** Null: it does not expire. */
    expiresAt: orNull(time),
  },
  closed,
)

export const retainedPageSchema = Type.Object(
  { data: Type.Array(retainedMessageSchema), page: pageSchema },
  closed,
)

export type RetainedMessage = Static<typeof retainedMessageSchema>
