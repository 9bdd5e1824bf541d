// Encodes what the server sends, PUBLISH aside, within what the client has room for.

import { generate, type Packet as WirePacket, writeToStream } from 'mqtt-packet'
import { unreachable } from '../assert.ts'
import type { Acknowledgement, PacketId, ProtocolVersion, ServerPacket, UserProperties } from './packet.ts'
import { packetTypes } from './packet.ts'

/** What the client has said in its CONNECT about packets that it receives. */
export interface EncodeRoom {
  /** Maximum Packet Size, the fixed header included; undefined is no limit. */
  readonly maximumPacketSizeBytes?: number | undefined
  /** False: no reason strings and user properties except in CONNACK and DISCONNECT [MQTT5-3.1.2-29]. */
  readonly requestProblemInformation?: boolean | undefined
}

// The cache is 65,536 buffers, several megabytes, to save little on packets that are not hot.
writeToStream.cacheNumbers = false

const STRING_BYTES_MAX = 65_535
const nothing = Buffer.alloc(0)
const pingresp = Buffer.from([packetTypes.pingresp << 4, 0])

/** What may be left out of a packet that is too large, in this order [MQTT5-3.2.2-19] [MQTT5-3.2.2-20]. */
const leaveOut: readonly (readonly string[])[] = [[], ['reasonString'], ['reasonString', 'userProperties']]
const onlyNeeded = leaveOut.slice(-1)

const classicFailure = 0x80

/** Our property names carry units; mqtt-packet's do not. */
const wireNames: ReadonlyMap<string, string> = new Map([
  ['sessionExpiryIntervalSeconds', 'sessionExpiryInterval'],
  ['maximumPacketSizeBytes', 'maximumPacketSize'],
  ['serverKeepAliveSeconds', 'serverKeepAlive'],
])

/**
 * The bytes of one packet. An empty buffer means that there is nothing to send: DISCONNECT and AUTH from the
 * server do not exist in 3.x (it just closes), and a packet that exceeds the client's Maximum Packet Size even
 * without its reason string and user properties [MQTT5-3.4.2-2] [MQTT5-3.4.2-3] is not sent [MQTT5-3.1.2-24].
 * In 3.x properties are left out, as is the code of an acknowledgement (refuse by closing instead), and every
 * refusal in SUBACK is 0x80 [MQTT3-3.9.3-2]. Session Present is only said where the code is 0 [MQTT5-3.2.2-6]
 * [MQTT3-3.2.2-4] and never in 3.1, which has no such flag. A reason string or user property that no packet
 * can hold is left out. The buffer may be shared between calls and must not be written to.
 */
export function encode(
  packet: ServerPacket,
  protocolVersion: ProtocolVersion,
  room: EncodeRoom = {},
): Buffer {
  const bytesMax = room.maximumPacketSizeBytes ?? Number.POSITIVE_INFINITY
  const always = packet.type === 'connack' || packet.type === 'disconnect'
  const silent = room.requestProblemInformation === false && !always
  for (const names of protocolVersion < 5 || silent ? onlyNeeded : leaveOut) {
    const bytes = encodeWithout(names, packet, protocolVersion)
    if (bytes.length <= bytesMax) return bytes
  }
  return nothing
}

function encodeWithout(names: readonly string[], packet: ServerPacket, version: ProtocolVersion): Buffer {
  if (packet.type === 'pingresp') return pingresp
  const properties = version < 5 ? {} : wireProperties(packet.properties, names)
  switch (packet.type) {
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return encodeAcknowledgement(packet, version, properties)
    case 'connack': {
      const sessionPresent = packet.sessionPresent && packet.code === 0 && version > 3
      const code = version < 5 ? { returnCode: packet.code } : { reasonCode: packet.code }
      return generateCold({ cmd: 'connack', sessionPresent, ...code, properties }, version)
    }
    case 'suback': {
      const granted = version < 5 ? packet.codes.map(classicCode) : packet.codes
      return generateCold({ cmd: 'suback', messageId: packet.packetId, granted, properties }, version)
    }
    case 'unsuback':
      return generateCold(
        { cmd: 'unsuback', messageId: packet.packetId, granted: packet.codes, properties },
        version,
      )
    case 'disconnect':
    case 'auth':
      if (version < 5) return nothing
      return generateCold({ cmd: packet.type, reasonCode: packet.code, properties }, version)
    default:
      return unreachable(packet)
  }
}

/** Four bytes when the code is 0, five when it is not; only properties, which are rare, need mqtt-packet. */
function encodeAcknowledgement(
  packet: Acknowledgement,
  version: ProtocolVersion,
  properties: object,
): Buffer {
  const { type, packetId, code } = packet
  if (Object.keys(properties).length > 0) {
    return generateCold({ cmd: type, messageId: packetId, reasonCode: code, properties }, version)
  }
  return version < 5 || code === 0 ? acknowledgement(type, packetId) : acknowledgement(type, packetId, [code])
}

function acknowledgement(type: Acknowledgement['type'], packetId: PacketId, code: number[] = []): Buffer {
  const flags = type === 'pubrel' ? 0x02 : 0
  return Buffer.from([
    (packetTypes[type] << 4) | flags,
    2 + code.length,
    packetId >> 8,
    packetId & 0xff,
    ...code,
  ])
}

function classicCode(code: number): number {
  return code > 2 ? classicFailure : code
}

/** Throws where mqtt-packet finds the packet wrong, which is our own bug. */
function generateCold(packet: object, version: ProtocolVersion): Buffer {
  return generate(packet as WirePacket, { protocolVersion: version })
}

function wireProperties(properties: object, without: readonly string[]): Record<string, unknown> {
  const wire: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || without.includes(name)) continue
    const wireValue = wireValueOf(name, value)
    if (wireValue !== undefined) wire[wireNames.get(name) ?? name] = wireValue
  }
  return wire
}

function wireValueOf(name: string, value: unknown): unknown {
  if (name === 'userProperties') return wirePairs(value as UserProperties)
  if (name === 'reasonString') return fitsString(value as string) ? value : undefined
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return value
}

/**
 * One object a pair keeps their order, which a single object would not; the computed key makes an own
 * property even of `__proto__`. mqtt-packet refuses an empty list.
 */
function wirePairs(pairs: UserProperties): object[] | undefined {
  const wire = pairs
    .filter(([name, value]) => fitsString(name) && fitsString(value))
    .map(([name, value]) => ({ [name]: value }))
  return wire.length === 0 ? undefined : wire
}

function fitsString(text: string): boolean {
  return Buffer.byteLength(text) <= STRING_BYTES_MAX
}
