// The shapes of what the broker remembers: timelines, lifelines, lost messages, readings over time.

import Type, { type Static } from 'typebox'

/** What stands in a timeline. */
export const timelineKinds = [
  'connect',
  'connect.refused',
  'takeover',
  'disconnect',
  'subscribe',
  'unsubscribe',
  'created',
  'queue.started',
  'queue.level',
  'queue.dropped',
  'redelivered',
  'inflight.stuck',
  'will.sent',
  'hold',
  'hold.released',
  'expiry.set',
  'ended',
  'expired',
  'cleaned',
  'cleared',
  'removed',
  'restored',
  'purged',
  'broker.restart',
  'history.gap',
] as const

const timeSchema = Type.String({ format: 'date-time' })
const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

export const timelineEntrySchema = Type.Object(
  {
    /** Grows from row to row, over restarts too. */
    id: Type.Integer({ minimum: 1 }),
    at: timeSchema,
    /** The latest of those that this row stands for; null when it stands for one. */
    until: orNull(timeSchema),
    /** How often it happened: more than once when it came too fast for a row each. */
    count: Type.Integer({ minimum: 1 }),
    kind: Type.Enum(timelineKinds),
    /** Null in what is about no client. */
    clientId: orNull(Type.String()),
    generation: orNull(Type.String()),
    /** The operator who did it; null when the client, a deadline or the broker did. */
    actor: orNull(Type.String()),
    /** What there is to say, by kind (docs/HISTORY.md); of the latest one when the row stands for several. */
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
)

export const lostMessageSchema = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    at: timeSchema,
    clientId: Type.String(),
    generation: orNull(Type.String()),
    reason: Type.String(),
    /** Null when the message was not in memory any more. */
    topic: orNull(Type.String()),
    publisher: orNull(Type.String()),
    qos: orNull(Type.Integer({ minimum: 0, maximum: 2 })),
    size: orNull(Type.Integer({ minimum: 0 })),
    /** The operator whose act it was. */
    actor: orNull(Type.String()),
  },
  { additionalProperties: false },
)

export const lossCountSchema = Type.Object(
  {
    reason: Type.String(),
    count: Type.Integer({ minimum: 0 }),
    bytes: Type.Integer({ minimum: 0 }),
    lastAt: timeSchema,
  },
  { additionalProperties: false },
)

/** `unknown` where the broker was down or its history does not reach back. */
export const lifelineStates = ['online', 'offline', 'unknown'] as const

export const lifelineSchema = Type.Object(
  {
    clientId: Type.String(),
    /** Each from its time to that of the next one, the last one until now. */
    segments: Type.Array(Type.Tuple([timeSchema, Type.Enum(lifelineStates)])),
    takeovers: Type.Array(timeSchema),
  },
  { additionalProperties: false },
)

/** Rates are a second; the others are what is there. */
export const seriesNames = [
  'messages.in',
  'messages.out',
  'messages.dropped',
  'bytes.in',
  'bytes.out',
  'connects',
  'sessions',
  'connections',
  'queued.messages',
  'queued.bytes',
  'subscriptions',
  'retained',
  'conflicts',
  'stuck',
  'expiring',
] as const

export const seriesSchema = Type.Object(
  {
    name: Type.Enum(seriesNames),
    from: timeSchema,
    stepSeconds: Type.Integer({ minimum: 1 }),
    /** One for each step; null where nothing was measured. */
    points: Type.Array(orNull(Type.Number())),
  },
  { additionalProperties: false },
)

export const forecastSchema = Type.Object(
  {
    /** What will be lost when nobody comes back and nobody acts, from now on. */
    horizons: Type.Array(
      Type.Object(
        {
          horizon: Type.Enum(['hour', 'day', 'week']),
          sessions: Type.Integer({ minimum: 0 }),
          messages: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ minimum: 0 }),
        },
        { additionalProperties: false },
      ),
    ),
    /** Offline sessions without an expiry, and what they hold. */
    never: Type.Object(
      {
        sessions: Type.Integer({ minimum: 0 }),
        messages: Type.Integer({ minimum: 0 }),
        bytes: Type.Integer({ minimum: 0 }),
      },
      { additionalProperties: false },
    ),
    sentence: Type.String(),
  },
  { additionalProperties: false },
)

export type TimelineKind = (typeof timelineKinds)[number]
export type TimelineEntry = Static<typeof timelineEntrySchema>
export type LostMessage = Static<typeof lostMessageSchema>
export type LossCount = Static<typeof lossCountSchema>
export type Lifeline = Static<typeof lifelineSchema>
export type LifelineState = (typeof lifelineStates)[number]
export type SeriesName = (typeof seriesNames)[number]
export type Series = Static<typeof seriesSchema>
export type Forecast = Static<typeof forecastSchema>
export type Horizon = Forecast['horizons'][number]['horizon']
