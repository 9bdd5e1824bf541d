// Property blocks of MQTT 5: each property in each place, values, duplicates, bounds and user properties.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultName } from '../../../server/protocol/fault.ts'
import { type PropertyPlace, propertyRules, readProperties } from '../../../server/protocol/properties.ts'
import { Reader } from '../../../server/protocol/reader.ts'
import { bytesOf, frameOf, limits, stringBytes } from './frames.ts'

/** Reads a block of these bytes; its length is put in front. */
function reading(place: PropertyPlace, block: Buffer, behind = Buffer.alloc(0)) {
  const { bytes, start, end } = frameOf(0, Buffer.concat([varint(block.length), block, behind]))
  const reader = new Reader(bytes, start, end)
  return { properties: readProperties(reader, place, limits.userProperties), reader }
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value % 128) | 128, value >> 7])
}

function faultOf(place: PropertyPlace, block: string): FaultName | undefined {
  return reading(place, bytesOf(block)).reader.problem?.fault
}

const samples: Record<string, string> = {
  byte: '01',
  boolean: '01',
  uint16: '00 01',
  uint32: '00 00 00 01',
  varint: '01',
  utf8: "'a'",
  binary: "'a'",
  pair: "'a' 'b'",
}

const places: readonly PropertyPlace[] = [
  'connect',
  'will',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'unsubscribe',
  'disconnect',
  'auth',
]

test('every identifier from 0 to 127 is accepted in its places and malformed in all others', () => {
  for (let identifier = 0; identifier < 128; identifier++) {
    const rule = propertyRules.get(identifier)
    const hex = identifier.toString(16).padStart(2, '0')
    for (const place of places) {
      const expected = rule?.places.includes(place) ? undefined : 'malformed-packet'
      const sample = samples[rule?.type ?? 'byte']
      assert.equal(faultOf(place, `${hex} ${sample}`), expected, `0x${hex} in ${place}`)
    }
  }
})

test('the same property twice is a protocol error, user properties aside', () => {
  for (const [identifier, rule] of propertyRules) {
    const one = `${identifier.toString(16).padStart(2, '0')} ${samples[rule.type]}`
    const expected = rule.type === 'pair' ? undefined : 'protocol-error'
    assert.equal(faultOf(rule.places[0]!, `${one} ${one}`), expected, rule.name)
  }
})

test('a property with the value 0, false or empty still counts as given', () => {
  assert.equal(faultOf('connect', '11 00000000 11 00000000'), 'protocol-error')
  assert.equal(faultOf('connect', '17 00 17 00'), 'protocol-error')
  assert.equal(faultOf('connect', "15 '' 15 ''"), 'protocol-error')
})

for (const [place, block, what] of [
  ['connect', '21 0000', 'receive maximum 0'],
  ['connect', '27 00000000', 'maximum packet size 0'],
  ['connect', '17 02', 'request problem information 2'],
  ['connect', '19 ff', 'request response information 255'],
  ['will', '01 02', 'payload format indicator 2'],
  ['subscribe', '0b 00', 'subscription identifier 0'],
] as const) {
  test(`${what} (${block}) is a protocol error`, () => {
    assert.equal(faultOf(place, block), 'protocol-error')
  })
}

for (const [place, block, what] of [
  ['connect', '11 000000', 'a number that crosses the end of the block'],
  ['connect', '26 0001', 'a user property without its name'],
  ['connect', "26 'a'", 'a user property without its value'],
  ['connect', "26 'a' 0005 62", 'a user property whose value crosses the end of the block'],
  ['connect', '15 0002 61', 'a string that crosses the end of the block'],
  ['connect', '15 0001 ff', 'a string that is not UTF-8 [MQTT5-1.5.7-1]'],
  ['connect', "26 'a' 0001 00", 'U+0000 in the value of a user property [MQTT5-1.5.7-1]'],
  ['connect', "26 0002 c0af 'a'", 'an overlong name of a user property [MQTT5-1.5.7-1]'],
  ['connect', '91 00 00000000', 'an identifier that is not in its shortest form [MQTT5-1.5.5-1]'],
  ['subscribe', '0b 8100', 'a subscription identifier that is not in its shortest form [MQTT5-1.5.5-1]'],
  ['subscribe', '0b ffffffff01', 'a subscription identifier of five bytes'],
] as const) {
  test(`${what} (${block}) is malformed although bytes follow the block`, () => {
    assert.equal(faultOf(place, block), 'malformed-packet')
  })
}

test('a block that is longer than the packet is malformed', () => {
  const { bytes, start, end } = frameOf(0, bytesOf('06 11 00000000'))
  const reader = new Reader(bytes, start, end)
  readProperties(reader, 'connect', limits.userProperties)
  assert.equal(reader.problem?.detail, 'the property block is cut short')
})

test('reads each type, and leaves what follows the block', () => {
  const block = bytesOf("11 ffffffff 21 ffff 27 00000001 22 0000 19 01 17 00 15 'x' 16 0002 00ff")
  const { properties, reader } = reading('connect', block, Buffer.from([9]))
  assert.deepEqual(properties, {
    sessionExpiryIntervalSeconds: 0xffffffff,
    receiveMaximum: 65_535,
    maximumPacketSizeBytes: 1,
    topicAliasMaximum: 0,
    requestResponseInformation: true,
    requestProblemInformation: false,
    authenticationMethod: 'x',
    authenticationData: Buffer.from([0, 255]),
  })
  assert.equal(reader.byte('behind'), 9)
})

test('an empty block has no properties [MQTT5-2.2.2-1]', () => {
  assert.deepEqual(reading('connect', Buffer.alloc(0)).properties, {})
})

test('user properties keep their order across names, and __proto__ is a name like any other', () => {
  const block = bytesOf("26 'b' '1' 26 '__proto__' 'x' 26 'a' '' 26 'constructor' 'y' 26 'b' '2' 26 '' '3'")
  const { properties } = reading('subscribe', block)
  assert.deepEqual(properties.userProperties, [
    ['b', '1'],
    ['__proto__', 'x'],
    ['a', ''],
    ['constructor', 'y'],
    ['b', '2'],
    ['', '3'],
  ])
  assert.equal(Object.getPrototypeOf(properties), Object.prototype)
})

test('more than 32 user properties exceed the quota', () => {
  const pair = Buffer.concat([Buffer.from([0x26]), stringBytes('a'), stringBytes('b')])
  const of = (count: number) => reading('connect', Buffer.concat(Array(count).fill(pair))).reader.problem
  assert.equal(of(32), undefined)
  assert.equal(of(33)?.fault, 'quota-exceeded')
})

test('more than 8,192 bytes of names and values exceed the quota', () => {
  const of = (length: number) => {
    const pair = Buffer.concat([Buffer.from([0x26]), stringBytes('n'), stringBytes('v'.repeat(length - 1))])
    return reading('connect', pair).reader.problem
  }
  assert.equal(of(8192), undefined)
  assert.equal(of(8193)?.fault, 'quota-exceeded')
})
