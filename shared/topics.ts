// The shapes of topics, of who would receive a message, and of subscriptions in one list.

import Type, { type Static } from 'typebox'
import { closed, count, orNull, pageSchema } from './shapes.ts'

const qos = Type.Integer({ minimum: 0, maximum: 2 })

export const topicLevelSchema = Type.Object(
  {
    /** Of this level alone; a filter has wildcards in it. */
    level: Type.String(),
    /** From the first level to this one. */
    path: Type.String(),
    /** 1 for the first level below the prefix. */
    depth: Type.Integer({ minimum: 1 }),
    /** Subscriptions, each member of a shared group one, whose filter is this path, or lies at it or below. */
    subscriptionsHere: count,
    subscriptions: count,
    /** The same of retained messages. */
    retainedHere: Type.Boolean(),
    retained: count,
    hasChildren: Type.Boolean(),
  },
  closed,
)

export const topicTreeSchema = Type.Object(
  { data: Type.Array(topicLevelSchema), page: pageSchema, prefix: orNull(Type.String()) },
  closed,
)

/** `refused`: the publisher would be told that the message was not taken. */
export const topicOutcomes = ['delivered', 'queued', 'lost', 'refused'] as const

export const receiverSchema = Type.Object(
  {
    clientId: Type.String(),
    connected: Type.Boolean(),
    /** Those of its subscriptions that match; it gets one copy for all of them. */
    filters: Type.Array(Type.Object({ topicFilter: Type.String(), qos, noLocal: Type.Boolean() }, closed)),
    /** The lower one of the message and of the subscriptions' highest. */
    qos,
    outcome: Type.Enum(topicOutcomes),
    why: Type.String(),
  },
  closed,
)

export const sharedReceiverSchema = Type.Object(
  {
    sharedFilter: Type.String(),
    /** All members; some of them are shown. */
    members: count,
    /** Whose turn it is: one member gets the message. Null when nobody could get it, or it is hidden from this key. */
    next: orNull(Type.String()),
    data: Type.Array(receiverSchema),
  },
  closed,
)

export const topicMatchSchema = Type.Object(
  {
    topic: Type.String(),
    qos,
    data: Type.Array(receiverSchema),
    page: pageSchema,
    /** Of all receivers, groups aside. */
    outcomes: Type.Object({ delivered: count, queued: count, lost: count, refused: count }, closed),
    groups: Type.Array(sharedReceiverSchema),
    /** All groups that match; some of them are shown. */
    groupsTotal: count,
  },
  closed,
)

export const subscriptionFlags = ['broad', 'overlapping', 'shared'] as const

export const listedSubscriptionSchema = Type.Object(
  {
    clientId: Type.String(),
    connected: Type.Boolean(),
    topicFilter: Type.String(),
    qos,
    noLocal: Type.Boolean(),
    retainAsPublished: Type.Boolean(),
    retainHandling: Type.Integer({ minimum: 0, maximum: 2 }),
    subscriptionIdentifier: orNull(Type.Integer({ minimum: 1 })),
    /** The group of a shared subscription. */
    shareGroup: orNull(Type.String()),
    /** It takes everything, or everything from some level on: `#`, `+/#`, `+/+/#`. */
    broad: Type.Boolean(),
    /** Another subscription of the session that some topic would match too; null when there is none. */
    overlaps: orNull(Type.String()),
  },
  closed,
)

export const subscriptionPageSchema = Type.Object(
  { data: Type.Array(listedSubscriptionSchema), page: pageSchema },
  closed,
)

export type TopicLevel = Static<typeof topicLevelSchema>
export type TopicOutcome = (typeof topicOutcomes)[number]
export type TopicReceiver = Static<typeof receiverSchema>
export type TopicMatch = Static<typeof topicMatchSchema>
export type ListedSubscription = Static<typeof listedSubscriptionSchema>
