// The codec against mqtt-packet: valid packets mean the same to both, malformed ones never throw or hang.

import assert from 'node:assert/strict'
import { generate, type Packet, parser } from 'mqtt-packet'
import { decodeConnect } from '../../server/protocol/connect-decoder.ts'
import { decode } from '../../server/protocol/decoder.ts'
import { encode } from '../../server/protocol/encoder.ts'
import { faults, isFault } from '../../server/protocol/fault.ts'
import type { ProtocolVersion, ServerPacket } from '../../server/protocol/packet.ts'
import { frameOf, limits } from '../unit/protocol/frames.ts'
import { folded, ownPacket } from './comparable.ts'
import { mutated } from './mutated.ts'
import { fuzz, type SeededRandom } from './seeded-random.ts'
import {
  clientPackets,
  connackProperties,
  packetId,
  serverProperties,
  type WirePacket,
} from './wire-packets.ts'

const versions: readonly ProtocolVersion[] = [3, 4, 5]

function decodeBytes(firstByte: number, body: Buffer, version: ProtocolVersion) {
  const frame = frameOf(firstByte, body)
  return firstByte >> 4 === 1 ? decodeConnect(frame, limits) : decode(frame, version, limits)
}

function bodyOf(packet: Buffer): Buffer {
  let start = 1
  while (packet[start]! >= 0x80) start++
  return packet.subarray(start + 1)
}

/** What mqtt-packet makes of these bytes: one packet, or the error. */
function parsed(bytes: Buffer, version: ProtocolVersion): WirePacket | Error {
  const results: (WirePacket | Error)[] = []
  const theirs = parser({ protocolVersion: version })
  theirs.on('packet', packet => results.push(packet as unknown as WirePacket))
  theirs.on('error', error => results.push(error as Error))
  theirs.parse(bytes)
  assert.equal(results.length, 1, `mqtt-packet finds ${results.length} packets in ${bytes.toString('hex')}`)
  return results[0]!
}

function versionFor(cmd: string, random: SeededRandom): ProtocolVersion {
  return cmd === 'auth' ? 5 : random.pick(versions)
}

for (const [cmd, make] of Object.entries(clientPackets)) {
  fuzz(`${cmd} from mqtt-packet decodes to what was put in`, random => {
    const version = versionFor(cmd, random)
    const packet = make(random, version)
    const bytes = generate(packet as unknown as Packet, { protocolVersion: version })
    const ours = decodeBytes(bytes[0]!, bodyOf(bytes), version)
    const expected = ownPacket(packet, version)
    if (cmd === 'disconnect' && version < 5) expected['code'] = 0
    assert.deepEqual(ours, expected, bytes.toString('hex'))
  })
}

/** What 3.1 allows and mqtt-packet does not know: DUP outside of PUBLISH, flagged fields that are missing. */
function onlyOursKnows(firstByte: number, version: ProtocolVersion, error: Error): boolean {
  if (version === 3 && [0x6a, 0x8a, 0xaa].includes(firstByte)) return true
  return firstByte === 0x10 && /Cannot parse (username|password)/.test(error.message)
}

/** No exception, no stall; a Fault from the table, or a packet that mqtt-packet reads in the same way. */
function survives(firstByte: number, body: Buffer, version: ProtocolVersion): void {
  const hex = `${firstByte.toString(16)} | ${body.toString('hex')} in version ${version}`
  const started = performance.now()
  const ours = decodeBytes(firstByte, body, version)
  assert.ok(performance.now() - started < 1_000, `slow: ${hex}`)
  if (isFault(ours)) {
    assert.ok(Object.hasOwn(faults, ours.fault) && ours.detail.length < 200, hex)
    return
  }
  const length = Buffer.from(
    body.length < 128 ? [body.length] : [(body.length % 128) | 128, body.length >> 7],
  )
  const theirs = parsed(Buffer.concat([Buffer.from([firstByte]), length, body]), version)
  if (theirs instanceof Error) {
    assert.ok(onlyOursKnows(firstByte, version, theirs), `only we accept ${hex}: ${theirs.message}`)
    return
  }
  assert.deepEqual(folded(ours), ownPacket(theirs, version), hex)
}

for (const [cmd, make] of Object.entries(clientPackets)) {
  fuzz(`${cmd} with bytes changed is refused, or read as mqtt-packet reads it`, random => {
    const version = versionFor(cmd, random)
    const bytes = generate(make(random, version) as unknown as Packet, { protocolVersion: version })
    const body = mutated(bodyOf(bytes), random)
    if (body.length < 16_384) survives(bytes[0]!, body, random.once(10) ? random.pick(versions) : version)
  })
}

fuzz('bytes at random never throw and never hang', random => {
  const firstByte = random.below(256)
  if (firstByte >> 4 !== 3)
    survives(firstByte, random.bytes(random.pick([4, 40, 400])), random.pick(versions))
})

const serverPackets: Record<string, (random: SeededRandom) => object> = {
  connack: random => ({
    sessionPresent: random.once(2),
    code: random.pick([0, 0, 0x80, 0x87, 0x97]),
    properties: connackProperties(random),
  }),
  puback: random => ({ packetId: packetId(random), code: random.pick([0, 0x10, 0x97]) }),
  pubrec: random => ({ packetId: packetId(random), code: random.pick([0, 0x10, 0x99]) }),
  pubrel: random => ({ packetId: packetId(random), code: random.pick([0, 0x92]) }),
  pubcomp: random => ({ packetId: packetId(random), code: random.pick([0, 0x92]) }),
  suback: random => ({
    packetId: packetId(random),
    codes: random.list(6, () => random.pick([0, 1, 2, 0x80, 0x87, 0x8f, 0x97]), 1),
  }),
  unsuback: random => ({
    packetId: packetId(random),
    codes: random.list(6, () => random.pick([0, 0x11, 0x80, 0x87]), 1),
  }),
  pingresp: () => ({}),
  disconnect: random => ({ code: random.pick([0x81, 0x8e, 0x9c]) }),
  auth: random => ({ code: random.pick([0, 0x18]) }),
}

/** What is left of a packet of ours on the wire of that version. */
function expectedOnWire(packet: ServerPacket, version: ProtocolVersion): Record<string, unknown> {
  const plain = folded(packet)
  if (packet.type === 'connack')
    plain['sessionPresent'] = packet.sessionPresent && packet.code === 0 && version > 3
  if (version === 5) return plain
  if ('properties' in plain) plain['properties'] = {}
  if (packet.type === 'suback') plain['codes'] = packet.codes.map(code => (code > 2 ? 0x80 : code))
  if (packet.type === 'unsuback') plain['codes'] = []
  if (packet.type.startsWith('pub')) plain['code'] = 0
  return plain
}

for (const [type, make] of Object.entries(serverPackets)) {
  fuzz(`${type} as we encode it means the same to mqtt-packet`, random => {
    const version = type === 'auth' || type === 'disconnect' ? 5 : random.pick(versions)
    const made = { type, ...make(random) }
    const packet = (
      type === 'pingresp' ? made : { properties: serverProperties(random), ...made }
    ) as ServerPacket
    const bytes = encode(packet, version)
    const theirs = parsed(bytes, version)
    assert.ok(!(theirs instanceof Error), `${bytes.toString('hex')}: ${theirs}`)
    const expected = expectedOnWire(packet, version)
    const properties = expected['properties'] as Record<string, unknown> | undefined
    if (properties !== undefined && properties['userProperties'] === undefined) {
      delete properties['userProperties']
    }
    assert.deepEqual(ownPacket(theirs, version), expected, bytes.toString('hex'))
  })
}
