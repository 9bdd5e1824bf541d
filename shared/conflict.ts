// The shape of a takeover conflict: clients that share one client id and push each other out.

import Type, { type Static } from 'typebox'

const contenderSchema = Type.Object(
  {
    transport: Type.Enum(['tcp', 'websocket']),
    address: Type.String(),
    /** Of its latest connection. */
    port: Type.Integer({ minimum: 0 }),
    origin: Type.Union([Type.String(), Type.Null()]),
    userAgent: Type.Union([Type.String(), Type.Null()]),
    path: Type.Union([Type.String(), Type.Null()]),
    protocolVersion: Type.Integer(),
    cleanStart: Type.Boolean(),
    keepAliveSeconds: Type.Integer({ minimum: 0 }),
    /** Takeovers that it won. */
    wins: Type.Integer({ minimum: 0 }),
    lastAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
)

const adviceSchema = Type.Object(
  {
    title: Type.String(),
    text: Type.String(),
    /** What can be pasted into a page; null where no code helps. */
    code: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
)

export const conflictSchema = Type.Object(
  {
    clientId: Type.String(),
    /** Whether it is going on: three takeovers or more in the last minute. */
    isActive: Type.Boolean(),
    perMinute: Type.Integer({ minimum: 0 }),
    /** Since the conflict began. */
    takeovers: Type.Integer({ minimum: 0 }),
    since: Type.String({ format: 'date-time' }),
    lastAt: Type.String({ format: 'date-time' }),
    /** For how long a connection holds the client id before it is pushed out; the median. */
    heldMs: Type.Number({ minimum: 0 }),
    /** Messages that were sent once more because of it. */
    redelivered: Type.Integer({ minimum: 0 }),
    /** Who won clearly more often first; those that win in turn keep their places. */
    contenders: Type.Array(contenderSchema),
    /** The latest takeovers, oldest first; `winner` counts through the contenders, -1 for one that is no longer among them. */
    strip: Type.Array(
      Type.Object(
        { at: Type.String({ format: 'date-time' }), winner: Type.Integer({ minimum: -1 }) },
        { additionalProperties: false },
      ),
    ),
    sentence: Type.String(),
    advice: Type.Array(adviceSchema),
  },
  { additionalProperties: false },
)

export type Contender = Static<typeof contenderSchema>
export type ConflictAdvice = Static<typeof adviceSchema>
export type Conflict = Static<typeof conflictSchema>
