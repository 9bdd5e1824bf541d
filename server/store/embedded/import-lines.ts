// Reads the lines of an exported store into records; what is wrong with a line is a BadLine.

import { ConnectionFacts } from '../../events/connection-facts.ts'
import { isFault } from '../../protocol/fault.ts'
import { Message } from '../../protocol/message.ts'
import type { QoS, RetainHandling } from '../../protocol/packet.ts'
import { variableByteIntegerLength, writeVariableByteInteger } from '../../protocol/publish-encoder.ts'
import { readPublishProperties } from '../../protocol/publish-properties.ts'
import { topicFilterProblem } from '../../protocol/rules.ts'
import { TopicTable } from '../../protocol/topic.ts'
import type { StoredReceiver } from '../records.ts'
import type { SessionRecord, StoredSubscription, StoredWill } from '../store.ts'
import { BadLine, Fields } from './fields.ts'
import { PORTABLE_FORMAT } from './portable.ts'

const limits = { topicBytesMax: 65_535, topicLevelsMax: 65_535 }
const topics = new TopicTable(limits)
const anyUserProperties = { userPropertiesMax: 65_535, userPropertyBytesMax: Number.POSITIVE_INFINITY }
const PROPERTIES_BYTES_MAX = 268_435_455
const EXPIRY_SOURCES = ['client', 'policy', 'operator'] as const
const UINT32_MAX = 4_294_967_295
const SUBSCRIPTION_IDENTIFIER_MAX = 268_435_455
const IDENTIFIERS_MAX = 255
/** A million a second for four years; sums of a few of them are still whole numbers. */
const MESSAGE_NUMBER_MAX = 2 ** 47

export interface ImportedSession {
  readonly record: SessionRecord
  readonly sending: readonly {
    readonly packetId: number
    readonly message: number
    readonly released: 0 | 1
  }[]
  readonly receiving: readonly number[]
}

export interface ImportedMessage {
  readonly number: number
  readonly message: Message
  readonly receiver: Omit<StoredReceiver, 'queueNumber'>
}

export type ImportedLine =
  | { readonly kind: 'header' }
  | { readonly kind: 'session'; readonly session: ImportedSession }
  | { readonly kind: 'message'; readonly entry: ImportedMessage }
  | { readonly kind: 'retained'; readonly message: Message }
  | { readonly kind: 'end'; readonly sessions: number; readonly messages: number; readonly retained: number }

/** Throws BadLine. */
export function readLine(text: string): ImportedLine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new BadLine('', `is not JSON: ${(error as Error).message}`)
  }
  const fields = new Fields(value)
  const kind = fields.choice('kind', ['header', 'session', 'message', 'retained', 'end'])
  const line = readers[kind](fields)
  fields.end()
  return line
}

const readers: Readonly<Record<ImportedLine['kind'], (fields: Fields) => ImportedLine>> = {
  header: fields => {
    const format = fields.integer('format', 0, Number.MAX_SAFE_INTEGER)
    if (format !== PORTABLE_FORMAT)
      throw fields.bad('format', `is ${format}; only ${PORTABLE_FORMAT} is known`)
    fields.time('exportedAt')
    fields.text('brokerVersion')
    return { kind: 'header' }
  },
  session: fields => ({ kind: 'session', session: readSession(fields) }),
  message: fields => ({ kind: 'message', entry: readEntry(fields) }),
  retained: fields => {
    const message = readMessage(fields)
    if (message.payloadBytes === 0) throw fields.bad('payload', 'must not be empty in a retained message')
    return { kind: 'retained', message }
  },
  end: fields => ({
    kind: 'end',
    sessions: fields.integer('sessions', 0, Number.MAX_SAFE_INTEGER),
    messages: fields.integer('messages', 0, Number.MAX_SAFE_INTEGER),
    retained: fields.integer('retained', 0, Number.MAX_SAFE_INTEGER),
  }),
}

function readSession(fields: Fields): ImportedSession {
  const clientId = fields.mqttText('clientId')
  if (clientId === '') throw fields.bad('clientId', 'must not be empty')
  const record: SessionRecord = {
    clientId,
    owner: fields.text('owner'),
    generation: fields.text('generation'),
    createdAt: fields.time('createdAt'),
    version: fields.has('version') ? fields.integer('version', 1, Number.MAX_SAFE_INTEGER) : 1,
    connection: fields.has('connection') ? readConnection(fields.object('connection')) : undefined,
    expirySeconds: readExpiry(fields),
    expirySource: fields.has('expirySource') ? fields.choice('expirySource', EXPIRY_SOURCES) : 'client',
    expiryPinned: fields.has('expiryPinned') && fields.flag('expiryPinned'),
    disconnectedAt: fields.optionalTime('disconnectedAt'),
    expiresAt: fields.optionalTime('expiresAt'),
    subscriptions: readSubscriptions(fields),
    will: fields.has('will') ? readWill(fields.object('will')) : undefined,
    willDueAt: fields.optionalTime('willDueAt'),
  }
  const sending = fields.objects('sending').map(one => {
    const packetId = one.integer('packetId', 1, 65_535)
    const message = one.integer('message', 1, MESSAGE_NUMBER_MAX)
    const released = one.choice('at', ['published', 'released']) === 'released' ? 1 : 0
    one.end()
    return { packetId, message, released } as const
  })
  if (new Set(sending.map(one => one.packetId)).size < sending.length)
    throw fields.bad('sending', 'has a packet identifier twice')
  return { record, sending, receiving: fields.integers('receiving', 1, 65_535) }
}

function readConnection(fields: Fields): ConnectionFacts {
  const text = (name: string): string | undefined => (fields.has(name) ? fields.text(name) : undefined)
  const connection = new ConnectionFacts({
    protocolVersion: fields.integer('protocolVersion', 3, 5),
    cleanStart: fields.flag('cleanStart'),
    keepAliveSeconds: fields.integer('keepAliveSeconds', 0, 65_535),
    transport: fields.choice('transport', ['tcp', 'websocket']),
    address: fields.text('address'),
    port: fields.integer('port', 0, 65_535),
    origin: text('origin'),
    userAgent: text('userAgent'),
    path: text('path'),
  })
  fields.end()
  return connection
}

function readExpiry(fields: Fields): number {
  const name = 'expirySeconds'
  if (fields.isText(name)) {
    fields.choice(name, ['never'])
    return Number.POSITIVE_INFINITY
  }
  return fields.integer(name, 0, Number.MAX_SAFE_INTEGER)
}

function readSubscriptions(fields: Fields): StoredSubscription[] {
  const seen = new Set<string>()
  return fields.objects('subscriptions').map(one => {
    const topicFilter = one.text('topicFilter')
    const problem = topicFilterProblem(topicFilter, limits)
    if (problem !== undefined) throw one.bad('topicFilter', `is none: ${problem}`)
    if (seen.has(topicFilter)) throw one.bad('topicFilter', 'stands there twice')
    seen.add(topicFilter)
    const subscription: StoredSubscription = {
      topicFilter,
      qos: one.integer('qos', 0, 2) as QoS,
      noLocal: one.flag('noLocal'),
      retainAsPublished: one.flag('retainAsPublished'),
      retainHandling: one.integer('retainHandling', 0, 2) as RetainHandling,
      subscriptionIdentifier: one.has('subscriptionIdentifier')
        ? one.integer('subscriptionIdentifier', 1, SUBSCRIPTION_IDENTIFIER_MAX)
        : 0,
    }
    one.end()
    return subscription
  })
}

function readWill(fields: Fields): StoredWill {
  const message = readMessage(fields)
  const will = {
    message,
    delaySeconds: fields.integer('delaySeconds', 0, UINT32_MAX),
    messageExpirySeconds: fields.has('messageExpirySeconds')
      ? fields.integer('messageExpirySeconds', 0, UINT32_MAX)
      : undefined,
  }
  fields.end()
  return will
}

function readEntry(fields: Fields): ImportedMessage {
  const message = readMessage(fields)
  // For whoever reads the file; the lines themselves say how many there are.
  fields.integer('receivers', 1, Number.MAX_SAFE_INTEGER)
  const subscriptionIdentifiers = fields.has('subscriptionIdentifiers')
    ? fields.integers('subscriptionIdentifiers', 1, SUBSCRIPTION_IDENTIFIER_MAX)
    : undefined
  if (subscriptionIdentifiers !== undefined && subscriptionIdentifiers.length > IDENTIFIERS_MAX)
    throw fields.bad('subscriptionIdentifiers', `has more than ${IDENTIFIERS_MAX}`)
  return {
    number: fields.integer('number', 1, MESSAGE_NUMBER_MAX),
    message,
    receiver: {
      qos: fields.integer('deliverQos', 0, message.qos) as QoS,
      retain: fields.flag('deliverRetain'),
      subscriptionIdentifiers,
      sharedFilter: fields.has('sharedFilter') ? fields.mqttText('sharedFilter') : undefined,
    },
  }
}

function readMessage(fields: Fields): Message {
  const name = fields.mqttText('topic')
  const topic = topics.of(name)
  if (isFault(topic)) throw fields.bad('topic', `is none: ${topic.detail}`)
  const payload = fields.bytes('payload')
  return new Message({
    topic,
    qos: fields.integer('qos', 0, 2) as QoS,
    retain: fields.flag('retain'),
    bytes: payload,
    payloadStart: 0,
    payloadEnd: payload.length,
    properties: fields.has('properties') ? readProperties(fields) : undefined,
    expiresAt: fields.optionalTime('expiresAt') ?? Number.POSITIVE_INFINITY,
    publisher: fields.mqttText('publisher'),
    receivedAt: fields.time('receivedAt'),
  })
}

/** They are sent to clients as they stand, so they must be what a client could have sent. */
function readProperties(fields: Fields): Buffer | undefined {
  const properties = fields.bytes('properties')
  if (properties.length === 0) return undefined
  if (properties.length > PROPERTIES_BYTES_MAX) throw fields.bad('properties', 'is too long')
  const start = variableByteIntegerLength(properties.length)
  const block = Buffer.alloc(start + properties.length)
  writeVariableByteInteger(block, 0, properties.length)
  properties.copy(block, start)
  const read = readPublishProperties(block, 0, block.length, anyUserProperties)
  if (isFault(read)) throw fields.bad('properties', `cannot be sent: ${read.detail}`)
  if (!read.forwardsAsIs) throw fields.bad('properties', 'holds a topic alias or an expiry')
  return properties
}
