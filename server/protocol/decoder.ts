// Decodes what a connected client sends, PUBLISH aside: strictly, within the frame, as a packet or a Fault.

import { reasonCodes } from '../../shared/reason-codes.ts'
import { type Fault, fault } from './fault.ts'
import type {
  Acknowledgement,
  Auth,
  ClientPacket,
  Connect,
  Disconnect,
  PacketId,
  ProtocolVersion,
  QoS,
  RetainHandling,
  Subscribe,
  SubscriptionRequest,
  Unsubscribe,
} from './packet.ts'
import { packetTypes } from './packet.ts'
import { readProperties, type UserPropertyLimits } from './properties.ts'
import { Reader } from './reader.ts'
import type { TopicLimits } from './topic.ts'

/** One whole packet: `bytes[start, end)` is what follows the fixed header. */
export interface Frame {
  readonly firstByte: number
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

export interface DecodeLimits extends TopicLimits {
  readonly clientIdBytesMax: number
  readonly userProperties: UserPropertyLimits
}

/** What `decode` gives: a second CONNECT is a Protocol Error, so the first has a decoder of its own. */
export type ConnectedPacket = Exclude<ClientPacket, Connect>

/** DUP of MQTT 3.1, where PUBREL, SUBSCRIBE and UNSUBSCRIBE may be marked as sent again. */
const DUP = 0x08

const acknowledgementCodes = {
  puback: codes([
    'success',
    'no-matching-subscribers',
    'unspecified-error',
    'implementation-specific-error',
    'not-authorized',
    'topic-name-invalid',
    'packet-identifier-in-use',
    'quota-exceeded',
    'payload-format-invalid',
  ]),
  pubrel: codes(['success', 'packet-identifier-not-found']),
}

/** The ones that table 3-13 has sent by a client. */
const disconnectCodes = codes([
  'success',
  'disconnect-with-will',
  'unspecified-error',
  'malformed-packet',
  'protocol-error',
  'implementation-specific-error',
  'topic-name-invalid',
  'receive-maximum-exceeded',
  'topic-alias-invalid',
  'packet-too-large',
  'message-rate-too-high',
  'quota-exceeded',
  'administrative-action',
  'payload-format-invalid',
])

/** The ones that table 3-15 has sent by a client. */
const authCodes = codes(['continue-authentication', 're-authenticate'])

function codes(names: readonly (keyof typeof reasonCodes)[]): ReadonlySet<number> {
  return new Set(names.map(name => reasonCodes[name]))
}

/**
 * Decodes one packet of a client whose CONNECT has been read. Faults: 'malformed-packet' for what cannot be
 * parsed, reserved bits included [MQTT5-2.1.3-1]; 'protocol-error' for what a client must not send, such as
 * a second CONNECT [MQTT5-3.1.0-2] or a packet of the server's; 'quota-exceeded' for user properties beyond
 * the limits. Topic filters are well-formed UTF-8 and else not judged (see rules.ts), so that a bad one can
 * be refused alone in the SUBACK. PUBLISH has its own decoder and must not be given to this one.
 */
export function decode(
  frame: Frame,
  protocolVersion: ProtocolVersion,
  limits: DecodeLimits,
): ConnectedPacket | Fault {
  const reader = new Reader(frame.bytes, frame.start, frame.end)
  const packet = readPacket(frame.firstByte, reader, protocolVersion, limits)
  if ('fault' in packet) return packet
  if (reader.remaining > 0) {
    return fault('malformed-packet', `bytes follow the end of ${packet.type.toUpperCase()}`)
  }
  return reader.problem ?? packet
}

function readPacket(
  firstByte: number,
  reader: Reader,
  version: ProtocolVersion,
  limits: DecodeLimits,
): ConnectedPacket | Fault {
  const type = firstByte >> 4
  const refused = typeFault(type, version) ?? flagsFault(type, firstByte & 0x0f, version)
  if (refused !== undefined) return refused
  switch (type) {
    case packetTypes.puback:
      return readAcknowledgement('puback', reader, version, limits)
    case packetTypes.pubrec:
      return readAcknowledgement('pubrec', reader, version, limits)
    case packetTypes.pubrel:
      return readAcknowledgement('pubrel', reader, version, limits)
    case packetTypes.pubcomp:
      return readAcknowledgement('pubcomp', reader, version, limits)
    case packetTypes.subscribe:
      return readSubscribe(reader, version, limits)
    case packetTypes.unsubscribe:
      return readUnsubscribe(reader, version, limits)
    case packetTypes.pingreq:
      return { type: 'pingreq' }
    case packetTypes.disconnect:
      return readDisconnect(reader, version, limits)
    case packetTypes.auth:
      return readAuth(reader, limits)
    default:
      throw new Error('PUBLISH was given to the decoder of the other packets')
  }
}

function typeFault(type: number, version: ProtocolVersion): Fault | undefined {
  switch (type) {
    case 0:
      return fault('malformed-packet', 'the packet type 0 is reserved')
    case packetTypes.connect:
      return fault('protocol-error', 'a second CONNECT')
    case packetTypes.connack:
    case packetTypes.suback:
    case packetTypes.unsuback:
    case packetTypes.pingresp:
      return fault('protocol-error', `a client must not send packets of type ${type}`)
    case packetTypes.auth:
      return version === 5 ? undefined : fault('malformed-packet', 'the packet type 15 is reserved')
    default:
      return undefined
  }
}

function flagsFault(type: number, flags: number, version: ProtocolVersion): Fault | undefined {
  const atLeastOnce =
    type === packetTypes.pubrel || type === packetTypes.subscribe || type === packetTypes.unsubscribe
  const expected = atLeastOnce ? 0x02 : 0
  if (type === packetTypes.publish || flags === expected) return undefined
  if (atLeastOnce && version === 3 && flags === (expected | DUP)) return undefined
  return fault('malformed-packet', `the reserved flags of the first byte are ${flags} instead of ${expected}`)
}

function readPacketId(reader: Reader): PacketId {
  const packetId = reader.uint16('the packet identifier')
  if (packetId === 0) reader.fail('protocol-error', 'the packet identifier is 0')
  return packetId as PacketId
}

function readReasonCode(reader: Reader, allowed: ReadonlySet<number>): number {
  const code = reader.byte('the reason code')
  if (!allowed.has(code)) {
    reader.fail('protocol-error', `the reason code ${code} is not one that a client may send here`)
  }
  return code
}

/** In 5.0 the reason code may be left out when it is 0, and the property length when there are none. */
function readAcknowledgement(
  type: Acknowledgement['type'],
  reader: Reader,
  version: ProtocolVersion,
  limits: DecodeLimits,
): Acknowledgement {
  const packetId = readPacketId(reader)
  if (version < 5 || reader.remaining === 0) return { type, packetId, code: 0, properties: {} }
  const ofPublish = type === 'puback' || type === 'pubrec'
  const code = readReasonCode(reader, ofPublish ? acknowledgementCodes.puback : acknowledgementCodes.pubrel)
  const properties = reader.remaining === 0 ? {} : readProperties(reader, type, limits.userProperties)
  return { type, packetId, code, properties }
}

function readSubscribe(reader: Reader, version: ProtocolVersion, limits: DecodeLimits): Subscribe {
  const packetId = readPacketId(reader)
  const properties = version < 5 ? {} : readProperties(reader, 'subscribe', limits.userProperties)
  const subscriptions: SubscriptionRequest[] = []
  if (reader.remaining === 0) reader.fail('protocol-error', 'SUBSCRIBE has no topic filter')
  while (reader.remaining > 0) subscriptions.push(readSubscription(reader, version))
  return {
    type: 'subscribe',
    packetId,
    subscriptions,
    subscriptionIdentifier: properties.subscriptionIdentifier,
    userProperties: properties.userProperties,
  }
}

function readSubscription(reader: Reader, version: ProtocolVersion): SubscriptionRequest {
  const topicFilter = reader.utf8('the topic filter')
  const options = reader.byte('the subscription options')
  const reserved = version < 5 ? 0xfc : 0xc0
  if ((options & reserved) !== 0) {
    reader.fail('malformed-packet', 'the reserved bits of the subscription options are set')
  }
  const qos = options & 0x03
  if (qos === 3) {
    // 3.1.1 calls it malformed, 5.0 a Protocol Error.
    reader.fail(version < 5 ? 'malformed-packet' : 'protocol-error', 'the requested QoS is 3')
  }
  const retainHandling = (options >> 4) & 0x03
  if (retainHandling === 3) reader.fail('protocol-error', 'the retain handling is 3')
  const noLocal = (options & 0x04) !== 0
  if (noLocal && topicFilter.startsWith('$share/')) {
    reader.fail('protocol-error', 'No Local is set on a shared subscription')
  }
  return {
    topicFilter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & 0x08) !== 0,
    retainHandling: retainHandling as RetainHandling,
  }
}

function readUnsubscribe(reader: Reader, version: ProtocolVersion, limits: DecodeLimits): Unsubscribe {
  const packetId = readPacketId(reader)
  const properties = version < 5 ? {} : readProperties(reader, 'unsubscribe', limits.userProperties)
  const topicFilters: string[] = []
  if (reader.remaining === 0) reader.fail('protocol-error', 'UNSUBSCRIBE has no topic filter')
  while (reader.remaining > 0) topicFilters.push(reader.utf8('the topic filter'))
  return { type: 'unsubscribe', packetId, topicFilters, userProperties: properties.userProperties }
}

/** In 5.0 nothing, or the reason code alone, is the short form. */
function readDisconnect(reader: Reader, version: ProtocolVersion, limits: DecodeLimits): Disconnect {
  if (version < 5 || reader.remaining === 0) return { type: 'disconnect', code: 0, properties: {} }
  const code = readReasonCode(reader, disconnectCodes)
  const properties = reader.remaining === 0 ? {} : readProperties(reader, 'disconnect', limits.userProperties)
  return { type: 'disconnect', code, properties }
}

/** The empty short form means Success, which only the server sends. */
function readAuth(reader: Reader, limits: DecodeLimits): Auth {
  if (reader.remaining === 0) reader.fail('protocol-error', 'AUTH with Success is for the server to send')
  const code = readReasonCode(reader, authCodes)
  const properties = readProperties(reader, 'auth', limits.userProperties)
  if (properties.authenticationMethod === undefined) {
    reader.fail('protocol-error', 'AUTH has no authentication method')
  }
  return { type: 'auth', code, properties }
}
