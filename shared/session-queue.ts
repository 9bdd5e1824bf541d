// What waits for a session and what is in flight to it, as those see it who look: looking changes nothing.

import Type, { type Static } from 'typebox'
import { inflightLanes } from './queue-limits.ts'
import { closed, count, orNull, pageSchema, time } from './shapes.ts'

const qos = Type.Integer({ minimum: 0, maximum: 2 })

/** published: PUBACK or PUBREC is awaited; released: PUBREL was sent, PUBCOMP is awaited. */
const owedAt = Type.Enum(['waiting', 'published', 'released'])

export const payloadPreviewSchema = Type.Object(
  {
    /** Of the whole payload. */
    bytes: count,
    /** How many of them stand here. */
    shownBytes: count,
    /** Whether the whole payload is valid UTF-8. */
    isText: Type.Boolean(),
    /** What is shown, where the payload is text. */
    text: orNull(Type.String()),
    base64: Type.String(),
  },
  closed,
)

export const queueMessageSchema = Type.Object(
  {
    /** Its name in this queue: later messages have higher ones. */
    seq: Type.Integer({ minimum: 1 }),
    /** 1 is the oldest that is owed; null far down a long queue, where counting would cost too much. */
    position: orNull(Type.Integer({ minimum: 1 })),
    at: owedAt,
    /** Null, as publisher, times and payload, where the body cannot be read any more. */
    topic: orNull(Type.String()),
    qos,
    /** The RETAIN flag that the client is to see. */
    retain: Type.Boolean(),
    /** As it counts in the queue: topic, properties and payload. */
    bytes: count,
    payloadBytes: orNull(count),
    /** The client id of the publisher; empty for the broker itself. */
    publisher: orNull(Type.String()),
    receivedAt: orNull(time),
    /** Null: it does not expire. */
    expiresAt: orNull(time),
    /** Once it was sent, as when that was, if in this run of the broker. */
    packetId: orNull(Type.Integer({ minimum: 1 })),
    sentAt: orNull(time),
    /** It was sent on an earlier connection: it is, or will be, sent again with DUP. */
    dup: Type.Boolean(),
    /** Only where it was asked for, and may be shown. */
    payload: Type.Optional(orNull(payloadPreviewSchema)),
  },
  closed,
)

export const queueFactsSchema = Type.Object(
  {
    generation: Type.String(),
    version: count,
    /** All that is owed: waiting and in flight. */
    messages: count,
    waiting: count,
    bytes: count,
    messagesMax: count,
    bytesMax: count,
    overflow: Type.Enum(['drop-oldest', 'drop-newest', 'reject']),
    /** Messages that the session has lost. */
    dropped: count,
    /** For people: that reading changes nothing, and what happens when the queue is full. */
    note: Type.String(),
  },
  closed,
)

export const queuePageSchema = Type.Object(
  {
    data: Type.Array(queueMessageSchema),
    page: pageSchema,
    queue: queueFactsSchema,
    /** Messages that were looked at for this page; with a filter there may be more to look at even when none matched. */
    lookedAt: count,
  },
  closed,
)

export const payloadForms = ['base64', 'text', 'hex', 'raw'] as const
export type PayloadForm = (typeof payloadForms)[number]

export const payloadPartSchema = Type.Object(
  {
    /** Of a message in a queue; a retained message has none. */
    seq: Type.Optional(Type.Integer({ minimum: 1 })),
    topic: Type.String(),
    /** Of the whole payload. */
    bytes: count,
    /** Where this part begins, how long it is, and where the next one begins; null at the end. */
    offset: count,
    shownBytes: count,
    nextOffset: orNull(count),
    /** Whether the whole payload is valid UTF-8; if it is not, text has replacement characters in it. */
    isText: Type.Boolean(),
    as: Type.Enum(['base64', 'text', 'hex']),
    data: Type.String(),
    /** What an MQTT 5 publisher said of the payload. */
    properties: Type.Object(
      {
        payloadFormatIndicator: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })),
        contentType: Type.Optional(Type.String()),
        responseTopic: Type.Optional(Type.String()),
        /** Base64. */
        correlationData: Type.Optional(Type.String()),
        userProperties: Type.Optional(Type.Array(Type.Tuple([Type.String(), Type.String()]))),
      },
      closed,
    ),
  },
  closed,
)

export const inflightEntrySchema = Type.Object(
  {
    /** What is awaited from the client. */
    lane: Type.Enum(inflightLanes),
    packetId: Type.Integer({ minimum: 1 }),
    /** Of the message in the queue; null for what comes from the client, and where it was not found. */
    seq: orNull(Type.Integer({ minimum: 1 })),
    topic: orNull(Type.String()),
    qos: Type.Integer({ minimum: 1, maximum: 2 }),
    bytes: orNull(count),
    /** When it was sent first; null where that was in an earlier run of the broker, and for what comes from the client. */
    sentAt: orNull(time),
    /** How long ago; by the connection's begin where that is all that is known, and null but for the oldest from the client. */
    ageSeconds: orNull(count),
    /** Connections since, on each of which it was sent again; null where it is not known. */
    retries: orNull(count),
    /** The client is connected and has kept it for longer than the rule for stuck sessions allows. */
    stuck: Type.Boolean(),
  },
  closed,
)

const laneSchema = Type.Object({ count, oldestAt: orNull(time), stuck: count }, closed)

export const inflightSchema = Type.Object(
  {
    generation: Type.String(),
    version: count,
    connected: Type.Boolean(),
    /** How many messages may be on their way to the client at a time; null while it is not connected. */
    window: orNull(count),
    lanes: Type.Object(
      { puback: laneSchema, pubrec: laneSchema, pubcomp: laneSchema, pubrel: laneSchema },
      closed,
    ),
    data: Type.Array(inflightEntrySchema),
  },
  closed,
)

export type QueueMessage = Static<typeof queueMessageSchema>
export type QueueFacts = Static<typeof queueFactsSchema>
export type QueuePage = Static<typeof queuePageSchema>
export type PayloadPreview = Static<typeof payloadPreviewSchema>
export type PayloadPart = Static<typeof payloadPartSchema>
export type InflightLane = (typeof inflightLanes)[number]
export type InflightEntry = Static<typeof inflightEntrySchema>
export type Inflight = Static<typeof inflightSchema>
