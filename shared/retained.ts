// Retained messages as a list shows them, never with their payloads; and what deleting one has come to.

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

export const retainedDeletedSchema = Type.Object(
  {
    topic: Type.String(),
    /** What was done, for people. */
    sentence: Type.String(),
    bytes: count,
    /** With what it can be put back, and until when; null: it cannot. */
    tombstone: orNull(Type.Object({ id: Type.String(), undoUntil: time }, closed)),
    /** It stands there among the operations; null where it could not be written down. */
    operation: orNull(Type.String()),
    /** Done, but not on the disk yet, and why: a crash before it is would undo it. Null when it is. */
    notOnDisk: orNull(Type.String()),
  },
  closed,
)

export type RetainedMessage = Static<typeof retainedMessageSchema>
export type RetainedDeleted = Static<typeof retainedDeletedSchema>
