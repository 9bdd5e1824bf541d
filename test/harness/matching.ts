// Compares a packet with the fields a test expects of it, and words packets for failure messages.

import type { Received } from './packets.ts'

function asBuffer(value: unknown): Buffer | undefined {
  return value instanceof Uint8Array ? Buffer.from(value) : undefined
}

/**
 * Deep partial equality: objects may have more fields than expected, arrays not; bytes compare by content, and
 * with a string by its UTF-8; an expected `undefined` means that the field must be absent.
 */
export function matches(actual: unknown, expected: unknown): boolean {
  const bytes = asBuffer(actual)
  if (bytes !== undefined) {
    const wanted = typeof expected === 'string' ? Buffer.from(expected) : asBuffer(expected)
    return wanted?.equals(bytes) ?? false
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false
    return expected.every((item, index) => matches(actual[index], item))
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return false
    const fields = actual as Record<string, unknown>
    return Object.entries(expected).every(([name, value]) => matches(fields[name], value))
  }
  return Object.is(actual, expected)
}

const textLengthMax = 80

function wordBytes(bytes: Buffer): string {
  const text = bytes.toString()
  const printable = /^[\x20-\x7e]*$/.test(text)
  const shown = printable ? `'${text}'` : `<${bytes.toString('hex')}>`
  return shown.length > textLengthMax ? `${shown.slice(0, textLengthMax)}... (${bytes.length} bytes)` : shown
}

function word(value: unknown): string {
  const bytes = asBuffer(value)
  if (bytes !== undefined) return wordBytes(bytes)
  if (Array.isArray(value)) return `[${value.map(word).join(', ')}]`
  if (typeof value === 'object' && value !== null) return wordFields(value)
  return typeof value === 'string' ? `'${value}'` : String(value)
}

export function wordFields(fields: object): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}: ${word(value)}`)
  return parts.length === 0 ? '' : `{ ${parts.join(', ')} }`
}

const neverShown = new Set(['cmd', 'length'])
const shownWhenSet = new Set(['messageId', 'qos', 'retain', 'dup', 'properties'])

/** One packet in one line: `PUBLISH { topic: 'a', payload: 'x', qos: 1 }`. */
export function wordPacket(packet: Received): string {
  const fields = Object.entries(packet).filter(
    ([name, value]) => value !== null && !neverShown.has(name) && (!shownWhenSet.has(name) || Boolean(value)),
  )
  return `${packet.cmd.toUpperCase()} ${wordFields(Object.fromEntries(fields))}`.trim()
}
