// Reads the property block of a client's PUBLISH and keeps, as they stand, the properties to be forwarded.

import { isUtf8 } from 'node:buffer'
import { type Fault, fault, isFault } from './fault.ts'

const WILDCARD_PLUS = 0x2b
const WILDCARD_HASH = 0x23

export interface PublishProperties {
  /** Where the block ends and the payload begins. */
  readonly end: number
  readonly topicAlias: number | undefined
  readonly expirySeconds: number | undefined
  readonly payloadIsText: boolean
  /** All but alias and expiry, in their order [MQTT5-3.3.2-4, -15, -16, -17, -18, -20]; undefined when none. */
  readonly forward: Buffer | undefined
  /** True when the packet holds nothing that must change on its way to a subscriber. */
  readonly forwardsAsIs: boolean
}

export const NO_PROPERTIES: PublishProperties = {
  end: 0,
  topicAlias: undefined,
  expirySeconds: undefined,
  payloadIsText: false,
  forward: undefined,
  forwardsAsIs: true,
}

export interface PropertyLimits {
  readonly userPropertiesMax: number
  readonly userPropertyBytesMax: number
}

interface Found {
  alias: number | undefined
  expiry: number | undefined
  payloadFormat: number | undefined
  seen: number
  userProperties: number
  userPropertyBytes: number
}

const ends = fault('malformed-packet', 'a PUBLISH property ends beyond the property block')

/** Reads the block at `at`; `end` is the packet's end. */
export function readPublishProperties(
  bytes: Buffer,
  at: number,
  end: number,
  limits: PropertyLimits,
): PublishProperties | Fault {
  const block = blockBounds(bytes, at, end)
  if (isFault(block)) return block
  const found: Found = {
    alias: undefined,
    expiry: undefined,
    payloadFormat: undefined,
    seen: 0,
    userProperties: 0,
    userPropertyBytes: 0,
  }
  const kept: Buffer[] = []
  for (let next = block.start; next < block.end; ) {
    const identifier = bytes[next]!
    const after = readProperty(identifier, bytes, next + 1, block.end, found)
    if (typeof after !== 'number') return after
    if (identifier !== 0x02 && identifier !== 0x23) kept.push(bytes.subarray(next, after))
    next = after
  }
  if (found.userProperties > limits.userPropertiesMax) {
    return fault('quota-exceeded', `more than ${limits.userPropertiesMax} user properties`)
  }
  if (found.userPropertyBytes > limits.userPropertyBytesMax) {
    return fault('quota-exceeded', `user properties of more than ${limits.userPropertyBytesMax} bytes`)
  }
  return {
    end: block.end,
    topicAlias: found.alias,
    expirySeconds: found.expiry,
    payloadIsText: found.payloadFormat === 1,
    forward: kept.length === 0 ? undefined : Buffer.concat(kept),
    forwardsAsIs: found.alias === undefined && found.expiry === undefined,
  }
}

function blockBounds(bytes: Buffer, at: number, end: number): { start: number; end: number } | Fault {
  let length = 0
  let index = at
  for (let shift = 0; ; shift += 7) {
    if (index >= end || shift > 21)
      return fault('malformed-packet', 'the property length of PUBLISH is malformed')
    const byte = bytes[index++]!
    length |= (byte & 0x7f) << shift
    if (byte >= 0x80) continue
    if (byte === 0 && shift > 0) return fault('malformed-packet', 'the property length of PUBLISH is padded')
    break
  }
  if (index + length > end)
    return fault('malformed-packet', 'the properties of PUBLISH end beyond the packet')
  return { start: index, end: index + length }
}

/** Reads one property's value at `at`; returns where the next one begins. */
function readProperty(
  identifier: number,
  bytes: Buffer,
  at: number,
  end: number,
  found: Found,
): number | Fault {
  if (identifier !== 0x26) {
    const bit = 1 << (identifier & 31)
    if (identifier < 32 ? (found.seen & bit) !== 0 : identifier === 0x23 && found.alias !== undefined) {
      return fault('protocol-error', `PUBLISH has property 0x${identifier.toString(16)} twice`)
    }
    if (identifier < 32) found.seen |= bit
  }
  switch (identifier) {
    case 0x01:
      if (at + 1 > end) return ends
      found.payloadFormat = bytes[at]!
      return found.payloadFormat > 1
        ? fault('protocol-error', 'the payload format indicator is not 0 or 1')
        : at + 1
    case 0x02:
      if (at + 4 > end) return ends
      found.expiry = bytes.readUInt32BE(at)
      return at + 4
    case 0x03:
      return readText(bytes, at, end, 'content type')
    case 0x08:
      return readResponseTopic(bytes, at, end)
    case 0x09:
      return readBinary(bytes, at, end)
    case 0x23:
      if (at + 2 > end) return ends
      found.alias = bytes.readUInt16BE(at)
      return found.alias === 0 ? fault('topic-alias-invalid', 'the topic alias is 0') : at + 2
    case 0x26:
      return readUserProperty(bytes, at, end, found)
    case 0x0b:
      return fault('protocol-error', 'a client may not send a subscription identifier in PUBLISH')
    default:
      return fault('malformed-packet', `PUBLISH has no property 0x${identifier.toString(16)}`)
  }
}

function readBinary(bytes: Buffer, at: number, end: number): number | Fault {
  if (at + 2 > end) return ends
  const after = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!)
  return after > end ? ends : after
}

function readText(bytes: Buffer, at: number, end: number, name: string): number | Fault {
  const after = readBinary(bytes, at, end)
  if (typeof after !== 'number') return after
  const text = bytes.subarray(at + 2, after)
  if (!isUtf8(text)) return fault('malformed-packet', `the ${name} is not well-formed UTF-8`)
  if (text.includes(0)) return fault('malformed-packet', `the ${name} contains U+0000`)
  return after
}

function readResponseTopic(bytes: Buffer, at: number, end: number): number | Fault {
  const after = readText(bytes, at, end, 'response topic')
  if (typeof after !== 'number') return after
  const text = bytes.subarray(at + 2, after)
  if (text.includes(WILDCARD_PLUS) || text.includes(WILDCARD_HASH)) {
    return fault('protocol-error', 'the response topic contains a wildcard')
  }
  return text.length === 0 ? fault('topic-name-invalid', 'the response topic is empty') : after
}

function readUserProperty(bytes: Buffer, at: number, end: number, found: Found): number | Fault {
  const value = readText(bytes, at, end, 'user property name')
  if (typeof value !== 'number') return value
  const after = readText(bytes, value, end, 'user property value')
  if (typeof after !== 'number') return after
  found.userProperties++
  found.userPropertyBytes += after - at
  return after
}
