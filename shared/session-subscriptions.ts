// The subscriptions of one session, and whether messages for them wait while the client is away.

import Type, { type Static } from 'typebox'
import { closed, count, orNull, pageSchema, time } from './shapes.ts'

export const queuesOfflineReasons = [
  'qos-1-or-2',
  'qos-0',
  'qos-0-by-policy',
  'ends-with-connection',
  'shared',
] as const

const qos = Type.Integer({ minimum: 0, maximum: 2 })
const options = {
  qos,
  /** The client gets no message of its own. */
  noLocal: Type.Boolean(),
  retainAsPublished: Type.Boolean(),
  /** 0: retained messages with each SUBSCRIBE, 1: only with a new subscription, 2: none. */
  retainHandling: Type.Integer({ minimum: 0, maximum: 2 }),
}

export const sessionSubscriptionSchema = Type.Object(
  {
    topicFilter: Type.String(),
    ...options,
    subscriptionIdentifier: orNull(Type.Integer({ minimum: 1 })),
    /** The group of a shared subscription. */
    shareGroup: orNull(Type.String()),
    /** When it was last subscribed to, as far as the history knows. */
    subscribedAt: orNull(time),
    queuesOffline: Type.Object(
      { value: Type.Boolean(), reason: Type.Enum(queuesOfflineReasons), why: Type.String() },
      closed,
    ),
  },
  closed,
)

export const sessionSubscriptionsSchema = Type.Object(
  {
    data: Type.Array(sessionSubscriptionSchema),
    page: pageSchema,
    generation: Type.String(),
    version: count,
  },
  closed,
)

export const newSubscriptionSchema = Type.Object(
  {
    topicFilter: Type.String({ minLength: 1, maxLength: 65_535 }),
    qos: Type.Optional({ ...qos, default: 1 }),
    noLocal: Type.Optional(options.noLocal),
    retainAsPublished: Type.Optional(options.retainAsPublished),
    retainHandling: Type.Optional(options.retainHandling),
    subscriptionIdentifier: Type.Optional(Type.Integer({ minimum: 1, maximum: 268_435_455 })),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  closed,
)

export type SessionSubscription = Static<typeof sessionSubscriptionSchema>
export type QueuesOffline = SessionSubscription['queuesOffline']
