// What an operator's act on one session has come to; the answer of every such act.

import Type, { type Static } from 'typebox'
import { sessionSummarySchema } from './session-summary.ts'
import { closed, count, orNull, time } from './shapes.ts'

export const actResults = [
  'disconnected',
  'cleaned',
  'expired',
  'cleared',
  'removed',
  'expiry-set',
  'held',
  'released',
  'subscribed',
  'unsubscribed',
] as const

/** `delayed`: published after its delay, unless the client is back before. */
export const willOutcomes = ['none', 'published', 'delayed', 'suppressed'] as const

export const sessionActSchema = Type.Object(
  {
    /** It is done: the socket is closed, lists agree. `disconnected` of a clean: the session ended with its connection. */
    result: Type.Enum(actResults),
    /** What was done, for people. */
    sentence: Type.String(),
    /** The session as it is now; null: there is none. */
    session: orNull(sessionSummarySchema),
    /** With what it can be undone, and until when; null: it cannot, or takes nothing away. */
    tombstone: orNull(Type.Object({ id: Type.String(), undoUntil: time }, closed)),
    /** It stands there among the operations, and can be taken back there; null where it could not be written down. */
    operation: orNull(Type.String()),
    /** Null where the act has nothing to do with the will. */
    will: orNull(Type.Enum(willOutcomes)),
    /** Messages that were taken away, and their bytes. */
    messages: count,
    bytes: count,
    /** The client is kept out until then, session or not. */
    hold: orNull(Type.Object({ until: time, by: Type.String(), reason: orNull(Type.String()) }, closed)),
    /** Done, but not on the disk yet, and why: a crash before it is would undo it. Null when it is. */
    notOnDisk: orNull(Type.String()),
  },
  closed,
)

export type ActResult = (typeof actResults)[number]
export type SessionAct = Static<typeof sessionActSchema>
