// Brings our packets and those of mqtt-packet into one shape, without what mqtt-packet cannot keep.

import type { ProtocolVersion, UserProperties } from '../../server/protocol/packet.ts'
import type { WirePacket } from './wire-packets.ts'

type Plain = Record<string, unknown>

const ownNames: ReadonlyMap<string, string> = new Map([
  ['sessionExpiryInterval', 'sessionExpiryIntervalSeconds'],
  ['maximumPacketSize', 'maximumPacketSizeBytes'],
  ['serverKeepAlive', 'serverKeepAliveSeconds'],
  ['willDelayInterval', 'willDelayIntervalSeconds'],
  ['messageExpiryInterval', 'messageExpiryIntervalSeconds'],
])

/** The properties of a packet of mqtt-packet as ours name them; a list of one-pair objects becomes pairs. */
function ownProperties(wire: unknown): Plain {
  const own: Plain = {}
  for (const [name, value] of Object.entries((wire ?? {}) as Plain)) {
    if (name === 'payloadFormatIndicator') own[name] = value === true ? 1 : 0
    else if (name === 'userProperties' && Array.isArray(value)) own[name] = value.flatMap(Object.entries)
    else own[ownNames.get(name) ?? name] = value
  }
  return own
}

/** A packet of mqtt-packet, made or parsed, in our shape. */
export function ownPacket(wire: WirePacket, version: ProtocolVersion): Plain {
  const properties = version < 5 ? {} : ownProperties(wire['properties'])
  const { subscriptionIdentifier, userProperties } = properties
  const type = wire.cmd
  const packetId = wire['messageId']
  switch (type) {
    case 'connect':
      return {
        type,
        protocolVersion: wire['protocolVersion'],
        cleanStart: wire['clean'],
        keepAliveSeconds: wire['keepalive'],
        clientId: wire['clientId'],
        username: wire['username'],
        password: wire['password'],
        will: ownWill(wire['will'] as Plain | undefined),
        properties: wire['protocolVersion'] === 5 ? ownProperties(wire['properties']) : {},
      }
    case 'connack': {
      const code = version < 5 ? wire['returnCode'] : wire['reasonCode']
      return { type, sessionPresent: wire['sessionPresent'], code, properties }
    }
    case 'subscribe': {
      const subscriptions = (wire['subscriptions'] as Plain[]).map(ownSubscription)
      return { type, packetId, subscriptions, subscriptionIdentifier, userProperties }
    }
    case 'unsubscribe':
      return { type, packetId, topicFilters: wire['unsubscriptions'], userProperties }
    case 'suback':
    case 'unsuback':
      return { type, packetId, codes: wire['granted'] ?? [], properties }
    case 'pingreq':
    case 'pingresp':
      return { type }
    case 'disconnect':
    case 'auth':
      return { type, code: version < 5 ? 0 : wire['reasonCode'], properties }
    default:
      return { type, packetId, code: wire['reasonCode'] ?? 0, properties }
  }
}

function ownWill(will: Plain | undefined): Plain | undefined {
  return will && { ...will, properties: ownProperties(will['properties']) }
}

function ownSubscription(wire: Plain): Plain {
  return {
    topicFilter: wire['topic'],
    qos: wire['qos'],
    noLocal: wire['nl'] ?? false,
    retainAsPublished: wire['rap'] ?? false,
    retainHandling: wire['rh'] ?? 0,
  }
}

/** A packet in our shape with its user properties as mqtt-packet's parser reports them. */
export function folded(packet: object): Plain {
  const plain: Plain = { ...packet }
  for (const holder of ['properties', 'will']) {
    const held = plain[holder]
    if (typeof held === 'object' && held !== null) plain[holder] = folded(held)
  }
  const pairs = plain['userProperties']
  if (Array.isArray(pairs)) plain['userProperties'] = foldedPairs(pairs as unknown as UserProperties)
  for (const [name, value] of Object.entries(plain)) {
    if (value instanceof Uint8Array) plain[name] = Buffer.from(value)
  }
  return plain
}

/** By name, several values as a list; one that follows only empty values replaces them, as in mqtt-packet. */
function foldedPairs(pairs: UserProperties): Plain | undefined {
  const values: Plain = Object.create(null)
  for (const [name, value] of pairs) {
    const earlier = values[name]
    if (Array.isArray(earlier)) earlier.push(value)
    else values[name] = earlier ? [earlier, value] : value
  }
  return pairs.length === 0 ? undefined : values
}
