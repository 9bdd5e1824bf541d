// The records of a store on disk: how a message and its receivers are written, and how damage is found.
//
// Version 1 of a body:      version 1 | flags 1 | receivedAt 8 | expiresAt 8 | publisher 2+n | topic 2+n
//                           | properties 4+n | payload | CRC-32 4
// Version 1 of receivers:   version 1 | receiver... | CRC-32 4
//   one receiver:           queue number 6 | flags 1 | [count 1, identifier 4 ...] | [shared filter 2+n]

import { crc32 } from 'node:zlib'
import { isFault } from '../protocol/fault.ts'
import { Message } from '../protocol/message.ts'
import type { QoS } from '../protocol/packet.ts'
import { TopicTable } from '../protocol/topic.ts'

export const RECORD_VERSION = 1

/** One receiver of a message, as its queue is numbered in the store. */
export interface StoredReceiver {
  readonly queueNumber: number
  readonly qos: QoS
  readonly retain: boolean
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly sharedFilter: string | undefined
}

/** What a damaged or foreign record is reported as; nothing in it is trusted. */
export class DamagedRecord extends Error {}

/** Runs `read`; says why the record cannot be read, or nothing when it can. */
export function damageOf(read: () => void): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    // A length inside points beyond the record.
    if (error instanceof RangeError) return 'its lengths contradict each other'
    if (error instanceof DamagedRecord) return error.message
    throw error
  }
}

const unlimitedTopics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 65_535 })

const RETAIN = 4
const HAS_IDENTIFIERS = 8
const IS_SHARED = 16

/** Bytes of a body before its publisher, of the lengths after it, and of the checksum. */
const BODY_HEAD_BYTES = 18
const BODY_LENGTHS_BYTES = 2 + 2 + 4
const CHECKSUM_BYTES = 4

export function bodyLength(message: Message): number {
  const own = BODY_HEAD_BYTES + BODY_LENGTHS_BYTES + CHECKSUM_BYTES
  return own + Buffer.byteLength(message.publisher) + message.size
}

/** Writes the body at `start`, where there are `bodyLength` bytes of room; returns where it ends. */
export function writeBody(bytes: Buffer, start: number, message: Message): number {
  const topic = message.topic.bytes
  bytes[start] = RECORD_VERSION
  bytes[start + 1] = message.qos | (message.retain ? RETAIN : 0)
  bytes.writeDoubleLE(message.receivedAt, start + 2)
  bytes.writeDoubleLE(message.expiresAt, start + 10)
  let at = start + BODY_HEAD_BYTES + 2
  at += bytes.write(message.publisher, at)
  bytes.writeUInt16LE(at - start - BODY_HEAD_BYTES - 2, start + BODY_HEAD_BYTES)
  at = bytes.writeUInt16LE(topic.length, at)
  at += topic.copy(bytes, at)
  at = bytes.writeUInt32LE(message.properties?.length ?? 0, at)
  if (message.properties !== undefined) at += message.properties.copy(bytes, at)
  at += message.bytes.copy(bytes, at, message.payloadStart, message.payloadEnd)
  return bytes.writeUInt32LE(crc32(bytes.subarray(start, at)), at)
}

export function encodeBody(message: Message): Buffer {
  const bytes = Buffer.allocUnsafe(bodyLength(message))
  writeBody(bytes, 0, message)
  return bytes
}

/** Throws DamagedRecord; the payload is a view of `bytes`. */
export function decodeBody(bytes: Buffer, topics: TopicTable): Message {
  const end = checked(bytes)
  const publisherEnd = 20 + bytes.readUInt16LE(18)
  const topicStart = publisherEnd + 2
  const topicEnd = topicStart + bytes.readUInt16LE(publisherEnd)
  const propertiesEnd = topicEnd + 4 + bytes.readUInt32LE(topicEnd)
  if (propertiesEnd > end) throw new DamagedRecord('its lengths contradict each other')
  let topic = topics.find(bytes, topicStart, topicEnd)
  // The limits may have been lowered since it was written, which must not take it from whoever waits for it.
  if (isFault(topic)) topic = unlimitedTopics.find(bytes, topicStart, topicEnd)
  if (isFault(topic)) throw new DamagedRecord(topic.detail)
  return new Message({
    topic,
    qos: (bytes[1]! & 3) as QoS,
    retain: (bytes[1]! & RETAIN) !== 0,
    bytes,
    payloadStart: propertiesEnd,
    payloadEnd: end,
    properties: propertiesEnd === topicEnd + 4 ? undefined : bytes.subarray(topicEnd + 4, propertiesEnd),
    expiresAt: bytes.readDoubleLE(10),
    publisher: bytes.toString('utf8', 20, publisherEnd),
    receivedAt: bytes.readDoubleLE(2),
  })
}

const RECEIVER_BYTES = 7

export function receiversLength(receivers: readonly StoredReceiver[]): number {
  let length = 1 + receivers.length * RECEIVER_BYTES + CHECKSUM_BYTES
  for (const { subscriptionIdentifiers, sharedFilter } of receivers) {
    if (subscriptionIdentifiers !== undefined) length += 1 + 4 * subscriptionIdentifiers.length
    if (sharedFilter !== undefined) length += 2 + Buffer.byteLength(sharedFilter)
  }
  return length
}

/** Writes the list at `start`, where there are `receiversLength` bytes of room; returns where it ends. */
export function writeReceivers(bytes: Buffer, start: number, receivers: readonly StoredReceiver[]): number {
  bytes[start] = RECORD_VERSION
  let at = start + 1
  for (const receiver of receivers) at = writeReceiver(bytes, at, receiver)
  return bytes.writeUInt32LE(crc32(bytes.subarray(start, at)), at)
}

function writeReceiver(bytes: Buffer, start: number, receiver: StoredReceiver): number {
  const { subscriptionIdentifiers: identifiers, sharedFilter } = receiver
  let at = bytes.writeUIntLE(receiver.queueNumber, start, 6)
  bytes[at++] =
    receiver.qos |
    (receiver.retain ? RETAIN : 0) |
    (identifiers === undefined ? 0 : HAS_IDENTIFIERS) |
    (sharedFilter === undefined ? 0 : IS_SHARED)
  if (identifiers !== undefined) {
    bytes[at++] = identifiers.length
    for (const identifier of identifiers) at = bytes.writeUInt32LE(identifier, at)
  }
  if (sharedFilter !== undefined) {
    const written = bytes.write(sharedFilter, at + 2)
    bytes.writeUInt16LE(written, at)
    at += 2 + written
  }
  return at
}

export function encodeReceivers(receivers: readonly StoredReceiver[]): Buffer {
  const bytes = Buffer.allocUnsafe(receiversLength(receivers))
  writeReceivers(bytes, 0, receivers)
  return bytes
}

/** Throws DamagedRecord. */
export function decodeReceivers(bytes: Buffer): StoredReceiver[] {
  const end = checked(bytes)
  const receivers: StoredReceiver[] = []
  for (let at = 1; at < end; ) {
    const queueNumber = bytes.readUIntLE(at, 6)
    const flags = bytes[at + 6]!
    at += 7
    let subscriptionIdentifiers: number[] | undefined
    if ((flags & HAS_IDENTIFIERS) !== 0) {
      subscriptionIdentifiers = []
      for (let left = bytes[at++]!; left > 0; left--, at += 4)
        subscriptionIdentifiers.push(bytes.readUInt32LE(at))
    }
    let sharedFilter: string | undefined
    if ((flags & IS_SHARED) !== 0) {
      const filterEnd = at + 2 + bytes.readUInt16LE(at)
      sharedFilter = bytes.toString('utf8', at + 2, filterEnd)
      at = filterEnd
    }
    const retain = (flags & RETAIN) !== 0
    receivers.push({ queueNumber, qos: (flags & 3) as QoS, retain, subscriptionIdentifiers, sharedFilter })
  }
  return receivers
}

/** Where the content ends; the sum at the end must be that of what stands before it. */
function checked(bytes: Buffer): number {
  const end = bytes.length - 4
  if (end < 1 || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
    throw new DamagedRecord('the checksum does not match')
  }
  if (bytes[0] !== RECORD_VERSION) throw new DamagedRecord(`record version ${bytes[0]} is not known`)
  return end
}
