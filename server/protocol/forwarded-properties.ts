// Properties that travel with a message, as bytes: for messages that did not arrive as a PUBLISH, wills above all.

import type { UserProperties } from './packet.ts'

export interface ForwardedProperties {
  readonly payloadFormatIndicator?: 0 | 1
  readonly contentType?: string
  readonly responseTopic?: string
  readonly correlationData?: Uint8Array
  readonly userProperties?: UserProperties
}

/** The property bytes of a PUBLISH without their length; undefined when there are none. */
export function encodeForwardedProperties(properties: ForwardedProperties): Buffer | undefined {
  const parts: Buffer[] = []
  if (properties.payloadFormatIndicator !== undefined) {
    parts.push(Buffer.from([0x01, properties.payloadFormatIndicator]))
  }
  if (properties.contentType !== undefined) parts.push(Buffer.from([0x03]), text(properties.contentType))
  if (properties.responseTopic !== undefined) parts.push(Buffer.from([0x08]), text(properties.responseTopic))
  if (properties.correlationData !== undefined) {
    parts.push(Buffer.from([0x09]), binary(Buffer.from(properties.correlationData)))
  }
  for (const [name, value] of properties.userProperties ?? []) {
    parts.push(Buffer.from([0x26]), text(name), text(value))
  }
  return parts.length === 0 ? undefined : Buffer.concat(parts)
}

function text(value: string): Buffer {
  return binary(Buffer.from(value))
}

function binary(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
