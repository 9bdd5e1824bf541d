// Frames written as text for table tests: hex bytes, 'text' behind its two-byte length, (properties) behind theirs.

import type { DecodeLimits, Frame } from '../../../server/protocol/decoder.ts'

export const limits: DecodeLimits = {
  clientIdBytesMax: 1024,
  topicBytesMax: 4096,
  topicLevelsMax: 64,
  userProperties: { pairsMax: 32, bytesMax: 8192 },
}

/**
 * `"00 01 'a/b' 01"` as bytes; spaces stand between tokens and a quoted text holds none. `( 21 0001 )` is a
 * property block of less than 128 bytes, its length in front.
 */
export function bytesOf(text: string): Buffer {
  const open = text.indexOf('(')
  if (open < 0) return plainBytes(text)
  const close = text.indexOf(')', open)
  const block = plainBytes(text.slice(open + 1, close))
  return Buffer.concat([
    plainBytes(text.slice(0, open)),
    Buffer.from([block.length]),
    block,
    bytesOf(text.slice(close + 1)),
  ])
}

function plainBytes(text: string): Buffer {
  const tokens = text.split(' ').filter(token => token !== '')
  return Buffer.concat(
    tokens.map(token =>
      token.startsWith("'") ? stringBytes(token.slice(1, -1)) : Buffer.from(token, 'hex'),
    ),
  )
}

export function stringBytes(text: string): Buffer {
  return binaryBytes(Buffer.from(text))
}

export function binaryBytes(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** The first byte and what follows the fixed header, amid other bytes that must not be read. */
export function frameOf(firstByte: number, body: Buffer): Frame {
  const before = Buffer.alloc(3, 0xff)
  const behind = Buffer.alloc(70_000, 0x61)
  const bytes = Buffer.concat([before, body, behind])
  return { firstByte, bytes, start: before.length, end: before.length + body.length }
}

/** `"82 0001 'a/b' 01"`: the first token is the first byte. */
export function frame(text: string): Frame {
  const bytes = bytesOf(text)
  return frameOf(bytes[0]!, bytes.subarray(1))
}
