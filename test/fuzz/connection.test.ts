// Whole connections of random and damaged packets against one broker process: it lives, answers others, and stays small.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generate, type Packet } from 'mqtt-packet'
import type { ProtocolVersion } from '../../server/protocol/packet.ts'
import { brokerForFile } from '../harness/broker.ts'
import { withLength } from '../harness/malformed.ts'
import { neighbourForFile } from '../harness/neighbour.ts'
import { RawClient } from '../harness/raw-client.ts'
import { mutated } from './mutated.ts'
import { publishPacket } from './publish-packets.ts'
import { SeededRandom } from './seeded-random.ts'
import { clientPackets } from './wire-packets.ts'

const broker = brokerForFile()
const neighbour = neighbourForFile(broker)

const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? randomInt(2 ** 31))
const connections = Number(process.env['HOLDFAST_FUZZ_CONNECTIONS'] ?? 600)
const AT_ONCE = 20
const BATCH_MS_MAX = 5_000
const GROWN_MIB_MAX = 256

function packetOf(random: SeededRandom, version: ProtocolVersion): Buffer {
  const kinds = Object.keys(clientPackets).filter(
    kind => kind !== 'connect' && (version === 5 || kind !== 'auth'),
  )
  const kind = random.pick([...kinds, 'publish', 'publish', 'publish', 'subscribe'])
  const make = kind === 'publish' ? publishPacket : clientPackets[kind]
  assert.ok(make !== undefined)
  return generate(make(random, version) as unknown as Packet, { protocolVersion: version })
}

function bodyOf(packet: Buffer): Buffer {
  let start = 1
  while ((packet[start] ?? 0) >= 0x80) start++
  return packet.subarray(start + 1)
}

/** Its body is changed and its length made right again, or its bytes are changed as they stand. */
function damaged(packet: Buffer, random: SeededRandom): Buffer {
  if (random.once(3)) return mutated(packet, random)
  const first = random.once(6) ? random.below(256) : (packet[0] ?? 0)
  return withLength(Buffer.from([first]), mutated(bodyOf(packet), random))
}

interface Attack {
  readonly version: ProtocolVersion
  readonly bytes: Buffer
  /** The CONNECT was left as it was, so that what comes back is in its version. */
  readonly versionHolds: boolean
}

/** Without the properties for which the broker refuses most of them: the attack is to get further. */
function connectOf(random: SeededRandom, version: ProtocolVersion): Buffer {
  const make = clientPackets['connect']
  assert.ok(make !== undefined)
  const { properties, ...connect } = make(random, version)
  const refused = ['authenticationMethod', 'authenticationData', 'maximumPacketSize']
  const kept = Object.entries(properties ?? {}).filter(([name]) => !refused.includes(name))
  return generate({ ...connect, properties: Object.fromEntries(kept) } as unknown as Packet)
}

function attackOf(random: SeededRandom): Attack {
  const version = random.pick([3, 4, 5] as const)
  if (random.once(8)) return { version, bytes: random.bytes(2_000), versionHolds: false }
  const connect = connectOf(random, version)
  const versionHolds = !random.once(6)
  const packets = [versionHolds ? connect : damaged(connect, random)]
  const often = random.pick([2, 4, 1_000])
  for (let count = random.below(30); count > 0; count--) {
    const packet = packetOf(random, version)
    packets.push(random.once(often) ? damaged(packet, random) : packet)
  }
  if (random.once(5)) packets.push(random.bytes(300))
  return { version, bytes: Buffer.concat(packets), versionHolds }
}

/** Opens, sends in pieces, and leaves in one of the ways in which clients leave. */
async function attack(random: SeededRandom): Promise<void> {
  const { version, bytes, versionHolds } = attackOf(random)
  const transport = random.once(3) ? 'websocket' : 'tcp'
  const pieces = random.list(6, () => 1 + random.below(bytes.length + 1))
  const as = random.once(2) ? 'messages' : 'continuation'
  const way = random.pick(['destroy', 'close', 'wait', 'deaf'] as const)
  const client = await RawClient.open(broker, { transport, protocolVersion: version })
  if (way === 'deaf') client.pauseReading()
  await client.sendFragments(bytes, pieces, as)
  if (way !== 'destroy') await sleep(10)
  if (way === 'close') client.close()
  if (versionHolds) {
    const hex = bytes.subarray(0, 2_000).toString('hex')
    assert.notEqual(client.ending?.how, 'undecodable', `${client.ending?.detail}\nsent ${hex}`)
  }
  client.destroy()
}

function residentMiB(): number {
  const status = process.platform === 'linux' ? readFileSync(`/proc/${broker.pid}/status`, 'utf8') : ''
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

test(`outlives ${connections} damaged connections, and a healthy neighbour notices nothing`, async t => {
  t.diagnostic(`HOLDFAST_FUZZ_SEED=${seed}`)
  const random = new SeededRandom(seed)
  await neighbour.check()
  const before = residentMiB()
  for (let done = 0; done < connections; done += AT_ONCE) {
    const started = performance.now()
    // Each has random numbers of its own, so that the order in which sockets answer changes nothing.
    const own = Array.from({ length: AT_ONCE }, () => new SeededRandom(random.below(2 ** 31)))
    await Promise.all(own.map(attack))
    await neighbour.check()
    const tookMs = performance.now() - started
    assert.ok(tookMs < BATCH_MS_MAX, `the batch after ${done} connections took ${tookMs} ms, seed ${seed}`)
    assert.equal(broker.state, 'running', `the broker ended after ${done} connections, seed ${seed}`)
  }
  const grown = residentMiB() - before
  assert.ok(grown < GROWN_MIB_MAX, `the broker has grown by ${grown} MiB, seed ${seed}`)
  const fresh = await RawClient.connected(broker)
  await fresh.ping()
})
