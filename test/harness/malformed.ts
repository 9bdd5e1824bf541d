// Tables of malformed packets: each row is sent, must end its connection as stated, and must not touch a neighbour.

import { test } from 'node:test'
import type { ProtocolVersion } from '../../server/protocol/packet.ts'
import { type ReasonName, reasonCodes } from '../../shared/reason-codes.ts'
import { bytesOf } from '../unit/protocol/frames.ts'
import type { NeighbourOfFile } from './neighbour.ts'
import { type Address, RawClient } from './raw-client.ts'

export const all: readonly ProtocolVersion[] = [3, 4, 5]
export const classic: readonly ProtocolVersion[] = [3, 4]
export const since311: readonly ProtocolVersion[] = [4, 5]
export const five: readonly ProtocolVersion[] = [5]

/** In 3.x every ending is a close without a word; 'closed' is that in 5.0, too. */
export type MalformedEnding = ReasonName | 'closed'

/**
 * What is wrong, in which versions, the packet in the notation of `packetBytes`, the reason a 5.0 client hears, and
 * the clauses that forbid it, such as `[MQTT5-3.6.1-1] [MQTT3-3.6.1-1]`.
 */
export type MalformedRow = readonly [
  what: string,
  versions: readonly ProtocolVersion[],
  packet: string,
  ending: MalformedEnding,
  clauses: string,
]

/**
 * `"82 0001 ( ) 'a/b' 01"`: the first byte, then what follows the fixed header in the notation of `bytesOf`; the
 * remaining length is put between. `"= c0 80 00"` stands for exactly these bytes.
 */
export function packetBytes(text: string): Buffer {
  if (text.startsWith('= ')) return bytesOf(text.slice(2))
  const space = text.indexOf(' ')
  const first = Buffer.from(space < 0 ? text : text.slice(0, space), 'hex')
  return withLength(first, space < 0 ? Buffer.alloc(0) : bytesOf(text.slice(space)))
}

/** A packet of its first byte and everything behind the fixed header. */
export function withLength(first: Buffer, body: Buffer): Buffer {
  const length: number[] = []
  let rest = body.length
  do {
    length.push((rest & 0x7f) | (rest > 127 ? 0x80 : 0))
    rest >>>= 7
  } while (rest > 0)
  return Buffer.concat([first, Buffer.from(length), body])
}

const HEX_SHOWN_MAX = 48

function shownHex(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return hex.length <= HEX_SHOWN_MAX ? hex : `${hex.slice(0, HEX_SHOWN_MAX)}... (${bytes.length} bytes)`
}

/** Only the clauses of the version that a title speaks of; 3.1 is held to those of 3.1.1. */
function clausesOf(clauses: string, version: ProtocolVersion): string {
  const standard = version === 5 ? '[MQTT5-' : '[MQTT3-'
  const own = clauses.split(' ').filter(clause => clause.startsWith(standard))
  return own.length === 0 ? '' : ` ${own.join(' ')}`
}

function title(row: MalformedRow, bytes: Buffer, version: ProtocolVersion): string {
  const [what, , , ending, clauses] = row
  const word = version < 5 ? 'closed' : ending
  return `${what} <${shownHex(bytes)}> in version ${version}: ${word}${clausesOf(clauses, version)}`
}

/** One test a row and version: the packet comes from a client that has its CONNACK. */
export function testMalformedPackets(
  broker: Address,
  neighbour: NeighbourOfFile,
  rows: readonly MalformedRow[],
): void {
  for (const row of rows) {
    const [, versions, packet, ending] = row
    const bytes = packetBytes(packet)
    for (const protocolVersion of versions) {
      test(title(row, bytes, protocolVersion), async () => {
        await neighbour.arrive()
        const client = await RawClient.connected(broker, {}, { protocolVersion })
        client.send(bytes)
        if (ending === 'closed') await client.expectClosed()
        else await client.expectDisconnect(ending)
        await neighbour.check()
      })
    }
  }
}

/**
 * One test a row and version: the packet is the first on its connection. A 5.0 client may be told why by a
 * CONNACK, a 3.x client is not [MQTT3-3.1.4-1].
 */
export function testMalformedConnects(
  broker: Address,
  neighbour: NeighbourOfFile,
  rows: readonly MalformedRow[],
): void {
  for (const row of rows) {
    const [, versions, packet, ending] = row
    for (const protocolVersion of versions) {
      const bytes = packetBytes(forVersion(packet, protocolVersion))
      test(title(row, bytes, protocolVersion), async () => {
        await neighbour.arrive()
        const client = await RawClient.open(broker, { protocolVersion })
        client.send(bytes)
        if (protocolVersion === 5 && ending !== 'closed') {
          await client.expect('connack', { reasonCode: reasonCodes[ending], sessionPresent: false })
        }
        await client.expectClosed()
        await neighbour.check()
      })
    }
  }
}

const NAMES: Record<ProtocolVersion, string> = { 3: "'MQIsdp' 03", 4: "'MQTT' 04", 5: "'MQTT' 05" }

/** `{name}` is the protocol name and level, `{none}` the empty property block that only 5.0 has. */
export function forVersion(packet: string, version: ProtocolVersion): string {
  return packet.replaceAll('{name}', NAMES[version]).replaceAll('{none}', version === 5 ? '00' : '')
}
