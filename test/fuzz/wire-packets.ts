// Random valid packets in the shapes of mqtt-packet, and those shapes as ours, so that both can be compared.

import type { ProtocolVersion } from '../../server/protocol/packet.ts'
import type { SeededRandom } from './seeded-random.ts'

/** A packet as mqtt-packet takes and gives it; its own types leave out much of what it accepts. */
export type WirePacket = Record<string, unknown> & { cmd: string }

const characters = [...'abcXYZ019 _-.:', 'ä', 'ß', '€', '\ufeff', '\u2028', '\uffff', '🦊', '𐀀']
const controls = ['\u0001', '\n', '\u007f', '\u009f']
const poison = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '$share', '$SYS', '']

function text(random: SeededRandom, from = characters, max = 24): string {
  if (random.once(8)) return random.pick(poison)
  return random.list(random.once(20) ? 400 : max, () => random.pick(from)).join('')
}

export function freeText(random: SeededRandom): string {
  return text(random, [...characters, ...controls, '+', '#', '/'])
}

export function topicName(random: SeededRandom): string {
  return random.list(6, () => text(random, characters, 8), 1).join('/') || 'topic'
}

function topicFilter(random: SeededRandom): string {
  return random.list(6, () => random.pick(['+', '#', '$share', text(random, characters, 8)]), 1).join('/')
}

/** One object a pair, which keeps the order of names. */
export function userProperties(random: SeededRandom): object[] | undefined {
  const pairs = random.list(5, () => ({ [freeText(random)]: freeText(random) }))
  return pairs.length === 0 ? undefined : pairs
}

/** Each property present or not, at random. */
function some(
  random: SeededRandom,
  makers: Record<string, () => unknown>,
): Record<string, unknown> | undefined {
  const made: Record<string, unknown> = {}
  for (const [name, make] of Object.entries(makers)) {
    const value = random.once(2) ? make() : undefined
    if (value !== undefined) made[name] = value
  }
  return Object.keys(made).length === 0 && random.once(2) ? undefined : made
}

function uint32(random: SeededRandom): number {
  return random.pick([0, 1, 0x80000000, 0xffffffff, random.below(2 ** 32)])
}

function connect(random: SeededRandom, protocolVersion: ProtocolVersion): WirePacket {
  const clientId = [...text(random)].slice(0, 200).join('') || (protocolVersion === 3 ? 'id' : '')
  const username = random.once(2) ? text(random) : undefined
  return {
    cmd: 'connect',
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion,
    clean: clientId === '' || random.once(2),
    keepalive: random.below(65_536),
    clientId,
    username,
    password: username !== undefined && random.once(2) ? random.bytes(20) : undefined,
    will: random.once(2) ? will(random, protocolVersion) : undefined,
    properties: protocolVersion < 5 ? undefined : connectProperties(random),
  }
}

function connectProperties(random: SeededRandom): Record<string, unknown> | undefined {
  const method = random.once(2) ? { authenticationData: () => random.bytes(20) } : {}
  const properties = some(random, {
    sessionExpiryInterval: () => uint32(random),
    receiveMaximum: () => 1 + random.below(65_535),
    maximumPacketSize: () => uint32(random) || 1,
    topicAliasMaximum: () => random.below(65_536),
    requestResponseInformation: () => random.once(2),
    requestProblemInformation: () => random.once(2),
    userProperties: () => userProperties(random),
    ...method,
  })
  if (properties?.['authenticationData'] !== undefined) properties['authenticationMethod'] = freeText(random)
  return properties
}

function will(random: SeededRandom, protocolVersion: ProtocolVersion): Record<string, unknown> {
  const isText = random.once(2)
  const payload = isText ? Buffer.from(freeText(random)) : random.bytes(60)
  const properties = some(random, {
    willDelayInterval: () => uint32(random),
    payloadFormatIndicator: () => isText,
    messageExpiryInterval: () => uint32(random),
    contentType: () => freeText(random),
    responseTopic: () => topicName(random),
    correlationData: () => random.bytes(20),
    userProperties: () => userProperties(random),
  })
  return {
    topic: topicName(random),
    payload,
    qos: random.below(3),
    retain: random.once(2),
    properties: protocolVersion < 5 ? undefined : properties,
  }
}

function explained(random: SeededRandom): Record<string, unknown> | undefined {
  return some(random, {
    reasonString: () => freeText(random),
    userProperties: () => userProperties(random),
  })
}

export function packetId(random: SeededRandom): number {
  return random.pick([1, 255, 256, 65_535, 1 + random.below(65_535)])
}

const publishCodes = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]
const disconnectCodes = [0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]

function acknowledgement(random: SeededRandom, version: ProtocolVersion, cmd: string): WirePacket {
  const codes = cmd === 'puback' || cmd === 'pubrec' ? publishCodes : [0, 0x92]
  const five = { reasonCode: random.pick(codes), properties: explained(random) }
  return { cmd, messageId: packetId(random), ...(version < 5 ? {} : five) }
}

function subscription(random: SeededRandom, version: ProtocolVersion): Record<string, unknown> {
  const topic = topicFilter(random)
  const five = {
    nl: !topic.startsWith('$share/') && random.once(2),
    rap: random.once(2),
    rh: random.below(3),
  }
  return { topic, qos: random.below(3), ...(version < 5 ? {} : five) }
}

/** What a client of that version may send, PUBLISH aside, by its name. */
export const clientPackets: Record<string, (random: SeededRandom, version: ProtocolVersion) => WirePacket> = {
  connect,
  puback: (random, version) => acknowledgement(random, version, 'puback'),
  pubrec: (random, version) => acknowledgement(random, version, 'pubrec'),
  pubrel: (random, version) => acknowledgement(random, version, 'pubrel'),
  pubcomp: (random, version) => acknowledgement(random, version, 'pubcomp'),
  subscribe: (random, version) => ({
    cmd: 'subscribe',
    messageId: packetId(random),
    subscriptions: random.list(6, () => subscription(random, version), 1),
    properties: some(random, {
      subscriptionIdentifier: () => random.pick([1, 127, 128, 16_384, 268_435_455]),
      userProperties: () => userProperties(random),
    }),
  }),
  unsubscribe: random => ({
    cmd: 'unsubscribe',
    messageId: packetId(random),
    unsubscriptions: random.list(6, () => topicFilter(random), 1),
    properties: some(random, { userProperties: () => userProperties(random) }),
  }),
  pingreq: () => ({ cmd: 'pingreq' }),
  disconnect: random => ({
    cmd: 'disconnect',
    reasonCode: random.pick(disconnectCodes),
    properties: some(random, {
      sessionExpiryInterval: () => uint32(random),
      reasonString: () => freeText(random),
      userProperties: () => userProperties(random),
      serverReference: () => freeText(random),
    }),
  }),
  auth: random => ({
    cmd: 'auth',
    reasonCode: random.pick([0x18, 0x19]),
    properties: {
      ...some(random, {
        authenticationData: () => random.bytes(20),
        reasonString: () => freeText(random),
        userProperties: () => userProperties(random),
      }),
      authenticationMethod: freeText(random),
    },
  }),
}

/** Properties of the server's packets, in our shape. */
export function serverProperties(random: SeededRandom): Record<string, unknown> {
  const pairs = () => random.list(5, () => [freeText(random), freeText(random)] as const)
  return some(random, { reasonString: () => freeText(random), userProperties: pairs }) ?? {}
}

export function connackProperties(random: SeededRandom): Record<string, unknown> {
  const made = some(random, {
    sessionExpiryIntervalSeconds: () => uint32(random),
    receiveMaximum: () => 1 + random.below(65_535),
    maximumQoS: () => random.below(2),
    retainAvailable: () => random.once(2),
    maximumPacketSizeBytes: () => 1 + random.below(2 ** 32 - 1),
    assignedClientIdentifier: () => freeText(random),
    topicAliasMaximum: () => random.below(65_536),
    wildcardSubscriptionAvailable: () => random.once(2),
    subscriptionIdentifiersAvailable: () => random.once(2),
    sharedSubscriptionAvailable: () => random.once(2),
    serverKeepAliveSeconds: () => random.below(65_536),
    responseInformation: () => freeText(random),
    serverReference: () => freeText(random),
    authenticationMethod: () => freeText(random),
    authenticationData: () => new Uint8Array(random.bytes(20)),
  })
  return { ...made, ...serverProperties(random) }
}
