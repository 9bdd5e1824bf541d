// Encodes PUBLISH: once for all receivers, or for one receiver with its own alias and subscription identifiers.

import type { Millis } from '../clock.ts'
import type { Form, Frame, MessageContent } from './message.ts'
import type { PacketId, QoS } from './packet.ts'

const MESSAGE_EXPIRY_INTERVAL = 0x02
const SUBSCRIPTION_IDENTIFIER = 0x0b
const TOPIC_ALIAS = 0x23

/** First byte of a PUBLISH: type 3, DUP, QoS, RETAIN [MQTT5-3.3.1]. */
export function publishFirstByte(qos: QoS, retain: boolean, dup: boolean): number {
  return 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
}

/** Bytes of a variable byte integer [MQTT5-1.5.5]. */
export function variableByteIntegerLength(value: number): number {
  if (value < 128) return 1
  if (value < 16_384) return 2
  return value < 2_097_152 ? 3 : 4
}

export function writeVariableByteInteger(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  let index = at
  while (rest >= 128) {
    bytes[index++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[index++] = rest
  return index
}

function writeUint16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 8
  bytes[at + 1] = value & 0xff
  return at + 2
}

/** Seconds that remain, at least one for a message that has not expired; big-endian [MQTT5-3.3.2-6]. */
export function writeMessageExpiry(bytes: Uint8Array, at: number, expiresAt: Millis, now: Millis): void {
  const seconds = Math.min(0xffffffff, Math.max(1, Math.ceil((expiresAt - now) / 1000)))
  bytes[at] = seconds >>> 24
  bytes[at + 1] = (seconds >>> 16) & 0xff
  bytes[at + 2] = (seconds >>> 8) & 0xff
  bytes[at + 3] = seconds & 0xff
}

/** The message as a PUBLISH with packet id and message expiry left open for the sender to patch. */
export function encodePublish(message: MessageContent, form: Form): Frame {
  const identified = (form & 1) === 1
  const topic = message.topic.bytes
  const payloadBytes = message.payloadEnd - message.payloadStart
  const expires = form >= 2 && message.expiresAt !== Number.POSITIVE_INFINITY
  const propertyBytes = form >= 2 ? (message.properties?.length ?? 0) + (expires ? 5 : 0) : 0
  const propertyHead = form >= 2 ? variableByteIntegerLength(propertyBytes) : 0
  const remaining = 2 + topic.length + (identified ? 2 : 0) + propertyHead + propertyBytes + payloadBytes
  const bytes = Buffer.allocUnsafe(1 + variableByteIntegerLength(remaining) + remaining)
  bytes[0] = publishFirstByte(identified ? 1 : 0, false, false)
  let at = writeVariableByteInteger(bytes, 1, remaining)
  at = writeUint16(bytes, at, topic.length)
  at += topic.copy(bytes, at)
  const packetIdAt = identified ? at : -1
  if (identified) at = writeUint16(bytes, at, 0)
  let expiryAt = -1
  if (form >= 2) {
    at = writeVariableByteInteger(bytes, at, propertyBytes)
    if (expires) {
      bytes[at++] = MESSAGE_EXPIRY_INTERVAL
      expiryAt = at
      at += 4
    }
    if (message.properties !== undefined) at += message.properties.copy(bytes, at)
  }
  message.bytes.copy(bytes, at, message.payloadStart, message.payloadEnd)
  return { bytes, frameStart: 0, frameEnd: bytes.length, packetIdAt, expiryAt }
}

export interface PersonalPublish {
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  readonly packetId: PacketId | 0
  /** Of every subscription that matched, where it has one [MQTT5-3.3.4-3, MQTT5-3.3.4-4]. */
  readonly subscriptionIdentifiers: readonly number[] | undefined
  /** Number of the alias; 'known' leaves the topic name out, 'new' sends both [MQTT5-3.3.2-7]. */
  readonly topicAlias: { readonly number: number; readonly is: 'new' | 'known' } | undefined
}

/** A 5.0 PUBLISH that nobody else gets in this form. */
export function encodePersonalPublish(message: MessageContent, form: PersonalPublish, now: Millis): Buffer {
  const properties = personalProperties(message, form, now)
  const topic = form.topicAlias?.is === 'known' ? Buffer.alloc(0) : message.topic.bytes
  const identified = form.qos > 0
  const payloadBytes = message.payloadEnd - message.payloadStart
  const propertyHead = variableByteIntegerLength(properties.length)
  const remaining = 2 + topic.length + (identified ? 2 : 0) + propertyHead + properties.length + payloadBytes
  const bytes = Buffer.allocUnsafe(1 + variableByteIntegerLength(remaining) + remaining)
  bytes[0] = publishFirstByte(form.qos, form.retain, form.dup)
  let at = writeVariableByteInteger(bytes, 1, remaining)
  at = writeUint16(bytes, at, topic.length)
  at += topic.copy(bytes, at)
  if (identified) at = writeUint16(bytes, at, form.packetId)
  at = writeVariableByteInteger(bytes, at, properties.length)
  at += properties.copy(bytes, at)
  message.bytes.copy(bytes, at, message.payloadStart, message.payloadEnd)
  return bytes
}

function personalProperties(message: MessageContent, form: PersonalPublish, now: Millis): Buffer {
  const identifiers = form.subscriptionIdentifiers ?? []
  const head = Buffer.allocUnsafe(5 + 3 + identifiers.length * 5)
  let at = 0
  if (message.expiresAt !== Number.POSITIVE_INFINITY) {
    head[at++] = MESSAGE_EXPIRY_INTERVAL
    writeMessageExpiry(head, at, message.expiresAt, now)
    at += 4
  }
  if (form.topicAlias !== undefined) {
    head[at++] = TOPIC_ALIAS
    at = writeUint16(head, at, form.topicAlias.number)
  }
  for (const identifier of identifiers) {
    head[at++] = SUBSCRIPTION_IDENTIFIER
    at = writeVariableByteInteger(head, at, identifier)
  }
  const written = head.subarray(0, at)
  return message.properties === undefined ? written : Buffer.concat([written, message.properties])
}
