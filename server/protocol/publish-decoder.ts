// Decodes PUBLISH in place: no copy of the payload, no new string for a topic that is known.

import { isUtf8 } from 'node:buffer'
import type { Millis } from '../clock.ts'
import { type Fault, fault, isFault } from './fault.ts'
import { formOf, Message } from './message.ts'
import type { PacketId, ProtocolVersion, QoS } from './packet.ts'
import { NO_PROPERTIES, type PublishProperties, readPublishProperties } from './publish-properties.ts'
import type { Topic, TopicTable } from './topic.ts'

export interface PublishContext {
  readonly protocolVersion: ProtocolVersion
  readonly topics: TopicTable
  /** Topic of an alias that this client has set, or why it has none; sets it when `topic` is given [MQTT5-3.3.2-12]. */
  resolveAlias(alias: number, topic: Topic | undefined): Topic | Fault
  readonly clientId: string
  readonly userPropertiesMax: number
  readonly userPropertyBytesMax: number
  /** For messages that name no expiry themselves; undefined: they do not expire. */
  readonly messageExpiryDefaultSeconds: number | undefined
}

/** What stands beside the message in the packet; reused for every packet, valid until the next call. */
export interface DecodedPublish {
  message: Message
  packetId: PacketId | 0
  dup: boolean
}

/** To begin with; `message` is never read before the first decode. */
export const NOTHING_DECODED: DecodedPublish = { message: undefined as never, packetId: 0, dup: false }

/**
 * Reads a PUBLISH whose variable header and payload are `bytes[start, end)` into `into`.
 * Returns undefined, or the fault that ends the connection [MQTT5-3.3, MQTT3-3.3].
 */
export function decodePublish(
  firstByte: number,
  bytes: Buffer,
  frameStart: number,
  start: number,
  end: number,
  context: PublishContext,
  now: Millis,
  into: DecodedPublish,
): Fault | undefined {
  const head = readHead(firstByte, bytes, start, end)
  if (isFault(head)) return head
  const { qos, topicEnd, packetIdAt } = head
  let at = qos > 0 ? topicEnd + 2 : topicEnd
  let properties = NO_PROPERTIES
  if (context.protocolVersion === 5) {
    if (at < end && bytes[at] === 0) at++
    else {
      const read = readPublishProperties(bytes, at, end, context)
      if (isFault(read)) return read
      properties = read
      at = read.end
    }
  }
  const topic = topicOf(bytes, start + 2, topicEnd, properties, context)
  if (isFault(topic)) return topic
  if (properties.payloadIsText && !isUtf8(bytes.subarray(at, end))) {
    return fault('payload-format-invalid', 'the payload is not the UTF-8 that its format indicator promises')
  }
  const expirySeconds = properties.expirySeconds ?? context.messageExpiryDefaultSeconds
  const message = new Message({
    topic,
    qos,
    retain: (firstByte & 1) !== 0,
    bytes,
    payloadStart: at,
    payloadEnd: end,
    properties: properties.forward,
    expiresAt: expirySeconds === undefined ? Number.POSITIVE_INFINITY : now + expirySeconds * 1000,
    publisher: context.clientId,
    receivedAt: now,
  })
  if (properties.forwardsAsIs && (expirySeconds === undefined || context.protocolVersion < 5)) {
    message.arrivedAs(formOf(context.protocolVersion, qos), frameStart, end, packetIdAt)
  }
  into.message = message
  into.packetId = (packetIdAt < 0 ? 0 : (bytes[packetIdAt]! << 8) | bytes[packetIdAt + 1]!) as PacketId | 0
  into.dup = (firstByte & 8) !== 0
  return undefined
}

interface Head {
  readonly qos: QoS
  readonly topicEnd: number
  /** -1 at QoS 0. */
  readonly packetIdAt: number
}

/** Flags and variable header up to the properties [MQTT5-3.3.1-2, MQTT5-3.3.1-4, MQTT5-2.2.1-2]. */
function readHead(firstByte: number, bytes: Buffer, start: number, end: number): Head | Fault {
  const qos = ((firstByte >> 1) & 3) as QoS | 3
  if (qos === 3) return fault('malformed-packet', 'PUBLISH has QoS 3')
  if (qos === 0 && (firstByte & 8) !== 0) return fault('malformed-packet', 'PUBLISH has DUP set at QoS 0')
  if (end - start < 2) return fault('malformed-packet', 'PUBLISH ends inside the topic name')
  const topicEnd = start + 2 + ((bytes[start]! << 8) | bytes[start + 1]!)
  if (topicEnd + (qos > 0 ? 2 : 0) > end) {
    return fault('malformed-packet', 'PUBLISH ends inside the variable header')
  }
  if (qos === 0) return { qos, topicEnd, packetIdAt: -1 }
  if (bytes[topicEnd] === 0 && bytes[topicEnd + 1] === 0) {
    return fault('protocol-error', 'PUBLISH has packet identifier 0')
  }
  return { qos, topicEnd, packetIdAt: topicEnd }
}

function topicOf(
  bytes: Buffer,
  start: number,
  end: number,
  properties: PublishProperties,
  context: PublishContext,
): Topic | Fault {
  if (properties.topicAlias === undefined) {
    if (start === end) return fault('protocol-error', 'PUBLISH has neither topic name nor topic alias')
    return context.topics.find(bytes, start, end)
  }
  if (start === end) return context.resolveAlias(properties.topicAlias, undefined)
  const topic = context.topics.find(bytes, start, end)
  return isFault(topic) ? topic : context.resolveAlias(properties.topicAlias, topic)
}
