// Packets of a connected client: what each decodes to, and which fault each malformed one gives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../../../server/protocol/decoder.ts'
import { type FaultName, isFault } from '../../../server/protocol/fault.ts'
import type { ProtocolVersion } from '../../../server/protocol/packet.ts'
import { bytesOf, frame, frameOf, limits } from './frames.ts'

type Versions = readonly ProtocolVersion[]
const all: Versions = [3, 4, 5]
const classic: Versions = [3, 4]
const five: Versions = [5]

const plain = { noLocal: false, retainAsPublished: false, retainHandling: 0 }
const none = { subscriptionIdentifier: undefined, userProperties: undefined }

const accepted: readonly [Versions, string, object][] = [
  [all, '40 0102', { type: 'puback', packetId: 258, code: 0, properties: {} }],
  [all, '50 ffff', { type: 'pubrec', packetId: 65_535, code: 0, properties: {} }],
  [all, '62 0001', { type: 'pubrel', packetId: 1, code: 0, properties: {} }],
  [all, '70 0001', { type: 'pubcomp', packetId: 1, code: 0, properties: {} }],
  [five, '40 0001 00', { type: 'puback', packetId: 1, code: 0, properties: {} }],
  [five, '40 0001 10', { type: 'puback', packetId: 1, code: 0x10, properties: {} }],
  [five, '50 0001 97 ( )', { type: 'pubrec', packetId: 1, code: 0x97, properties: {} }],
  [five, '62 0001 92', { type: 'pubrel', packetId: 1, code: 0x92, properties: {} }],
  [
    five,
    "70 0001 92 ( 26 'a' 'b' 1f 'no' )",
    {
      type: 'pubcomp',
      packetId: 1,
      code: 0x92,
      properties: { reasonString: 'no', userProperties: [['a', 'b']] },
    },
  ],
  [all, 'c0', { type: 'pingreq' }],
  [all, 'e0', { type: 'disconnect', code: 0, properties: {} }],
  [five, 'e0 04', { type: 'disconnect', code: 4, properties: {} }],
  [five, 'e0 00 ( )', { type: 'disconnect', code: 0, properties: {} }],
  [
    five,
    "e0 81 ( 11 0000000a 1f 'x' )",
    { type: 'disconnect', code: 0x81, properties: { sessionExpiryIntervalSeconds: 10, reasonString: 'x' } },
  ],
  [five, "f0 18 ( 15 'x' )", { type: 'auth', code: 0x18, properties: { authenticationMethod: 'x' } }],
  [
    five,
    "f0 19 ( 16 0001ff 15 'x' )",
    {
      type: 'auth',
      code: 0x19,
      properties: { authenticationMethod: 'x', authenticationData: Buffer.from([255]) },
    },
  ],
  [
    classic,
    "82 0001 'a/#' 01 '+' 02",
    {
      type: 'subscribe',
      packetId: 1,
      subscriptions: [
        { topicFilter: 'a/#', qos: 1, ...plain },
        { topicFilter: '+', qos: 2, ...plain },
      ],
      ...none,
    },
  ],
  [
    five,
    "82 0001 ( 26 'k' 'v' 0b ffffff7f ) 'a' 2e '$share/g/b' 18",
    {
      type: 'subscribe',
      packetId: 1,
      subscriptions: [
        { topicFilter: 'a', qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { topicFilter: '$share/g/b', qos: 0, noLocal: false, retainAsPublished: true, retainHandling: 1 },
      ],
      subscriptionIdentifier: 268_435_455,
      userProperties: [['k', 'v']],
    },
  ],
  [
    classic,
    "a2 0001 'a' '__proto__'",
    { type: 'unsubscribe', packetId: 1, topicFilters: ['a', '__proto__'], userProperties: undefined },
  ],
  [
    five,
    "a2 0001 ( 26 'k' 'v' ) 'a'",
    { type: 'unsubscribe', packetId: 1, topicFilters: ['a'], userProperties: [['k', 'v']] },
  ],
]

for (const [versions, hex, expected] of accepted) {
  for (const version of versions) {
    test(`decodes ${hex} in version ${version}`, () => {
      assert.deepEqual(decode(frame(hex), version, limits), expected)
    })
  }
}

test('DUP on PUBREL, SUBSCRIBE and UNSUBSCRIBE is part of 3.1, and of no later version [MQTT3-3.8.1-1] [MQTT5-3.8.1-1]', () => {
  for (const hex of ['6a 0001', "8a 0001 'a' 00", "aa 0001 'a'"]) {
    assert.ok(!isFault(decode(frame(hex), 3, limits)), hex)
    for (const version of [4, 5] as const) assert.ok(isFault(decode(frame(hex), version, limits)), hex)
  }
})

test('an empty topic filter, or one with wildcards out of place, is left to the caller, who refuses it alone', () => {
  for (const filter of ['', 'a#', '$share//x']) {
    const packet = decode(frame(`82 0001 ( ) '${filter}' 00`), 5, limits)
    assert.ok(!isFault(packet) && packet.type === 'subscribe')
    assert.equal(packet.subscriptions[0]?.topicFilter, filter)
  }
})

const refused: readonly [Versions, string, FaultName, string][] = [
  [all, '00', 'malformed-packet', 'packet type 0'],
  [all, "10 'MQTT' 04 02 0000 'a'", 'protocol-error', 'a second CONNECT [MQTT5-3.1.0-2] [MQTT3-3.1.0-2]'],
  [all, '20 0000', 'protocol-error', 'CONNACK from a client'],
  [all, '90 0001 00', 'protocol-error', 'SUBACK from a client'],
  [all, 'b0 0001', 'protocol-error', 'UNSUBACK from a client'],
  [all, 'd0', 'protocol-error', 'PINGRESP from a client'],
  [classic, 'f0', 'malformed-packet', 'AUTH in 3.x'],

  [all, '40', 'malformed-packet', 'PUBACK without packet identifier'],
  [all, '40 00', 'malformed-packet', 'PUBACK of one byte'],
  [all, '40 0000', 'protocol-error', 'packet identifier 0 in PUBACK'],
  [classic, '40 0001 00', 'malformed-packet', 'PUBACK with a reason code in 3.x'],
  [five, '40 0001 92', 'protocol-error', 'a code of PUBREL in PUBACK [MQTT5-3.4.2-1]'],
  [five, '50 0001 01', 'protocol-error', 'an unknown code in PUBREC [MQTT5-3.5.2-1]'],
  [five, '62 0001 97', 'protocol-error', 'a code of PUBACK in PUBREL [MQTT5-3.6.2-1]'],
  [five, '70 0001 80', 'protocol-error', 'an unknown code in PUBCOMP [MQTT5-3.7.2-1]'],
  [five, '40 0001 00 01', 'malformed-packet', 'properties cut short in PUBACK'],
  [five, '40 0001 00 00 00', 'malformed-packet', 'bytes behind the properties of PUBACK'],
  [five, '40 0001 00 ( 11 00000000 )', 'malformed-packet', 'a property of CONNECT in PUBACK'],
  [five, "40 0001 00 ( 1f 'a' 1f 'b' )", 'protocol-error', 'two reason strings'],

  [all, '82', 'malformed-packet', 'SUBSCRIBE without packet identifier'],
  [classic, "82 0000 'a' 00", 'protocol-error', 'packet identifier 0 in SUBSCRIBE [MQTT3-2.3.1-1]'],
  [five, "82 0000 ( ) 'a' 00", 'protocol-error', 'packet identifier 0 in SUBSCRIBE [MQTT5-2.2.1-3]'],
  [classic, '82 0001', 'protocol-error', 'SUBSCRIBE without a filter [MQTT3-3.8.3-3]'],
  [five, '82 0001 ( )', 'protocol-error', 'SUBSCRIBE without a filter [MQTT5-3.8.3-2]'],
  [five, '82 0001', 'malformed-packet', 'SUBSCRIBE without a property length'],
  [classic, "82 0001 'a'", 'malformed-packet', 'SUBSCRIBE without options'],
  [classic, "82 0001 'a' 04", 'malformed-packet', 'reserved bits in 3.x [MQTT3-3.8.3-4]'],
  [classic, "82 0001 'a' 80", 'malformed-packet', 'reserved bits in 3.x [MQTT3-3.8.3-4]'],
  [classic, "82 0001 'a' 03", 'malformed-packet', 'QoS 3 in 3.x [MQTT3-3.8.3-4]'],
  [five, "82 0001 ( ) 'a' 40", 'malformed-packet', 'reserved bit 6 [MQTT5-3.8.3-5]'],
  [five, "82 0001 ( ) 'a' 80", 'malformed-packet', 'reserved bit 7 [MQTT5-3.8.3-5]'],
  [five, "82 0001 ( ) 'a' 03", 'protocol-error', 'QoS 3'],
  [five, "82 0001 ( ) 'a' 30", 'protocol-error', 'retain handling 3'],
  [
    five,
    "82 0001 ( ) '$share/g/a' 04",
    'protocol-error',
    'No Local on a shared subscription [MQTT5-3.8.3-4]',
  ],
  [five, "82 0001 ( 0b 01 0b 01 ) 'a' 00", 'protocol-error', 'two subscription identifiers'],
  [five, "82 0001 ( 0b 00 ) 'a' 00", 'protocol-error', 'subscription identifier 0'],
  [classic, "82 0001 'a' 00 0001 ff 00", 'malformed-packet', 'a filter that is not UTF-8 [MQTT3-3.8.3-1]'],
  [five, '82 0001 ( ) 0001 ff 00', 'malformed-packet', 'a filter that is not UTF-8 [MQTT5-3.8.3-1]'],
  [all, '82 0001 0001 00 00', 'malformed-packet', 'U+0000 in a filter'],
  [classic, "82 0001 'a' 00 0005 61 00", 'malformed-packet', 'a filter that crosses the end'],

  [classic, "a2 0000 'a'", 'protocol-error', 'packet identifier 0 in UNSUBSCRIBE [MQTT3-2.3.1-1]'],
  [classic, 'a2 0001', 'protocol-error', 'UNSUBSCRIBE without a filter [MQTT3-3.10.3-2]'],
  [five, 'a2 0001 ( )', 'protocol-error', 'UNSUBSCRIBE without a filter [MQTT5-3.10.2-2]'],
  [classic, 'a2 0001 0001 ff', 'malformed-packet', 'a filter that is not UTF-8 [MQTT3-3.10.3-1]'],
  [five, 'a2 0001 ( ) 0001 ff', 'malformed-packet', 'a filter that is not UTF-8 [MQTT5-3.10.2-1]'],
  [classic, "a2 0001 'a' 00", 'malformed-packet', 'a byte behind the last filter'],
  [five, "a2 0001 ( 0b 01 ) 'a'", 'malformed-packet', 'a subscription identifier in UNSUBSCRIBE'],

  [all, 'c0 00', 'malformed-packet', 'PINGREQ with a body'],

  [classic, 'e0 00', 'malformed-packet', 'DISCONNECT with a body in 3.x'],
  [five, 'e0 01', 'protocol-error', 'an unknown code in DISCONNECT [MQTT5-3.14.2-1]'],
  [five, 'e0 8e', 'protocol-error', 'a code of the server in DISCONNECT [MQTT5-3.14.2-1]'],
  [five, 'e0 00 05', 'malformed-packet', 'properties cut short in DISCONNECT'],
  [five, 'e0 00 ( ) 00', 'malformed-packet', 'a byte behind the properties of DISCONNECT'],

  [five, 'f0', 'protocol-error', 'the empty AUTH, which only the server sends'],
  [five, "f0 00 ( 15 'x' )", 'protocol-error', 'Success in AUTH from a client [MQTT5-3.15.2-1]'],
  [five, "f0 1a ( 15 'x' )", 'protocol-error', 'an unknown code in AUTH [MQTT5-3.15.2-1]'],
  [five, 'f0 18', 'malformed-packet', 'AUTH without a property length'],
  [five, 'f0 18 ( )', 'protocol-error', 'AUTH without an authentication method'],
  [five, "f0 18 ( 16 'x' )", 'protocol-error', 'AUTH with data but no method'],
]

for (const [versions, hex, name, what] of refused) {
  for (const version of versions) {
    test(`refuses ${what}: ${hex} in version ${version}`, () => {
      const packet = decode(frame(hex), version, limits)
      assert.ok(isFault(packet))
      assert.equal(packet.fault, name, packet.detail)
    })
  }
}

const bodies: Record<string, string> = {
  '4': '0001',
  '5': '0001',
  '6': '0001',
  '7': '0001',
  '8': "0001 'a' 00",
  a: "0001 'a'",
  c: '',
  e: '',
}
const tags =
  '[MQTT5-2.1.3-1] [MQTT3-2.2.2-1] [MQTT3-2.2.2-2] [MQTT5-3.6.1-1] [MQTT3-3.6.1-1] [MQTT5-3.10.1-1] [MQTT3-3.10.1-1] [MQTT5-3.14.1-1] [MQTT3-3.14.1-1]'

test(`every value of the reserved flags but the listed one is malformed ${tags}`, () => {
  for (const [type, body] of Object.entries(bodies)) {
    for (let flags = 0; flags < 16; flags++) {
      const expected = '68a'.includes(type) ? 2 : 0
      const packet = decode(frame(`${type}${flags.toString(16)} ${body}`), 4, limits)
      assert.equal(isFault(packet), flags !== expected, `${type}${flags.toString(16)}`)
      if (isFault(packet)) assert.equal(packet.fault, 'malformed-packet')
    }
  }
})

test('the reserved flags of AUTH are 0 [MQTT5-3.15.1-1]', () => {
  for (let flags = 1; flags < 16; flags++) {
    const packet = decode(frame(`f${flags.toString(16)} 18 ( 15 'x' )`), 5, limits)
    assert.ok(isFault(packet) && packet.fault === 'malformed-packet')
  }
})

test('a SUBSCRIBE and an UNSUBSCRIBE of 1 MiB are decoded in linear time', () => {
  const one = bytesOf("'a' 00")
  const started = performance.now()
  const subscribe = decode(
    frameOf(0x82, Buffer.concat([bytesOf('0001'), ...Array<Buffer>(250_000).fill(one)])),
    4,
    limits,
  )
  assert.ok(!isFault(subscribe) && subscribe.type === 'subscribe')
  assert.equal(subscribe.subscriptions.length, 250_000)
  const unsubscribe = decode(
    frameOf(
      0xa2,
      Buffer.concat([bytesOf('0001'), ...Array<Buffer>(16).fill(bytesOf(`'${'/'.repeat(65_535)}'`))]),
    ),
    4,
    limits,
  )
  assert.ok(!isFault(unsubscribe))
  assert.ok(performance.now() - started < 3_000)
})

test('PUBLISH given to this decoder is a bug of ours, and thrown', () => {
  assert.throws(() => decode(frame("30 'a'"), 4, limits))
})
