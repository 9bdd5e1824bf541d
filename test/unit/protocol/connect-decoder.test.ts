// CONNECT of every version: what it decodes to, and which fault each malformed one gives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectVersion, decodeConnect } from '../../../server/protocol/connect-decoder.ts'
import { type FaultName, isFault } from '../../../server/protocol/fault.ts'
import type { Connect } from '../../../server/protocol/packet.ts'
import { bytesOf, frame, frameOf, limits, stringBytes } from './frames.ts'

const bare = {
  type: 'connect',
  protocolVersion: 4,
  cleanStart: false,
  keepAliveSeconds: 0,
  clientId: 'id',
  username: undefined,
  password: undefined,
  will: undefined,
  properties: {},
} as const satisfies Connect

const bytes = (text: string) => Buffer.from(text)
const will = { topic: 't', payload: bytes('p'), qos: 0, retain: false, properties: {} } as const

const accepted: readonly [string, Connect][] = [
  ["10 'MQTT' 04 00 0000 'id'", bare],
  [
    "10 'MQIsdp' 03 02 ffff 'id'",
    { ...bare, protocolVersion: 3, cleanStart: true, keepAliveSeconds: 65_535 },
  ],
  ["10 'MQTT' 05 02 000a ( ) 'id'", { ...bare, protocolVersion: 5, cleanStart: true, keepAliveSeconds: 10 }],
  [
    "10 'MQTT' 04 c2 0000 'id' 'me' 0002 00ff",
    { ...bare, cleanStart: true, username: 'me', password: Buffer.from([0, 255]) },
  ],
  ["10 'MQTT' 04 c0 0000 'id' '' ''", { ...bare, username: '', password: Buffer.alloc(0) }],
  [
    "10 'MQTT' 04 80 0000 '__proto__' 'constructor'",
    { ...bare, clientId: '__proto__', username: 'constructor' },
  ],
  ["10 'MQTT' 05 40 0000 ( ) 'id' 'pw'", { ...bare, protocolVersion: 5, password: bytes('pw') }],
  ["10 'MQTT' 04 04 0000 'id' 't' 'p'", { ...bare, will }],
  [
    "10 'MQTT' 04 34 0000 'id' 't' ''",
    { ...bare, will: { ...will, payload: Buffer.alloc(0), qos: 2, retain: true } },
  ],
  ["10 'MQTT' 04 00 0000 ''", { ...bare, clientId: '' }],
  ["10 'MQTT' 04 02 0000 'ä\ufeff€'", { ...bare, cleanStart: true, clientId: 'ä\ufeff€' }],
  [
    "10 'MQTT' 05 ce 0001 ( 11 ffffffff 21 0001 26 'b' '1' 26 'a' '2' ) 'id' ( 18 00000005 01 01 02 0000003c 03 'c' 08 'r' 09 'd' 26 'x' 'y' ) 't' 'p' 'me' 'pw'",
    {
      ...bare,
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 1,
      username: 'me',
      password: bytes('pw'),
      properties: {
        sessionExpiryIntervalSeconds: 0xffffffff,
        receiveMaximum: 1,
        userProperties: [
          ['b', '1'],
          ['a', '2'],
        ],
      },
      will: {
        ...will,
        qos: 1,
        properties: {
          willDelayIntervalSeconds: 5,
          payloadFormatIndicator: 1,
          messageExpiryIntervalSeconds: 60,
          contentType: 'c',
          responseTopic: 'r',
          correlationData: bytes('d'),
          userProperties: [['x', 'y']],
        },
      },
    },
  ],
]

for (const [hex, expected] of accepted) {
  test(`decodes ${hex}`, () => {
    assert.deepEqual(decodeConnect(frame(hex), limits), expected)
    assert.equal(connectVersion(frame(hex)), expected.protocolVersion)
  })
}

test('in 3.1 a flagged user name or password may be missing at the end', () => {
  const without = decodeConnect(frame("10 'MQIsdp' 03 c2 0000 'id'"), limits)
  assert.deepEqual(without, { ...bare, protocolVersion: 3, cleanStart: true })
  const half = decodeConnect(frame("10 'MQIsdp' 03 c2 0000 'id' 'me'"), limits)
  assert.deepEqual(half, { ...bare, protocolVersion: 3, cleanStart: true, username: 'me' })
})

const refused: readonly [string, FaultName, string][] = [
  ['c0', 'protocol-error', 'another packet first [MQTT5-3.1.0-1] [MQTT3-3.1.0-1]'],
  [
    "11 'MQTT' 04 02 0000 'id'",
    'malformed-packet',
    'flags in the first byte [MQTT5-2.1.3-1] [MQTT3-2.2.2-2]',
  ],
  ['10', 'malformed-packet', 'nothing behind the fixed header'],
  ["10 'MQTT'", 'malformed-packet', 'no protocol level'],
  ["10 'mqtt' 04 02 0000 'id'", 'malformed-packet', 'another protocol name [MQTT5-3.1.2-1] [MQTT3-3.1.2-1]'],
  ["10 '__proto__' 04 02 0000 'id'", 'malformed-packet', 'another protocol name [MQTT5-3.1.2-1]'],
  ["10 'MQTT' 06 02 0000 'id'", 'unsupported-protocol-version', 'level 6 [MQTT5-3.1.2-2] [MQTT3-3.1.2-2]'],
  ["10 'MQTT' 03 02 0000 'id'", 'unsupported-protocol-version', 'level 3 of MQTT'],
  ["10 'MQIsdp' 04 02 0000 'id'", 'unsupported-protocol-version', 'level 4 of MQIsdp'],
  ["10 'MQTT' 84 02 0000 'id'", 'unsupported-protocol-version', "a bridge's level"],
  ["10 'MQTT' 04 03 0000 'id'", 'malformed-packet', 'the reserved connect flag [MQTT3-3.1.2-3]'],
  ["10 'MQTT' 05 03 0000 ( ) 'id'", 'malformed-packet', 'the reserved connect flag [MQTT5-3.1.2-3]'],
  ["10 'MQTT' 04 1e 0000 'id' 't' 'p'", 'malformed-packet', 'will QoS 3 [MQTT3-3.1.2-14]'],
  ["10 'MQTT' 05 1e 0000 ( ) 'id' ( ) 't' 'p'", 'malformed-packet', 'will QoS 3 [MQTT5-3.1.2-12]'],
  [
    "10 'MQTT' 04 0a 0000 'id'",
    'malformed-packet',
    'will QoS without will [MQTT3-3.1.2-13] [MQTT3-3.1.2-11]',
  ],
  ["10 'MQTT' 05 0a 0000 ( ) 'id'", 'malformed-packet', 'will QoS without will [MQTT5-3.1.2-11]'],
  ["10 'MQTT' 04 22 0000 'id'", 'malformed-packet', 'will retain without will [MQTT3-3.1.2-15]'],
  ["10 'MQTT' 05 22 0000 ( ) 'id'", 'malformed-packet', 'will retain without will [MQTT5-3.1.2-13]'],
  ["10 'MQTT' 04 42 0000 'id' 'pw'", 'malformed-packet', 'password without user name [MQTT3-3.1.2-22]'],
  ["10 'MQIsdp' 03 42 0000 'id' 'pw'", 'malformed-packet', 'password without user name in 3.1'],
  ["10 'MQTT' 04 02 00", 'malformed-packet', 'keep alive cut short'],
  ["10 'MQTT' 04 02 0000", 'malformed-packet', 'no client identifier [MQTT3-3.1.3-3]'],
  ["10 'MQTT' 05 02 0000 ( )", 'malformed-packet', 'no client identifier [MQTT5-3.1.3-3]'],
  [
    "10 'MQTT' 04 02 0000 0001 ff",
    'malformed-packet',
    'client identifier not UTF-8 [MQTT3-3.1.3-4] [MQTT5-3.1.3-4]',
  ],
  [
    "10 'MQTT' 04 02 0000 0003 eda080",
    'malformed-packet',
    'a surrogate in the client identifier [MQTT5-1.5.4-1]',
  ],
  ["10 'MQTT' 04 02 0000 0001 00", 'malformed-packet', 'U+0000 in the client identifier [MQTT5-1.5.4-2]'],
  [
    "10 'MQTT' 04 02 0000 0002 610a",
    'client-identifier-not-valid',
    'a control character in the client identifier',
  ],
  ["10 'MQTT' 04 82 0000 'id' 0002 0d0a", 'bad-user-name-or-password', 'control characters in the user name'],
  [
    "10 'MQTT' 04 82 0000 'id' 0001 ff",
    'malformed-packet',
    'user name not UTF-8 [MQTT3-3.1.3-11] [MQTT5-3.1.3-12]',
  ],
  ["10 'MQTT' 04 82 0000 'id'", 'malformed-packet', 'user name missing [MQTT3-3.1.2-19] [MQTT5-3.1.2-17]'],
  [
    "10 'MQTT' 04 c2 0000 'id' 'me'",
    'malformed-packet',
    'password missing [MQTT3-3.1.2-21] [MQTT5-3.1.2-19]',
  ],
  [
    "10 'MQTT' 04 02 0000 'id' 'me'",
    'malformed-packet',
    'user name without flag [MQTT3-3.1.2-18] [MQTT5-3.1.2-16]',
  ],
  [
    "10 'MQTT' 04 82 0000 'id' 'me' 'pw'",
    'malformed-packet',
    'password without flag [MQTT3-3.1.2-20] [MQTT5-3.1.2-18]',
  ],
  ["10 'MQTT' 04 06 0000 'id'", 'malformed-packet', 'will missing [MQTT3-3.1.2-9]'],
  ["10 'MQTT' 05 06 0000 ( ) 'id' 't' 'p'", 'malformed-packet', 'will properties missing [MQTT5-3.1.2-9]'],
  ["10 'MQTT' 04 06 0000 'id' 'a/#' 'p'", 'topic-name-invalid', 'a wildcard in the will topic'],
  ["10 'MQTT' 04 06 0000 'id' '' 'p'", 'topic-name-invalid', 'an empty will topic'],
  [
    "10 'MQTT' 04 06 0000 'id' 0001 ff 'p'",
    'malformed-packet',
    'will topic not UTF-8 [MQTT5-3.1.3-11] [MQTT3-3.1.3-10]',
  ],
  [
    `10 'MQTT' 04 06 0000 'id' '${'/'.repeat(65_535)}' 'p'`,
    'topic-name-invalid',
    'a will topic of 65,536 levels',
  ],
  [
    "10 'MQTT' 05 06 0000 ( ) 'id' ( 08 'a/+' ) 't' 'p'",
    'protocol-error',
    'a wildcard in the response topic',
  ],
  [
    "10 'MQTT' 05 06 0000 ( ) 'id' ( 01 01 ) 't' 0001 ff",
    'payload-format-invalid',
    'a will that is not the UTF-8 it claims',
  ],
  ["10 'MQTT' 05 06 0000 ( ) 'id' ( 01 05 ) 't' 'p'", 'protocol-error', 'payload format 5'],
  ["10 'MQTT' 05 06 0000 ( 18 00000000 ) 'id' ( ) 't' 'p'", 'malformed-packet', 'a will property in CONNECT'],
  ["10 'MQTT' 05 02 0000 ( 21 0000 ) 'id'", 'protocol-error', 'receive maximum 0'],
  ["10 'MQTT' 05 02 0000 ( 11 00000001 11 00000002 ) 'id'", 'protocol-error', 'two session expiry intervals'],
  ["10 'MQTT' 05 02 0000 ( 16 'x' ) 'id'", 'protocol-error', 'authentication data without method'],
  ["10 'MQTT' 05 02 0000 ( 23 0001 ) 'id'", 'malformed-packet', 'a topic alias in CONNECT'],
  ["10 'MQTT' 05 02 0000 8000 'id'", 'malformed-packet', 'an over-long property length [MQTT5-1.5.5-1]'],
  ["10 'MQTT' 04 02 0000 'id' 00", 'malformed-packet', 'a byte behind the payload'],
]

for (const [hex, name, what] of refused) {
  test(`refuses ${what}: ${hex.slice(0, 90)}`, () => {
    const packet = decodeConnect(frame(hex), limits)
    assert.ok(isFault(packet))
    assert.equal(packet.fault, name, packet.detail)
  })
}

test('a client identifier of 1,024 bytes passes and one of 1,025 does not', () => {
  const of = (id: string) =>
    decodeConnect(frameOf(0x10, Buffer.concat([bytesOf("'MQTT' 04 02 0000"), stringBytes(id)])), limits)
  assert.ok(!isFault(of('ä'.repeat(512))))
  const refusal = of('ä'.repeat(513))
  assert.ok(isFault(refusal) && refusal.fault === 'client-identifier-not-valid')
})

test('the version of a CONNECT is known although the rest is malformed', () => {
  assert.equal(connectVersion(frame("10 'MQTT' 05 ff")), 5)
  assert.equal(connectVersion(frame("10 'MQIsdp' 03")), 3)
  assert.equal(connectVersion(frame("10 'MQTT' 06 02")), undefined)
  assert.equal(connectVersion(frame('10 0004 4d51')), undefined)
})

test('password, will payload and correlation data do not hold the chunk they arrived in', () => {
  const packet = decodeConnect(frame("10 'MQTT' 05 c6 0000 ( ) 'id' ( 09 'd' ) 't' 'p' 'me' 'pw'"), limits)
  assert.ok(!isFault(packet))
  for (const held of [packet.password, packet.will?.payload, packet.will?.properties.correlationData]) {
    assert.equal(held?.buffer.byteLength, held?.length)
  }
})
