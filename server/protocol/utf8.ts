// What MQTT demands of text beyond well-formed UTF-8, asked of the bytes before they become a string.

import { isUtf8 } from 'node:buffer'

/** 'ascii' and 'multibyte' are valid; an ASCII range may be decoded as latin1, which is cheaper. */
export type Utf8Scan = 'ascii' | 'multibyte' | 'ill-formed' | 'null-character'

/**
 * Judges `bytes[start, end)` as a UTF-8 Encoded String: overlong forms, surrogates and code points above
 * U+10FFFF are ill-formed [MQTT5-1.5.4-1] [MQTT3-1.5.3-1], U+0000 is refused [MQTT5-1.5.4-2] [MQTT3-1.5.3-2].
 * A byte order mark is text like any other and stays [MQTT5-1.5.4-3] [MQTT3-1.5.3-3].
 */
export function scanUtf8(bytes: Uint8Array, start: number, end: number): Utf8Scan {
  let seen = 0
  for (let index = start; index < end; index++) {
    const byte = bytes[index]!
    if (byte === 0) return 'null-character'
    seen |= byte
  }
  if (seen < 0x80) return 'ascii'
  return isUtf8(bytes.subarray(start, end)) ? 'multibyte' : 'ill-formed'
}

/** The text of a range that `scanUtf8` found valid; the byte order mark is kept. */
export function decodeUtf8(bytes: Buffer, start: number, end: number, scan: 'ascii' | 'multibyte'): string {
  return bytes.toString(scan === 'ascii' ? 'latin1' : 'utf8', start, end)
}

/** U+0001 to U+001F and U+007F to U+009F: valid text, but not in names that reach logs and HTTP headers. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}
