// Decodes CONNECT, which says itself which protocol version it is written in.

import { isUtf8 } from 'node:buffer'
import type { DecodeLimits, Frame } from './decoder.ts'
import { type Fault, fault } from './fault.ts'
import type { Connect, ConnectProperties, ProtocolVersion, QoS, Will } from './packet.ts'
import { packetTypes } from './packet.ts'
import { readProperties } from './properties.ts'
import { Reader } from './reader.ts'
import { topicNameProblem } from './rules.ts'
import { hasControlCharacter } from './utf8.ts'

const flag = { cleanStart: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, username: 0x80 } as const
const RESERVED = 0x01

/** Protocol name and level of each version; a level with a bridge's 0x80 on top is none of them. */
const versions: readonly { name: string; level: ProtocolVersion }[] = [
  { name: 'MQIsdp', level: 3 },
  { name: 'MQTT', level: 4 },
  { name: 'MQTT', level: 5 },
]

/**
 * Decodes the first packet of a connection. Faults: 'protocol-error' when it is no CONNECT [MQTT5-3.1.0-1];
 * 'unsupported-protocol-version' when the protocol name is known and its level is not [MQTT5-3.1.2-2];
 * 'client-identifier-not-valid' for one that is too long or has control characters; 'bad-user-name-or-password'
 * for control characters in the user name; 'topic-name-invalid' and 'payload-format-invalid' of the will;
 * 'quota-exceeded' for user properties beyond the limits; else 'malformed-packet' or 'protocol-error'.
 * An empty client identifier is decoded in every version: the caller refuses it in 3.1, and in 3.1.1 without
 * Clean Session [MQTT3-3.1.3-8], with 'client-identifier-not-valid'.
 */
export function decodeConnect(frame: Frame, limits: DecodeLimits): Connect | Fault {
  if (frame.firstByte >> 4 !== packetTypes.connect) {
    return fault('protocol-error', 'the first packet is not CONNECT')
  }
  if (frame.firstByte !== packetTypes.connect << 4) {
    return fault('malformed-packet', 'the reserved flags of the first byte of CONNECT are set')
  }
  const reader = new Reader(frame.bytes, frame.start, frame.end)
  const version = readVersion(reader)
  if (version === undefined) return reader.problem ?? fault('malformed-packet', 'CONNECT is cut short')
  const packet = readConnect(reader, version, limits)
  if (reader.remaining > 0) return fault('malformed-packet', 'bytes follow the end of CONNECT')
  return reader.problem ?? packet
}

/**
 * The version that a CONNECT claims, to answer in when `decodeConnect` gave a Fault; undefined when its
 * protocol name or level is none that we speak.
 */
export function connectVersion(frame: Frame): ProtocolVersion | undefined {
  return readVersion(new Reader(frame.bytes, frame.start, frame.end))
}

function readVersion(reader: Reader): ProtocolVersion | undefined {
  const name = reader.utf8('the protocol name')
  const level = reader.byte('the protocol level')
  const named = versions.filter(version => version.name === name)
  if (named.length === 0) reader.fail('malformed-packet', 'the protocol name is unknown')
  const found = named.find(version => version.level === level)
  if (found === undefined) {
    reader.fail('unsupported-protocol-version', `the protocol level ${level} is not supported`)
  }
  return found?.level
}

function readConnect(reader: Reader, version: ProtocolVersion, limits: DecodeLimits): Connect {
  const flags = reader.byte('the connect flags')
  checkFlags(reader, flags, version)
  const keepAliveSeconds = reader.uint16('the keep alive')
  const properties = version < 5 ? {} : readProperties(reader, 'connect', limits.userProperties)
  checkAuthentication(reader, properties)
  const clientId = reader.utf8('the client identifier')
  checkClientId(reader, clientId, limits)
  const will = (flags & flag.will) === 0 ? undefined : readWill(reader, flags, version, limits)
  const username = hasField(reader, flags & flag.username, version) ? reader.utf8('the user name') : undefined
  if (username !== undefined && hasControlCharacter(username)) {
    reader.fail('bad-user-name-or-password', 'the user name contains a control character')
  }
  const password = hasField(reader, flags & flag.password, version)
    ? reader.binary('the password')
    : undefined
  return {
    type: 'connect',
    protocolVersion: version,
    cleanStart: (flags & flag.cleanStart) !== 0,
    keepAliveSeconds,
    clientId,
    username,
    password,
    will,
    properties,
  }
}

function checkFlags(reader: Reader, flags: number, version: ProtocolVersion): void {
  if ((flags & RESERVED) !== 0) reader.fail('malformed-packet', 'the reserved connect flag is set')
  if (willQoS(flags) === 3) reader.fail('malformed-packet', 'the will QoS is 3')
  if ((flags & flag.will) === 0) {
    if (willQoS(flags) !== 0) reader.fail('malformed-packet', 'there is a will QoS but no will')
    if ((flags & flag.willRetain) !== 0)
      reader.fail('malformed-packet', 'the will is retained but there is no will')
  }
  if (version < 5 && (flags & flag.password) !== 0 && (flags & flag.username) === 0) {
    reader.fail('malformed-packet', 'there is a password but no user name')
  }
}

function willQoS(flags: number): number {
  return (flags >> 3) & 0x03
}

function checkAuthentication(reader: Reader, properties: ConnectProperties): void {
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    reader.fail('protocol-error', 'there is authentication data but no authentication method')
  }
}

function checkClientId(reader: Reader, clientId: string, limits: DecodeLimits): void {
  if (Buffer.byteLength(clientId) > limits.clientIdBytesMax) {
    const detail = `the client identifier is longer than ${limits.clientIdBytesMax} bytes`
    reader.fail('client-identifier-not-valid', detail)
  }
  if (hasControlCharacter(clientId)) {
    reader.fail('client-identifier-not-valid', 'the client identifier contains a control character')
  }
}

/** In 3.1 a flagged user name or password may be missing at the end: the remaining length takes precedence. */
function hasField(reader: Reader, flagged: number, version: ProtocolVersion): boolean {
  return flagged !== 0 && (version !== 3 || reader.remaining > 0)
}

function readWill(reader: Reader, flags: number, version: ProtocolVersion, limits: DecodeLimits): Will {
  const properties = version < 5 ? {} : readProperties(reader, 'will', limits.userProperties)
  const topic = reader.utf8('the will topic')
  const payload = reader.binary('the will payload')
  const topicProblem = topicNameProblem(topic, limits)
  if (topicProblem !== undefined) reader.fail('topic-name-invalid', `of the will: ${topicProblem}`)
  if (properties.responseTopic !== undefined) {
    const responseProblem = topicNameProblem(properties.responseTopic, limits)
    if (responseProblem !== undefined)
      reader.fail('protocol-error', `of the response topic: ${responseProblem}`)
  }
  if (properties.payloadFormatIndicator === 1 && !isUtf8(payload)) {
    reader.fail('payload-format-invalid', 'the will payload is not the UTF-8 that it claims to be')
  }
  return { topic, payload, qos: willQoS(flags) as QoS, retain: (flags & flag.willRetain) !== 0, properties }
}
