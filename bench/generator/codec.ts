// Encodes the MQTT 3.1.1 packets that the load generator sends; nothing here is shared with the broker under test.

export type Qos = 0 | 1

export type ConnectOptions = { clientId: string; cleanSession: boolean }

/** Seconds; long enough that no idle client of a run has to ping. */
const keepAliveSeconds = 3600

export const disconnectPacket = Buffer.from([0xe0, 0x00])

export function encodeConnect({ clientId, cleanSession }: ConnectOptions): Buffer {
  const flags = cleanSession ? 0x02 : 0x00
  const variableHeader = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, 0, 0])
  variableHeader.writeUInt16BE(keepAliveSeconds, 8)
  return encodePacket(0x10, Buffer.concat([variableHeader, encodeString(clientId)]))
}

export function encodeSubscribe(packetId: number, topicFilter: string, qos: Qos): Buffer {
  return encodePacket(
    0x82,
    Buffer.concat([encodeUint16(packetId), encodeString(topicFilter), Buffer.from([qos])]),
  )
}

/** A PUBLISH; the packet id is left out at QoS 0. */
export function encodePublish(topicName: string, qos: Qos, packetId: number, payload: Buffer): Buffer {
  const parts = [encodeString(topicName)]
  if (qos === 1) parts.push(encodeUint16(packetId))
  parts.push(payload)
  return encodePacket(0x30 | (qos << 1), Buffer.concat(parts))
}

/** `count` PUBACKs, one after the other, for the ids at the front of `packetIds`. */
export function encodeAcknowledgements(packetIds: Uint16Array, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count * 4)
  for (let index = 0; index < count; index++) {
    const packetId = packetIds[index] as number
    const at = index * 4
    bytes[at] = 0x40
    bytes[at + 1] = 2
    bytes[at + 2] = packetId >> 8
    bytes[at + 3] = packetId & 0xff
  }
  return bytes
}

function encodePacket(firstByte: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([firstByte, ...remainingLength(body.length)]), body])
}

function remainingLength(length: number): number[] {
  const digits: number[] = []
  let rest = length
  do {
    const digit = rest & 0x7f
    rest >>= 7
    digits.push(rest > 0 ? digit | 0x80 : digit)
  } while (rest > 0)
  return digits
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([encodeUint16(bytes.length), bytes])
}

function encodeUint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}
