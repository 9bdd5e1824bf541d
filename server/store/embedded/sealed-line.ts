// A line of JSON that says which version of its record it is, with a checksum at its end.

import { crc32 } from 'node:zlib'

const checksumAtEnd = /,"checksum":(\d+)\}$/
const CHECKSUM_CHARACTERS_MAX = 30

/** `fields` must not be empty; those that are undefined are left out. */
export function seal(version: number, fields: object): string {
  const text = JSON.stringify({ version, ...fields })
  return `${text.slice(0, -1)},"checksum":${crc32(text)}}`
}

/** Why the line cannot be trusted; much cheaper than to decode it. */
export function sealDamage(text: string, version: number): string | undefined {
  const match = checksumAtEnd.exec(text.slice(-CHECKSUM_CHARACTERS_MAX))
  if (match === null) return 'the checksum is missing'
  if (crc32(`${text.slice(0, -match[0].length)}}`) !== Number(match[1])) return 'the checksum does not match'
  const found = /^\{"version":(\d+),/.exec(text)?.[1]
  return found === String(version) ? undefined : `record version ${found} is not known`
}
