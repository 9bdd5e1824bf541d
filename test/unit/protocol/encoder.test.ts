// What the server sends, byte by byte, and what is left out when a client has little room.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from '../../../server/protocol/encoder.ts'
import type {
  PacketId,
  ProtocolVersion,
  ServerPacket,
  UserProperties,
} from '../../../server/protocol/packet.ts'
import { bytesOf } from './frames.ts'

const packetId = 0x0102 as PacketId
const properties = {}
const empty = Buffer.alloc(0)

const cases: readonly [readonly ProtocolVersion[], ServerPacket, string, string][] = [
  [[3, 4, 5], { type: 'pingresp' }, 'd0 00', 'PINGRESP'],
  [[3, 4, 5], { type: 'puback', packetId, code: 0, properties }, '40 02 0102', 'PUBACK in its short form'],
  [[3, 4, 5], { type: 'pubrec', packetId, code: 0, properties }, '50 02 0102', 'PUBREC in its short form'],
  [
    [3, 4, 5],
    { type: 'pubrel', packetId, code: 0, properties },
    '62 02 0102',
    'PUBREL in its short form [MQTT5-3.6.1-1]',
  ],
  [[3, 4, 5], { type: 'pubcomp', packetId, code: 0, properties }, '70 02 0102', 'PUBCOMP in its short form'],
  [
    [5],
    { type: 'puback', packetId, code: 0x97, properties },
    '40 03 0102 97',
    'a code without property length',
  ],
  [
    [5],
    { type: 'pubrel', packetId, code: 0x92, properties },
    '62 03 0102 92',
    'a code without property length',
  ],
  [[3, 4], { type: 'puback', packetId, code: 0x97, properties }, '40 02 0102', 'no code in 3.x'],
  [
    [5],
    { type: 'pubrec', packetId, code: 0x97, properties: { reasonString: 'no' } },
    "50 09 0102 97 ( 1f 'no' )",
    'a reason string',
  ],
  [
    [5],
    { type: 'puback', packetId, code: 0, properties: { userProperties: [['a', 'b']] } },
    "40 0b 0102 00 ( 26 'a' 'b' )",
    'a user property with code 0',
  ],
  [[4], { type: 'connack', sessionPresent: true, code: 0, properties }, '20 02 01 00', 'session present'],
  [
    [3],
    { type: 'connack', sessionPresent: true, code: 0, properties },
    '20 02 00 00',
    'no session present in 3.1',
  ],
  [
    [4],
    { type: 'connack', sessionPresent: true, code: 5, properties },
    '20 02 00 05',
    'no session present with a refusal [MQTT3-3.2.2-4]',
  ],
  [
    [5],
    { type: 'connack', sessionPresent: true, code: 0x87, properties },
    '20 03 00 87 00',
    'no session present with a refusal [MQTT5-3.2.2-6]',
  ],
  [
    [5],
    { type: 'connack', sessionPresent: false, code: 0, properties },
    '20 03 00 00 00',
    'CONNACK says so when it has no properties [MQTT5-2.2.2-1]',
  ],
  [
    [4],
    { type: 'connack', sessionPresent: false, code: 0, properties: { receiveMaximum: 5 } },
    '20 02 00 00',
    'no properties in 3.x',
  ],
  [
    [5],
    {
      type: 'connack',
      sessionPresent: true,
      code: 0,
      properties: {
        sessionExpiryIntervalSeconds: 10,
        receiveMaximum: 32,
        maximumQoS: 1,
        retainAvailable: false,
        maximumPacketSizeBytes: 65_536,
        assignedClientIdentifier: 'x',
        topicAliasMaximum: 10,
        reasonString: 'r',
        wildcardSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: true,
        sharedSubscriptionAvailable: false,
        serverKeepAliveSeconds: 60,
        responseInformation: 'i',
        serverReference: 's',
        authenticationMethod: 'm',
        authenticationData: new Uint8Array([1]),
        userProperties: [
          ['b', '1'],
          ['__proto__', ''],
          ['b', '2'],
        ],
      },
    },
    "20 54 01 00 ( 11 0000000a 21 0020 24 01 25 00 27 00010000 12 'x' 22 000a 1f 'r' 28 01 29 01 2a 00 13 003c 1a 'i' 1c 's' 15 'm' 16 0001 01 26 'b' '1' 26 '__proto__' '' 26 'b' '2' )",
    'every property of CONNACK, user properties in their order',
  ],
  [
    [5],
    { type: 'suback', packetId, codes: [0, 2, 0x8f], properties },
    '90 06 0102 00 00028f',
    'SUBACK [MQTT5-3.9.3-1]',
  ],
  [
    [3, 4],
    { type: 'suback', packetId, codes: [0, 1, 2, 0x8f, 0x97], properties },
    '90 07 0102 0001028080',
    'SUBACK with 0x80 as its only failure [MQTT3-3.9.3-1] [MQTT3-3.9.3-2]',
  ],
  [
    [5],
    { type: 'unsuback', packetId, codes: [0, 0x11], properties },
    'b0 05 0102 00 0011',
    'UNSUBACK [MQTT5-3.11.3-1]',
  ],
  [
    [3, 4],
    { type: 'unsuback', packetId, codes: [0, 0x11], properties },
    'b0 02 0102',
    'UNSUBACK without codes in 3.x',
  ],
  [[5], { type: 'disconnect', code: 0x8e, properties }, 'e0 02 8e 00', 'DISCONNECT'],
  [
    [5],
    { type: 'disconnect', code: 0x9d, properties: { serverReference: 'x' } },
    "e0 06 9d ( 1c 'x' )",
    'DISCONNECT with a server reference',
  ],
  [[3, 4], { type: 'disconnect', code: 0x8e, properties }, '', 'no DISCONNECT from the server in 3.x'],
  [
    [5],
    { type: 'auth', code: 0x18, properties: { authenticationMethod: 'm', authenticationData: empty } },
    "f0 09 18 ( 15 'm' 16 '' )",
    'AUTH',
  ],
  [[3, 4], { type: 'auth', code: 0x18, properties }, '', 'no AUTH in 3.x'],
]

for (const [versions, packet, hex, what] of cases) {
  for (const version of versions) {
    test(`encodes ${what} as ${hex.slice(0, 60)} in version ${version}`, () => {
      const expected = bytesOf(hex)
      assert.equal(encode(packet, version).toString('hex'), expected.toString('hex'))
    })
  }
}

const userProperties: UserProperties = [['name', 'value']]
const explained = { reasonString: 'because', userProperties }
const shrinking: readonly [ServerPacket, string][] = [
  [
    { type: 'connack', sessionPresent: false, code: 0x97, properties: explained },
    '[MQTT5-3.2.2-19] [MQTT5-3.2.2-20]',
  ],
  [{ type: 'puback', packetId, code: 0x97, properties: explained }, '[MQTT5-3.4.2-2] [MQTT5-3.4.2-3]'],
  [{ type: 'pubrec', packetId, code: 0x97, properties: explained }, '[MQTT5-3.5.2-2] [MQTT5-3.5.2-3]'],
  [{ type: 'pubrel', packetId, code: 0x92, properties: explained }, '[MQTT5-3.6.2-2] [MQTT5-3.6.2-3]'],
  [{ type: 'pubcomp', packetId, code: 0x92, properties: explained }, '[MQTT5-3.7.2-2] [MQTT5-3.7.2-3]'],
  [{ type: 'suback', packetId, codes: [0x97], properties: explained }, '[MQTT5-3.9.2-1] [MQTT5-3.9.2-2]'],
  [{ type: 'unsuback', packetId, codes: [0x80], properties: explained }, '[MQTT5-3.11.2-1] [MQTT5-3.11.2-2]'],
  [{ type: 'disconnect', code: 0x97, properties: explained }, '[MQTT5-3.14.2-3] [MQTT5-3.14.2-4]'],
  [{ type: 'auth', code: 0x18, properties: explained }, '[MQTT5-3.15.2-2] [MQTT5-3.15.2-3]'],
]

for (const [packet, tags] of shrinking) {
  test(`${packet.type} drops its reason string, then its user properties, to fit, or is not sent ${tags} [MQTT5-3.1.2-24]`, () => {
    const of = (left: object) => encode({ ...packet, properties: left } as ServerPacket, 5)
    const [full, unexplained, bare] = [of(explained), of({ userProperties }), of({})]
    assert.ok(full.length > unexplained.length && unexplained.length > bare.length)
    const within = (maximumPacketSizeBytes: number) => encode(packet, 5, { maximumPacketSizeBytes })
    assert.deepEqual(within(full.length), full)
    assert.deepEqual(within(full.length - 1), unexplained)
    assert.deepEqual(within(unexplained.length), unexplained)
    assert.deepEqual(within(unexplained.length - 1), bare)
    assert.deepEqual(within(bare.length), bare)
    assert.deepEqual(within(bare.length - 1), empty)
  })
}

test('a client that asked for no problem information gets it in CONNACK and DISCONNECT alone [MQTT5-3.1.2-29]', () => {
  for (const [packet] of shrinking) {
    const silent = encode(packet, 5, { requestProblemInformation: false })
    const keeps = packet.type === 'connack' || packet.type === 'disconnect'
    assert.equal(silent.includes('because') && silent.includes('value'), keeps, packet.type)
  }
})

test('a reason string or user property that no packet can hold is left out', () => {
  const long = 'x'.repeat(65_536)
  const packet: ServerPacket = {
    type: 'disconnect',
    code: 0x97,
    properties: {
      reasonString: long,
      userProperties: [
        ['a', long],
        ['b', 'c'],
      ],
    },
  }
  assert.deepEqual(encode(packet, 5), bytesOf("e0 09 97 ( 26 'b' 'c' )"))
})

test('a property value that no packet can hold is a bug of ours, and thrown', () => {
  const properties = { serverReference: 'x'.repeat(65_536) }
  assert.throws(() => encode({ type: 'disconnect', code: 0x9d, properties }, 5))
})
