// What was taken away and can be brought back for a while, as the API shows it.

import Type, { type Static } from 'typebox'
import { closed, count, orNull, time } from './shapes.ts'

export const tombstoneSchema = Type.Object(
  {
    id: Type.String(),
    /** A session, messages of its queue, or a retained message. */
    what: Type.Enum(['session', 'queue', 'retained']),
    /** Null for a retained message. */
    clientId: orNull(Type.String()),
    topic: orNull(Type.String()),
    generation: orNull(Type.String()),
    /** What would come back. */
    messages: count,
    bytes: count,
    subscriptions: count,
    buriedAt: time,
    /** It can be brought back until then. */
    until: time,
    /** Whose act it was; null for one that is not kept any more. */
    operation: orNull(Type.String()),
  },
  closed,
)
export type TombstoneShape = Static<typeof tombstoneSchema>
