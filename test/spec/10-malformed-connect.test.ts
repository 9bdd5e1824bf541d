// CONNECT packets that are not well-formed: none is accepted, and nobody else notices.

import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import {
  all,
  classic,
  five,
  forVersion,
  type MalformedRow,
  packetBytes,
  since311,
  testMalformedConnects,
  withLength,
} from '../harness/malformed.ts'
import { neighbourForFile } from '../harness/neighbour.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()
const neighbour = neighbourForFile(broker)

/** Connect flags: user name 80, password 40, will retain 20, will QoS 18, will 04, clean 02, reserved 01. */
const flags: readonly MalformedRow[] = [
  [
    'refuses the reserved connect flag',
    all,
    "10 {name} 03 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-3.1.2-3] [MQTT5-3.1.4-1] [MQTT3-3.1.2-3] [MQTT3-3.1.4-1]',
  ],
  [
    'refuses Will QoS 1 without a will',
    all,
    "10 {name} 0a 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-3.1.2-11] [MQTT3-3.1.2-11] [MQTT3-3.1.2-13]',
  ],
  [
    'refuses Will QoS 2 without a will',
    all,
    "10 {name} 12 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-3.1.2-11] [MQTT3-3.1.2-11] [MQTT3-3.1.2-13]',
  ],
  [
    'refuses Will Retain without a will',
    all,
    "10 {name} 22 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-3.1.2-13] [MQTT3-3.1.2-11] [MQTT3-3.1.2-15]',
  ],
  [
    'refuses Will QoS 3',
    all,
    "10 {name} 1e 003c {none} 'm1' {none} 'w' 'x'",
    'malformed-packet',
    '[MQTT5-3.1.2-12] [MQTT3-3.1.2-14]',
  ],
  [
    'refuses a password without a user name',
    classic,
    "10 {name} 42 003c 'm1' 'secret'",
    'malformed-packet',
    '[MQTT3-3.1.2-22]',
  ],
  [
    'refuses fixed header flags',
    all,
    "11 {name} 02 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-2.1.3-1] [MQTT3-2.2.2-1] [MQTT3-2.2.2-2]',
  ],
]

const fields: readonly MalformedRow[] = [
  [
    'refuses a CONNECT that ends before the client identifier',
    all,
    '10 {name} 02 003c {none}',
    'malformed-packet',
    '[MQTT5-3.1.3-3] [MQTT3-3.1.3-3]',
  ],
  [
    'refuses a will that is announced and not there',
    all,
    "10 {name} 06 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-3.1.2-9] [MQTT3-3.1.2-9]',
  ],
  [
    'refuses a will topic without a will payload',
    all,
    "10 {name} 06 003c {none} 'm1' {none} 'w'",
    'malformed-packet',
    '[MQTT5-3.1.2-9] [MQTT3-3.1.2-9]',
  ],
  [
    'refuses a will without its property length',
    five,
    "10 {name} 06 003c {none} 'm1' 'w' 'x'",
    'malformed-packet',
    '[MQTT5-3.1.2-9]',
  ],
  [
    'refuses will fields that no flag announces',
    all,
    "10 {name} 02 003c {none} 'm1' {none} 'w' 'x'",
    'malformed-packet',
    '[MQTT3-3.1.2-11]',
  ],
  [
    'refuses a user name that no flag announces',
    all,
    "10 {name} 02 003c {none} 'm1' 'user'",
    'malformed-packet',
    '[MQTT5-3.1.2-16] [MQTT3-3.1.2-18]',
  ],
  [
    'refuses a user name that is announced and not there',
    since311,
    "10 {name} 82 003c {none} 'm1'",
    'malformed-packet',
    '[MQTT5-3.1.2-17] [MQTT3-3.1.2-19]',
  ],
  [
    'refuses a password that no flag announces',
    all,
    "10 {name} 82 003c {none} 'm1' 'user' 'secret'",
    'malformed-packet',
    '[MQTT5-3.1.2-18] [MQTT3-3.1.2-20]',
  ],
  [
    'refuses a password that is announced and not there',
    since311,
    "10 {name} c2 003c {none} 'm1' 'user'",
    'malformed-packet',
    '[MQTT5-3.1.2-19] [MQTT3-3.1.2-21]',
  ],
  [
    'refuses a password that is cut short',
    all,
    "10 {name} c2 003c {none} 'm1' 'user' 0006 7365",
    'malformed-packet',
    '[MQTT5-3.1.2-19] [MQTT3-3.1.2-21]',
  ],
  [
    'refuses a byte behind the payload',
    all,
    "10 {name} 02 003c {none} 'm1' 00",
    'malformed-packet',
    '[MQTT5-3.1.4-1] [MQTT3-3.1.4-1]',
  ],
]

const properties: readonly MalformedRow[] = (
  [
    ['a padded property length', '8000', 'malformed-packet'],
    ['a property length of five bytes', '8080808001', 'malformed-packet'],
    ['a property block that goes beyond the packet', '7f 11 00000001', 'malformed-packet'],
    ['a property that goes beyond its block', '03 11 0000', 'malformed-packet'],
    ['an unknown property', '( 7e 00 )', 'malformed-packet'],
    ['a property of another packet', "( 03 'text' )", 'malformed-packet'],
    ['Session Expiry Interval twice', '( 11 00000001 11 00000001 )', 'protocol-error'],
    ['Receive Maximum 0', '( 21 0000 )', 'protocol-error'],
    ['Receive Maximum twice', '( 21 0001 21 0001 )', 'protocol-error'],
    ['Maximum Packet Size 0', '( 27 00000000 )', 'protocol-error'],
    ['Maximum Packet Size twice', '( 27 00001000 27 00001000 )', 'protocol-error'],
    ['Topic Alias Maximum twice', '( 22 0001 22 0001 )', 'protocol-error'],
    ['Request Response Information 2', '( 19 02 )', 'protocol-error'],
    ['Request Problem Information 2', '( 17 02 )', 'protocol-error'],
    ['Request Problem Information twice', '( 17 01 17 01 )', 'protocol-error'],
    ['Authentication Data without a method', '( 16 0001ff )', 'protocol-error'],
    ['Authentication Method twice', "( 15 'x' 15 'x' )", 'protocol-error'],
  ] as const
).map(([what, block, ending]): MalformedRow => {
  const clause = what.includes('length') ? '[MQTT5-1.5.5-1]' : '[MQTT5-3.1.4-1]'
  return [`refuses ${what}`, five, `10 {name} 02 003c ${block} 'm1'`, ending, clause]
})

const willProperties: readonly MalformedRow[] = (
  [
    ['Will Delay Interval twice', '( 18 00000001 18 00000001 )', 'protocol-error'],
    ['Payload Format Indicator 2 in the will', '( 01 02 )', 'protocol-error'],
    ['a Topic Alias in the will', '( 23 0001 )', 'malformed-packet'],
    ['a Response Topic with a wildcard in the will', "( 08 'a/#' )", 'protocol-error'],
  ] as const
).map(([what, block, ending]): MalformedRow => {
  return [`refuses ${what}`, five, `10 {name} 06 003c 00 'm1' ${block} 'w' 'x'`, ending, '[MQTT5-3.1.4-1]']
})

testMalformedConnects(broker, neighbour, [...flags, ...fields, ...properties, ...willProperties])

/** Types 2 to 15 with a body that would be fine at another time; PUBLISH, then one of two bytes. */
const otherTypes = Array.from({ length: 14 }, (_, index) => {
  const type = index + 2
  const flag = [6, 8, 10].includes(type) ? '2' : '0'
  return type === 3 ? "30 'a' 00" : `${type.toString(16)}${flag} 0001`
})

testMalformedConnects(
  broker,
  neighbour,
  [...otherTypes, '00 0001'].map((packet): MalformedRow => {
    const what = `accepts no packet of type ${Number.parseInt(packet[0] ?? '', 16)} before CONNECT`
    return [what, five, packet, 'closed', '[MQTT5-3.1.0-1]']
  }),
)
testMalformedConnects(
  broker,
  neighbour,
  otherTypes.map((packet): MalformedRow => {
    const what = `accepts no packet of type ${Number.parseInt(packet[0] ?? '', 16)} before CONNECT`
    return [what, [4], packet, 'closed', '[MQTT3-3.1.0-1]']
  }),
)

for (const protocolVersion of protocolVersions) {
  test(`refuses a CONNECT of version ${protocolVersion} that ends at any byte too early [MQTT5-3.1.4-1] [MQTT3-3.1.4-1]`, async () => {
    const text = "10 {name} c6 003c {none} 'm1' {none} 'will' 'payload' 'user' 'secret'"
    const whole = packetBytes(forVersion(text, protocolVersion)).subarray(2)
    // In 3.1 a user name or password that is announced may be missing, so those ends are no faults.
    const optional = protocolVersion === 3 ? [whole.length - 8, whole.length - 14] : []
    for (let length = 0; length < whole.length; length++) {
      if (optional.includes(length)) continue
      const client = await RawClient.open(broker, { protocolVersion })
      client.send(withLength(Buffer.from([0x10]), whole.subarray(0, length)))
      await client.expectClosed(protocolVersion === 5 ? { after: 'connack' } : {})
    }
    await neighbour.check()
  })

  test(`closes version ${protocolVersion} on a second CONNECT, and its will is published [MQTT5-3.1.0-2] [MQTT3-3.1.0-2]`, async () => {
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe(`second/${protocolVersion}`)
    const will = {
      topic: `second/${protocolVersion}`,
      payload: Buffer.from('gone'),
      qos: 0 as const,
      retain: false,
    }
    const client = await RawClient.connected(broker, { will }, { protocolVersion })
    client.sendConnect({ clientId: client.clientId })
    await client.expectDisconnect('protocol-error')
    await watcher.expect('publish', { payload: 'gone' })
    await neighbour.check()
  })
}
