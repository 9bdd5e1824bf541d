// PUBLISH against mqtt-packet: decoded and encoded, shared and personal, whole, changed and at random.

import assert from 'node:assert/strict'
import { generate, type Packet, parser } from 'mqtt-packet'
import { type Fault, faults, isFault } from '../../server/protocol/fault.ts'
import { formOf, type Message } from '../../server/protocol/message.ts'
import type { PacketId, ProtocolVersion, QoS } from '../../server/protocol/packet.ts'
import {
  type DecodedPublish,
  decodePublish,
  NOTHING_DECODED,
  type PublishContext,
} from '../../server/protocol/publish-decoder.ts'
import {
  encodePersonalPublish,
  encodePublish,
  publishFirstByte,
} from '../../server/protocol/publish-encoder.ts'
import { readPublishProperties } from '../../server/protocol/publish-properties.ts'
import { TopicTable } from '../../server/protocol/topic.ts'
import { withLength } from '../harness/malformed.ts'
import { mutated } from './mutated.ts'
import { publishPacket, type WirePublish, wirePublishOf } from './publish-packets.ts'
import { fuzz, type SeededRandom } from './seeded-random.ts'

const versions: readonly ProtocolVersion[] = [3, 4, 5]
const NOW = 1_700_000_000_000
const topics = new TopicTable({ topicBytesMax: 4096, topicLevelsMax: 64 })

function contextOf(protocolVersion: ProtocolVersion): PublishContext {
  return {
    protocolVersion,
    topics,
    resolveAlias: (_alias, topic) => topic ?? NO_ALIAS,
    clientId: 'fuzz',
    userPropertiesMax: 1_000,
    userPropertyBytesMax: 1_000_000,
    messageExpiryDefaultSeconds: undefined,
  }
}

const NO_ALIAS: Fault = { fault: 'protocol-error', detail: 'no alias is known here' }

function startOf(bytes: Buffer): number {
  let start = 1
  while ((bytes[start] ?? 0) >= 0x80) start++
  return start + 1
}

/** Decodes `bytes`, which lie amid others that must not be read. */
function decoded(bytes: Buffer, version: ProtocolVersion): DecodedPublish | Fault {
  const around = Buffer.alloc(70, 0x61)
  const whole = Buffer.concat([around, bytes, around])
  const into: DecodedPublish = { ...NOTHING_DECODED }
  const start = 70 + startOf(bytes)
  const end = 70 + bytes.length
  const problem = decodePublish(bytes[0] ?? 0, whole, 70, start, end, contextOf(version), NOW, into)
  return problem ?? into
}

/** What mqtt-packet reads, or why it does not; it checks far less than the specification asks for. */
function parsed(bytes: Buffer, version: ProtocolVersion): WirePublish | Error {
  const results: (Packet | Error)[] = []
  const theirs = parser({ protocolVersion: version })
  theirs.on('packet', packet => results.push(packet))
  theirs.on('error', error => results.push(error as Error))
  theirs.parse(bytes)
  assert.equal(results.length, 1, `mqtt-packet finds ${results.length} packets`)
  const [result] = results
  return result instanceof Error ? result : wirePublishOf(result as object as WirePublish)
}

/** Our message in mqtt-packet's words; its properties are read with our own reader, which is under test, too. */
function inWireWords(publish: DecodedPublish, version: ProtocolVersion): Record<string, unknown> {
  const { message, packetId, dup } = publish
  const plain: Record<string, unknown> = {
    topic: message.topic.name,
    payload: message.payload.toString('hex'),
    qos: message.qos,
    retain: message.retain,
    dup,
    messageId: packetId,
  }
  if (version < 5) return plain
  const { expiresAt } = message
  const expiry = expiresAt === Number.POSITIVE_INFINITY ? undefined : (expiresAt - NOW) / 1000
  return { ...plain, expiry, forwarded: message.properties?.toString('hex') ?? '' }
}

function same(publish: DecodedPublish, wire: WirePublish, version: ProtocolVersion, hint: string): void {
  const ours = inWireWords(publish, version)
  const theirs: Record<string, unknown> = {
    topic: wire.topic,
    payload: wire.payload.toString('hex'),
    qos: wire.qos,
    retain: wire.retain,
    dup: wire.dup,
    messageId: wire.qos === 0 ? 0 : wire.messageId,
  }
  if (version === 5) {
    theirs['expiry'] = wire.properties?.messageExpiryInterval
    theirs['forwarded'] = ours['forwarded']
    assert.deepEqual(forwardedOf(publish.message, version), { ...wire.properties, ...NOT_FORWARDED }, hint)
  }
  assert.deepEqual(ours, theirs, hint)
}

const NOT_FORWARDED = {
  messageExpiryInterval: undefined,
  topicAlias: undefined,
  subscriptionIdentifier: undefined,
}

/** The properties that a subscriber would get, as mqtt-packet reads them from our bytes. */
function forwardedOf(message: Message, version: ProtocolVersion): object {
  const frame = encodePublish(
    { ...contentOf(message), expiresAt: Number.POSITIVE_INFINITY },
    formOf(version, 0),
  )
  const wire = parsed(frame.bytes, version)
  assert.ok(!(wire instanceof Error), `mqtt-packet does not read ${frame.bytes.toString('hex')}: ${wire}`)
  return { ...wire.properties, ...NOT_FORWARDED }
}

function contentOf(message: Message) {
  const { topic, qos, retain, bytes, payloadStart, payloadEnd, properties, publisher, receivedAt } = message
  return { topic, qos, retain, bytes, payloadStart, payloadEnd, properties, publisher, receivedAt }
}

function generated(random: SeededRandom, version: ProtocolVersion): { wire: WirePublish; bytes: Buffer } {
  const wire = publishPacket(random, version)
  return { wire, bytes: generate(wire as unknown as Packet, { protocolVersion: version }) }
}

fuzz('a PUBLISH of mqtt-packet decodes to what was put in', random => {
  const version = random.pick(versions)
  const { bytes } = generated(random, version)
  const hex = bytes.toString('hex')
  const ours = decoded(bytes, version)
  assert.ok(!isFault(ours), `${hex}: ${JSON.stringify(ours)}`)
  const wire = parsed(bytes, version)
  assert.ok(!(wire instanceof Error))
  same(ours, wire, version, hex)
})

fuzz('a PUBLISH with bytes changed is refused, or read as mqtt-packet reads it', random => {
  const version = random.pick(versions)
  const { bytes } = generated(random, version)
  const body = mutated(bytes.subarray(startOf(bytes)), random)
  const first = random.once(4) ? 0x30 | random.below(16) : (bytes[0] ?? 0)
  const changed = withLength(Buffer.from([first]), body)
  const hex = `${changed.toString('hex')} in version ${version}`
  const started = performance.now()
  const ours = decoded(changed, version)
  assert.ok(performance.now() - started < 1_000, `slow: ${hex}`)
  if (isFault(ours)) {
    assert.ok(Object.hasOwn(faults, ours.fault) && ours.detail.length < 200, hex)
    return
  }
  const wire = parsed(changed, version)
  assert.ok(!(wire instanceof Error), `only we accept ${hex}: ${wire}`)
  same(ours, wire, version, hex)
})

fuzz('a PUBLISH of random bytes never throws and never hangs', random => {
  const body = random.bytes(random.pick([2, 10, 100, 1_000]))
  const version = random.pick(versions)
  const bytes = withLength(Buffer.from([0x30 | random.below(16)]), body)
  const ours = decoded(bytes, version)
  if (isFault(ours)) assert.ok(Object.hasOwn(faults, ours.fault), bytes.toString('hex'))
})

fuzz('random property blocks are refused or end within their packet', random => {
  const bytes = random.bytes(60)
  const limits = { userPropertiesMax: 4, userPropertyBytesMax: 30 }
  const read = readPublishProperties(bytes, 0, bytes.length, limits)
  if (isFault(read)) assert.ok(Object.hasOwn(faults, read.fault))
  else assert.ok(read.end >= 1 && read.end <= bytes.length, bytes.toString('hex'))
})

/** A message that came in one version, as packets of every other, patched as the writer does it. */
fuzz('a message that was decoded is encoded for every version as mqtt-packet reads it', random => {
  const from = random.pick(versions)
  const { bytes } = generated(random, from)
  const ours = decoded(bytes, from)
  assert.ok(!isFault(ours), bytes.toString('hex'))
  const { message } = ours
  const to = random.pick(versions)
  const qos = random.below(3) as QoS
  if (random.once(2)) message.own()
  const frame = message.frame(formOf(to, qos))
  const sent = Buffer.from(frame.bytes.subarray(frame.frameStart, frame.frameEnd))
  sent[0] = publishFirstByte(qos, message.retain, false)
  if (qos > 0) sent.writeUInt16BE(4_711, frame.packetIdAt - frame.frameStart)
  else assert.ok(frame.packetIdAt < 0)
  if (frame.expiryAt >= 0) sent.writeUInt32BE(77, frame.expiryAt - frame.frameStart)
  const wire = parsed(sent, to)
  assert.ok(!(wire instanceof Error), `${sent.toString('hex')}: ${wire}`)
  const expiring = to === 5 && message.expiresAt !== Number.POSITIVE_INFINITY
  assert.equal(frame.expiryAt >= 0, expiring)
  if (to === 5) assert.equal(wire.properties?.messageExpiryInterval, expiring ? 77 : undefined)
  assert.deepEqual(
    [wire.topic, wire.payload, wire.qos, wire.retain, wire.messageId ?? 0],
    [message.topic.name, message.payload, qos, message.retain, qos === 0 ? 0 : 4_711],
  )
  if (to === 5) assert.deepEqual({ ...wire.properties, ...NOT_FORWARDED }, forwardedOf(message, 5))
})

fuzz('a personal PUBLISH holds alias, identifiers and expiry as mqtt-packet reads them', random => {
  const from = random.pick(versions)
  const { bytes } = generated(random, from)
  const ours = decoded(bytes, from)
  assert.ok(!isFault(ours), bytes.toString('hex'))
  const { message } = ours
  const qos = random.below(3) as QoS
  const identifiers = random.list(5, () => random.pick([1, 127, 128, 16_384, 268_435_455]))
  const alias = random.pick(['none', 'new', 'known'] as const)
  const later = NOW + random.below(5) * 500
  const form = {
    qos,
    retain: random.once(2),
    dup: qos > 0 && random.once(2),
    packetId: (qos === 0 ? 0 : 1 + random.below(65_535)) as PacketId | 0,
    subscriptionIdentifiers: identifiers.length === 0 ? undefined : identifiers,
    topicAlias: alias === 'none' ? undefined : { number: 1 + random.below(65_535), is: alias },
  }
  const sent = encodePersonalPublish(message, form, later)
  const wire = parsed(sent, 5)
  assert.ok(!(wire instanceof Error), `${sent.toString('hex')}: ${wire}`)
  assert.deepEqual(
    [wire.topic, wire.payload, wire.qos, wire.retain, wire.dup, wire.messageId ?? 0],
    [alias === 'known' ? '' : message.topic.name, message.payload, qos, form.retain, form.dup, form.packetId],
  )
  const { properties } = wire
  assert.deepEqual([properties?.subscriptionIdentifier ?? []].flat(), identifiers)
  assert.equal(properties?.topicAlias, form.topicAlias?.number)
  const left = Math.max(1, Math.ceil((message.expiresAt - later) / 1000))
  assert.equal(properties?.messageExpiryInterval, Number.isFinite(left) ? left : undefined)
  assert.deepEqual({ ...properties, ...NOT_FORWARDED }, forwardedOf(message, 5))
})
