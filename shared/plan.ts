// The shapes of plans: what an act on many sessions would do, before anybody says that it shall.

import Type, { type Static, type TSchema } from 'typebox'

export const planActions = [
  'disconnect',
  'clean',
  'expire',
  'clear-queue',
  'set-expiry',
  'hold',
  'messages.remove',
  'retained.delete',
] as const
export type PlanAction = (typeof planActions)[number]

/** More than anybody runs in one go; a plan of so many takes some seconds to make. */
export const PLAN_ITEMS_MAX = 1_000_000
/** Identifiers that a request may name; whoever means more means a filter. */
export const PLAN_IDS_MAX = 10_000
/** What one request may look at to choose messages: their bodies are read from the disk for it. */
export const PLAN_MESSAGES_MAX = 200_000
export const PLAN_RATE_DEFAULT = 200
export const PLAN_RATE_MAX = 10_000
export const PLAN_HOLD_SECONDS_DEFAULT = 30
export const PLAN_HOLD_SECONDS_MAX = 86_400
/** Above any of these the number of items has to be typed; so it has when one of them is connected. */
export const TYPED_COUNT_ITEMS = 20
export const TYPED_COUNT_MESSAGES = 1_000
/** Above it the plan needs an admin. */
export const OPERATOR_ITEMS_MAX = 1_000
export const REASON_LENGTH_MAX = 500

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0 })
const time = Type.String({ format: 'date-time' })
const clientId = Type.String({ maxLength: 65_535 })

function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

/** Which messages that wait are meant; all conditions must hold. */
export const messageFilterSchema = Type.Object(
  {
    /** A topic, in which `*` stands for anything and `?` for one character. */
    topic: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024 })),
    /** They came to the broker at least so long ago, counted from when the plan was made. */
    olderThanSeconds: Type.Optional(count),
    qos: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
    /** Topic, properties and payload together. */
    bytesMin: Type.Optional(count),
    bytesMax: Type.Optional(count),
    /** The client identifier of the publisher, with `*` and `?`. */
    publisher: Type.Optional(Type.String({ maxLength: 1_024 })),
  },
  closed,
)
export type MessageFilter = Static<typeof messageFilterSchema>

export const newExpirySchema = Type.Union([
  /** How long sessions outlive their connection; null: for ever. */
  Type.Object({ seconds: orNull(Type.Integer({ minimum: 1, maximum: 0xfffffffe })) }, closed),
  Type.Object({ at: time }, closed),
])

export const planOptionsSchema = Type.Object(
  {
    /** Wills are dropped instead of published: of disconnect and clean. */
    suppressWill: Type.Optional(Type.Boolean()),
    /** The client identifier is refused for so long from the act on, so that a client that comes back at once does not undo it. */
    holdSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: PLAN_HOLD_SECONDS_MAX })),
    /** Items a second: many clients that connect again at once are a storm. */
    ratePerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: PLAN_RATE_MAX })),
    /** Of set-expiry. */
    expiry: Type.Optional(newExpirySchema),
    /** Of set-expiry: whether later connections get it too, whatever they ask for. */
    pinned: Type.Optional(Type.Boolean()),
    /** Of messages.remove. */
    messages: Type.Optional(messageFilterSchema),
  },
  closed,
)
export type PlanOptions = Static<typeof planOptionsSchema>

export const planRequestSchema = Type.Object(
  {
    action: Type.Enum(planActions),
    /** Which sessions, in the grammar of lists; for retained.delete a topic filter. */
    filter: Type.Optional(Type.String({ maxLength: 65_535 })),
    /** Or these, of the generation that was looked at. */
    ids: Type.Optional(
      Type.Array(
        Type.Object({ clientId, generation: Type.Optional(Type.String({ maxLength: 64 })) }, closed),
        {
          minItems: 1,
          maxItems: PLAN_IDS_MAX,
        },
      ),
    ),
    /** Or, for retained.delete, the messages of these topics. */
    topics: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 65_535 }), { minItems: 1, maxItems: PLAN_IDS_MAX }),
    ),
    /** Client identifiers, or topics, that are to be left alone. */
    exclude: Type.Optional(Type.Array(clientId, { maxItems: PLAN_IDS_MAX })),
    /** Client identifiers that are meant although they are protected; admins only. */
    override: Type.Optional(Type.Array(clientId, { maxItems: PLAN_IDS_MAX })),
    options: Type.Optional(planOptionsSchema),
  },
  closed,
)
export type PlanRequest = Static<typeof planRequestSchema>

/**
 * Why an item stands in the plan and is not acted on. protected: its prefix is, and nobody overrode it; outside-key:
 * the API key may not touch it; no-session, new-session: what was named is not there; the others: there is nothing
 * to do, or it cannot be done, in the state it is in.
 */
export const blockedReasons = [
  'protected',
  'outside-key',
  'no-session',
  'new-session',
  'not-connected',
  'connected',
  'ends-with-connection',
  'nothing-retained',
] as const
export type BlockedReason = (typeof blockedReasons)[number]

export const planItemSchema = Type.Object(
  {
    /** Its place in the plan, from 0; items are acted on in this order. */
    number: count,
    /** Null when the plan is about retained messages. */
    clientId: orNull(Type.String()),
    /** Of a retained message. */
    topic: orNull(Type.String()),
    /** Of the session; null where there is none. */
    generation: orNull(Type.String()),
    connected: Type.Boolean(),
    /** Of its connection, or of the end of its last one; when a retained message was published. */
    since: orNull(time),
    /** What would be lost with it. */
    messages: count,
    bytes: count,
    subscriptions: count,
    /** It has a will that would be published. */
    will: Type.Boolean(),
    blocked: orNull(Type.Enum(blockedReasons)),
  },
  closed,
)
export type PlanItem = Static<typeof planItemSchema>

/** Why not everything could be taken back. no-undo: the act takes nothing away, or what it does cannot be undone. */
export const noUndoReasons = ['no-undo', 'off', 'over-budget', 'ends-with-connection'] as const

export const planSchema = Type.Object(
  {
    id: Type.String(),
    /** `sha256:` of action, options and the whole list: what an execution must name. */
    digest: Type.String(),
    state: Type.Enum(['open', 'executed', 'expired']),
    action: Type.Enum(planActions),
    /** Null when items were named one by one. */
    filter: orNull(Type.String()),
    options: planOptionsSchema,
    actor: Type.String(),
    madeAt: time,
    /** It cannot be executed afterwards. */
    expiresAt: time,
    /** The operation that executes it. */
    operation: orNull(Type.String()),
    /** Items that would be acted on: what `confirmCount` must be. */
    count,
    breakdown: Type.Object({ offline: count, online: count }, closed),
    messagesLost: count,
    bytesLost: count,
    /** How many wills would be published. */
    wills: count,
    /** All of it could be taken back. */
    undoable: Type.Boolean(),
    undo: Type.Object(
      {
        /** How many items could be. */
        items: count,
        /** Why not all of them; null when all could. */
        why: orNull(Type.Enum(noUndoReasons)),
        /** What it would count for, and what there is room for now. */
        bytes: count,
        bytesFree: count,
      },
      closed,
    ),
    /** Until when the first item could be taken back were the plan executed at once; null when none could. */
    undoUntil: orNull(time),
    /** Items that stand in the list and are not acted on. */
    blockedCount: count,
    blockedReasons: Type.Array(Type.Object({ reason: Type.Enum(blockedReasons), count }, closed)),
    /** The first of them. */
    blocked: Type.Array(planItemSchema),
    /** Those that lose most bytes. */
    biggest: Type.Array(planItemSchema),
    /** What their client identifiers have in common; the largest groups. */
    prefixes: Type.Array(Type.Object({ prefix: Type.String(), count }, closed)),
    /** The first items. */
    sample: Type.Array(planItemSchema),
    needs: Type.Object(
      {
        /** Whoever confirms has to type the number of items. */
        typedCount: Type.Boolean(),
        role: Type.Enum(['operator', 'admin']),
      },
      closed,
    ),
  },
  closed,
)
export type Plan = Static<typeof planSchema>

export const planExecutionSchema = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX }),
    /** The plan's `count`, as the person who confirms understands it. */
    confirmCount: count,
  },
  closed,
)

/** What an expired plan would be now, compared with what it was. */
export const planDifferenceSchema = Type.Object(
  {
    added: Type.Object({ count, sample: Type.Array(Type.String()) }, closed),
    gone: Type.Object({ count, sample: Type.Array(Type.String()) }, closed),
  },
  closed,
)
export type PlanDifference = Static<typeof planDifferenceSchema>
