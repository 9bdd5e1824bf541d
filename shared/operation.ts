// The shapes of operations: acts on sessions that were asked for, how far they are, and what became of each item.

import Type, { type Static, type TSchema } from 'typebox'
import { planActions, planOptionsSchema } from './plan.ts'

/** What an operation does with its items: what its plan says; the same once more with those that failed; the opposite. */
export const operationKinds = ['plan', 'retry', 'undo', 'single'] as const

/** Acts on one session besides those of plans stand among the operations, too. */
export const operationActions = [
  ...planActions,
  'release-hold',
  'subscription.add',
  'subscription.remove',
] as const
export type OperationAction = (typeof operationActions)[number]

/** cancelled: what was left when somebody cancelled it was not done. */
export const operationStates = ['running', 'done', 'cancelled'] as const
export type OperationState = (typeof operationStates)[number]

export const itemStatuses = ['ok', 'skipped', 'failed'] as const
export type ItemStatus = (typeof itemStatuses)[number]

/**
 * Why an item was not acted on, or what went wrong. The first group is what has changed since the preview: gone (the
 * session is no more), new-session (another one under the same name), reconnected (the client was back in between), no-longer-matches (the filter),
 * not-connected, connected, replaced (another message is retained now), nothing-left, protected.
 */
export const itemReasons = [
  'gone',
  'new-session',
  'reconnected',
  'no-longer-matches',
  'not-connected',
  'connected',
  'replaced',
  'nothing-left',
  'protected',
  /** It was its turn when the broker stopped, and what was to go has gone. */
  'done-before-restart',
  /** It was done, the disk refuses it for the moment, and a crash before it takes it would undo it. */
  'not-on-disk',
  'ends-with-connection',
  'expiry-passed',
  'too-many-holds',
  /** Of an undo: the time is over, or it was undone already. */
  'undo-over',
  /** Of an undo: a session with that client identifier is there now, and stays. */
  'session-exists',
  'changed-since',
  'no-room',
  'too-many-sessions',
  'error',
] as const
export type ItemReason = (typeof itemReasons)[number]

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0 })
const time = Type.String({ format: 'date-time' })

function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

export const operationSchema = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum(operationKinds),
    action: Type.Enum(operationActions),
    /** The operation that this one retries or undoes. */
    of: orNull(Type.String()),
    plan: orNull(Type.String()),
    digest: orNull(Type.String()),
    /** Null where items were named one by one. */
    filter: orNull(Type.String()),
    /** Of an act on one session. */
    clientId: orNull(Type.String()),
    /** Of an act on one retained message. */
    topic: orNull(Type.String()),
    options: planOptionsSchema,
    actor: Type.String(),
    reason: orNull(Type.String()),
    state: Type.Enum(operationStates),
    /** Why a running one does nothing at the moment; null while it does. */
    waitsFor: orNull(Type.Enum(['read-only', 'database'])),
    startedAt: time,
    endedAt: orNull(time),
    /** Of items; those that are left are `count` less the other three. */
    count,
    ok: count,
    skipped: count,
    failed: count,
    /** What was taken away, or put back. */
    messages: count,
    bytes: count,
    undo: Type.Object(
      {
        /** Items that can be taken back, as far as is known: each on its own may not be any more. */
        items: count,
        /** When the last of them cannot be taken back any more; null when none ends. */
        until: orNull(time),
      },
      closed,
    ),
  },
  closed,
)
export type Operation = Static<typeof operationSchema>

export const operationItemSchema = Type.Object(
  {
    /** Its place in the list, from 0. */
    number: count,
    clientId: orNull(Type.String()),
    topic: orNull(Type.String()),
    generation: orNull(Type.String()),
    /** pending: not yet, or never when the operation was cancelled. */
    status: Type.Enum(['pending', ...itemStatuses]),
    reason: orNull(Type.Enum(itemReasons)),
    /** A sentence, where there is more to say. */
    detail: orNull(Type.String()),
    at: orNull(time),
    messages: count,
    bytes: count,
    /** What to restore it from; null when it cannot be, or needs none. */
    tombstone: orNull(Type.String()),
    undoUntil: orNull(time),
  },
  closed,
)
export type OperationItem = Static<typeof operationItemSchema>

/** What a page of results may be narrowed to. */
export const itemFilterStatuses = ['pending', ...itemStatuses] as const
