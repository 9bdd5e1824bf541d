// Layout of a benchmark payload (64 bytes): what the receiver needs to count it and to time it.

import type { Transport } from './target.ts'
import { frameHeaderBytes, maskKey } from './websocket.ts'

//  0      flag: 1 when the time at 8..15 is to be read
//  2..3   number of the publisher, big endian
//  8..15  time of sending, milliseconds of performance.now() as a double
export const payloadBytes = 64
const flagAt = 0
const publisherAt = 2
const timeAt = 8

export function makePayload(publisher: number, isStamped: boolean): Buffer {
  const payload = Buffer.alloc(payloadBytes, 0x2e)
  payload[flagAt] = isStamped ? 1 : 0
  payload.writeUInt16BE(publisher, publisherAt)
  return payload
}

export function publisherOf(bytes: Buffer, payloadStart: number): number {
  return (
    ((bytes[payloadStart + publisherAt] as number) << 8) | (bytes[payloadStart + publisherAt + 1] as number)
  )
}

/** The time of sending, or 0 when this message carries none. */
export function sentAtOf(bytes: Buffer, payloadStart: number): number {
  return bytes[payloadStart + flagAt] === 1 ? bytes.readDoubleLE(payloadStart + timeAt) : 0
}

/**
 * Writes the time into a framed block. `payloadStart` is the offset of the stamped payload in the MQTT bytes, before
 * framing; `mqttLength` is their length.
 */
export function stamp(
  framed: Buffer,
  transport: Transport,
  mqttLength: number,
  payloadStart: number,
  nowMs: number,
): void {
  const at = payloadStart + timeAt
  if (transport === 'tcp') {
    framed.writeDoubleLE(nowMs, at)
    return
  }
  const framedAt = frameHeaderBytes(mqttLength) + at
  framed.writeDoubleLE(nowMs, framedAt)
  for (let index = 0; index < 8; index++) {
    framed[framedAt + index] = (framed[framedAt + index] as number) ^ (maskKey[(at + index) & 3] as number)
  }
}
