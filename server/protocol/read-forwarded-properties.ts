// Reads back the properties that travel with a message, for people who look at it.

import type { ForwardedProperties } from './forwarded-properties.ts'
import { readProperties } from './properties.ts'
import { Reader } from './reader.ts'

/** They were held to the broker's limits when they came. */
const NO_LIMITS = { pairsMax: Number.POSITIVE_INFINITY, bytesMax: Number.POSITIVE_INFINITY }

/** `bytes` is the block without its length, as messages keep it; what cannot be read is left out. */
export function readForwardedProperties(bytes: Buffer | undefined): ForwardedProperties {
  if (bytes === undefined) return {}
  const block = Buffer.concat([variableByteInteger(bytes.length), bytes])
  // A will's block may hold all that a PUBLISH hands on.
  const { payloadFormatIndicator, contentType, responseTopic, correlationData, userProperties } =
    readProperties(new Reader(block, 0, block.length), 'will', NO_LIMITS)
  return {
    ...(payloadFormatIndicator === undefined ? {} : { payloadFormatIndicator }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(userProperties === undefined ? {} : { userProperties }),
  }
}

function variableByteInteger(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    const more = rest > 0x7f ? 0x80 : 0
    bytes.push((rest & 0x7f) | more)
    rest >>>= 7
  } while (rest > 0)
  return Buffer.from(bytes)
}
