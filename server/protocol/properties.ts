// The properties that a client may send outside of PUBLISH in one table, and the decoder of a property block (5.0 section 2.2.2).

import type {
  AcknowledgementProperties,
  AuthProperties,
  ConnectProperties,
  DisconnectProperties,
  UserProperties,
  WillProperties,
} from './packet.ts'
import type { Reader } from './reader.ts'

/** What one property block may hold; beyond it the packet is refused with 'quota-exceeded'. */
export interface UserPropertyLimits {
  readonly pairsMax: number
  /** Names and values together, without their length fields. */
  readonly bytesMax: number
}

/** The shape that the property block of each place decodes to. */
export interface PropertiesAt {
  connect: ConnectProperties
  will: WillProperties
  puback: AcknowledgementProperties
  pubrec: AcknowledgementProperties
  pubrel: AcknowledgementProperties
  pubcomp: AcknowledgementProperties
  subscribe: { subscriptionIdentifier?: number; userProperties?: UserProperties }
  unsubscribe: { userProperties?: UserProperties }
  disconnect: DisconnectProperties
  auth: AuthProperties
}

export type PropertyPlace = keyof PropertiesAt

type NamesAt<Place> = Place extends PropertyPlace ? keyof PropertiesAt[Place] : never
type PropertyType = 'byte' | 'boolean' | 'uint16' | 'uint32' | 'varint' | 'utf8' | 'binary' | 'pair'

/** A value outside is a Protocol Error. */
interface PropertyRange {
  readonly min?: number
  readonly max?: number
}

interface PropertyRule {
  readonly name: NamesAt<PropertyPlace>
  readonly type: PropertyType
  readonly places: readonly PropertyPlace[]
  readonly range: PropertyRange
  /** The name as the subject of a sentence. */
  readonly label: string
}

const explained: readonly PropertyPlace[] = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'disconnect', 'auth']
const everywhere: readonly PropertyPlace[] = ['connect', 'will', 'subscribe', 'unsubscribe', ...explained]

const notZero: PropertyRange = { min: 1 }
const zeroOrOne: PropertyRange = { max: 1 }

/** Property identifier to rule (5.0 table 2-4, less what only a PUBLISH or the server carries). */
export const propertyRules: ReadonlyMap<number, PropertyRule> = new Map([
  rule(0x01, 'payloadFormatIndicator', 'byte', ['will'], zeroOrOne),
  rule(0x02, 'messageExpiryIntervalSeconds', 'uint32', ['will']),
  rule(0x03, 'contentType', 'utf8', ['will']),
  rule(0x08, 'responseTopic', 'utf8', ['will']),
  rule(0x09, 'correlationData', 'binary', ['will']),
  rule(0x0b, 'subscriptionIdentifier', 'varint', ['subscribe'], notZero),
  rule(0x11, 'sessionExpiryIntervalSeconds', 'uint32', ['connect', 'disconnect']),
  rule(0x15, 'authenticationMethod', 'utf8', ['connect', 'auth']),
  rule(0x16, 'authenticationData', 'binary', ['connect', 'auth']),
  rule(0x17, 'requestProblemInformation', 'boolean', ['connect'], zeroOrOne),
  rule(0x18, 'willDelayIntervalSeconds', 'uint32', ['will']),
  rule(0x19, 'requestResponseInformation', 'boolean', ['connect'], zeroOrOne),
  rule(0x1c, 'serverReference', 'utf8', ['disconnect']),
  rule(0x1f, 'reasonString', 'utf8', explained),
  rule(0x21, 'receiveMaximum', 'uint16', ['connect'], notZero),
  rule(0x22, 'topicAliasMaximum', 'uint16', ['connect']),
  rule(0x26, 'userProperties', 'pair', everywhere),
  rule(0x27, 'maximumPacketSizeBytes', 'uint32', ['connect'], notZero),
])

function rule(
  identifier: number,
  name: PropertyRule['name'],
  type: PropertyType,
  places: readonly PropertyPlace[],
  range: PropertyRange = {},
): [number, PropertyRule] {
  return [identifier, { name, type, places, range, label: `the property ${name}` }]
}

/**
 * Reads a property block, its length field included, and nothing behind it. Problems stick to `reader`:
 * 'malformed-packet' for an unknown identifier, one that does not belong to this packet, or a value that
 * crosses the end of the block; 'protocol-error' for a property that stands twice or a forbidden value.
 */
export function readProperties<Place extends PropertyPlace>(
  reader: Reader,
  place: Place,
  limits: UserPropertyLimits,
): PropertiesAt[Place] {
  const block = reader.block(reader.varint('the property length'), 'the property block')
  // Keys come from the table above, never from the wire, so that a plain object is safe.
  const values: Record<string, unknown> = {}
  const pairs: (readonly [string, string])[] = []
  let pairBytes = 0
  while (block.remaining > 0) {
    const found = readRule(block, place, values)
    if (found === undefined) break
    if (found.type !== 'pair') {
      values[found.name] = readValue(block, found)
      continue
    }
    const before = block.remaining
    pairs.push([block.utf8('the name of a user property'), block.utf8('the value of a user property')])
    pairBytes += before - block.remaining - 4
    checkPairs(block, pairs.length, pairBytes, limits)
  }
  if (pairs.length > 0) values['userProperties'] = pairs
  if (block.problem !== undefined) reader.failWith(block.problem)
  return values as PropertiesAt[Place]
}

function readRule(block: Reader, place: PropertyPlace, values: object): PropertyRule | undefined {
  const identifier = block.varint('the property identifier')
  if (block.problem !== undefined) return undefined
  const found = propertyRules.get(identifier)
  if (found === undefined || !found.places.includes(place)) {
    const hex = identifier.toString(16).padStart(2, '0')
    block.fail('malformed-packet', `the property 0x${hex} does not belong in ${blockOwner(place)}`)
    return undefined
  }
  if (Object.hasOwn(values, found.name)) {
    block.fail('protocol-error', `${found.label} stands twice`)
    return undefined
  }
  return found
}

function readValue(block: Reader, found: PropertyRule): unknown {
  if (found.type === 'utf8') return block.utf8(found.label)
  if (found.type === 'binary') return block.binary(found.label)
  const value = readNumber(block, found)
  const { min = 0, max = Number.POSITIVE_INFINITY } = found.range
  if (value < min || value > max) block.fail('protocol-error', `${found.label} must not be ${value}`)
  return found.type === 'boolean' ? value === 1 : value
}

function readNumber(block: Reader, found: PropertyRule): number {
  if (found.type === 'uint16') return block.uint16(found.label)
  if (found.type === 'uint32') return block.uint32(found.label)
  if (found.type === 'varint') return block.varint(found.label)
  return block.byte(found.label)
}

function checkPairs(block: Reader, count: number, bytes: number, limits: UserPropertyLimits): void {
  if (count > limits.pairsMax) block.fail('quota-exceeded', `more than ${limits.pairsMax} user properties`)
  if (bytes > limits.bytesMax) {
    block.fail('quota-exceeded', `the user properties take more than ${limits.bytesMax} bytes`)
  }
}

function blockOwner(place: PropertyPlace): string {
  return place === 'will' ? 'the will' : place.toUpperCase()
}
