// Malformed PUBLISH packets: none of them reaches a subscriber, each ends its connection, nobody else notices.

import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import {
  all,
  classic,
  five,
  type MalformedRow,
  packetBytes,
  testMalformedPackets,
  withLength,
} from '../harness/malformed.ts'
import { neighbourForFile } from '../harness/neighbour.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()
const neighbour = neighbourForFile(broker)

const violation = '[MQTT5-4.13.1-1] [MQTT3-4.8.0-1]'
const qosBits = '[MQTT5-3.3.1-4] [MQTT3-3.3.1-4]'
const wildcard = '[MQTT5-3.3.2-2] [MQTT5-4.7.0-1] [MQTT3-3.3.2-2] [MQTT3-4.7.1-1]'
const notEmpty = '[MQTT5-4.7.3-1] [MQTT3-4.7.3-1]'
const topicFirst = '[MQTT5-3.3.2-1] [MQTT3-3.3.2-1]'
const identifier = '[MQTT5-2.2.1-3] [MQTT3-2.3.1-1]'

const headers: readonly MalformedRow[] = [
  ['refuses QoS 3', classic, "36 'a' 0001 78", 'closed', qosBits],
  ['refuses QoS 3', five, "36 'a' 0001 ( ) 78", 'malformed-packet', qosBits],
  ['refuses QoS 3 with DUP and RETAIN', classic, "3f 'a' 0001 78", 'closed', qosBits],
  ['refuses QoS 3 with DUP and RETAIN', five, "3f 'a' 0001 ( ) 78", 'malformed-packet', qosBits],
  ['refuses DUP at QoS 0', classic, "38 'a' 78", 'closed', violation],
  ['refuses DUP at QoS 0', five, "38 'a' ( ) 78", 'malformed-packet', violation],
  ['refuses packet identifier 0 at QoS 1', classic, "32 'a' 0000 78", 'closed', identifier],
  ['refuses packet identifier 0 at QoS 1', five, "32 'a' 0000 ( ) 78", 'protocol-error', identifier],
  ['refuses packet identifier 0 at QoS 2', classic, "34 'a' 0000 78", 'closed', identifier],
  ['refuses packet identifier 0 at QoS 2', five, "34 'a' 0000 ( ) 78", 'protocol-error', identifier],
  ['refuses a QoS 1 message without a packet identifier', all, "32 'a'", 'malformed-packet', identifier],
  ['refuses a QoS 2 message with half a packet identifier', all, "34 'a' 00", 'malformed-packet', identifier],
  ['refuses a packet without a topic name', all, '30', 'malformed-packet', topicFirst],
  ['refuses half the length of a topic name', all, '30 00', 'malformed-packet', topicFirst],
  ['refuses a topic name that is cut short', all, '30 0005 6162', 'malformed-packet', topicFirst],
  ['refuses a packet without properties', five, "30 'a'", 'malformed-packet', violation],
]

const topics: readonly MalformedRow[] = [
  ['refuses the topic name #', all, "30 '#' 00", 'topic-name-invalid', wildcard],
  ['refuses the topic name +', all, "30 '+' 00", 'topic-name-invalid', wildcard],
  ['refuses a # amid the topic name', all, "30 'a/b#c/d' 00", 'topic-name-invalid', wildcard],
  ['refuses a + at the end of the topic name', all, "30 'a/+' 00", 'topic-name-invalid', wildcard],
  ['refuses a wildcard at QoS 1', classic, "32 'a/#' 0001", 'closed', wildcard],
  ['refuses a wildcard at QoS 1', five, "32 'a/#' 0001 ( )", 'topic-name-invalid', wildcard],
  ['refuses a wildcard at QoS 2', five, "34 'a/+/b' 0001 ( )", 'topic-name-invalid', wildcard],
  ['refuses a wildcard behind an alias', five, "30 'a/#' ( 23 0001 )", 'topic-name-invalid', wildcard],
  ['refuses an empty topic name', classic, "30 '' 78", 'closed', notEmpty],
  ['refuses an empty topic name without an alias', five, "30 '' ( ) 78", 'protocol-error', notEmpty],
]

const properties: readonly MalformedRow[] = (
  [
    ['a padded property length', '8000', 'malformed-packet'],
    ['a property length of five bytes', '8080808001', 'malformed-packet'],
    ['half a property length', '80', 'malformed-packet'],
    ['a property block that goes beyond the packet', '06 01 00', 'malformed-packet'],
    ['a property without a value', '( 01 )', 'malformed-packet'],
    ['a message expiry that is cut short', '( 02 000000 )', 'malformed-packet'],
    ['a content type that is cut short', '( 03 0004 6161 )', 'malformed-packet'],
    ['correlation data that is cut short', '( 09 0002 ff )', 'malformed-packet'],
    ['half a topic alias', '( 23 00 )', 'malformed-packet'],
    ['a user property without a value', "( 26 'name' )", 'malformed-packet'],
    ['an unknown property', '( 7f 00 )', 'malformed-packet'],
    ['the property number 0', '( 00 )', 'malformed-packet'],
    ['a property of CONNECT', '( 11 00000001 )', 'malformed-packet'],
    ['a reason string', "( 1f 'x' )", 'malformed-packet'],
    ['Payload Format Indicator 2', '( 01 02 )', 'protocol-error'],
    ['Payload Format Indicator twice', '( 01 00 01 00 )', 'protocol-error'],
    ['Message Expiry Interval twice', '( 02 00000001 02 00000001 )', 'protocol-error'],
    ['Content Type twice', "( 03 'a' 03 'a' )", 'protocol-error'],
    ['Response Topic twice', "( 08 'a' 08 'a' )", 'protocol-error'],
    ['Correlation Data twice', '( 09 0000 09 0000 )', 'protocol-error'],
    ['Topic Alias twice', '( 23 0001 23 0001 )', 'protocol-error'],
    ['Topic Alias 0', '( 23 0000 )', 'topic-alias-invalid'],
    ['a text payload that is no UTF-8', '( 01 01 ) ff', 'payload-format-invalid'],
  ] as const
).map(([what, block, ending]): MalformedRow => {
  const clause = what.includes('property length') ? '[MQTT5-1.5.5-1]' : '[MQTT5-4.13.1-1]'
  return [`refuses ${what}`, five, `30 'a' ${block}`, ending, clause]
})

const named: readonly MalformedRow[] = [
  ['refuses a Subscription Identifier', five, "30 'a' ( 0b 01 )", 'protocol-error', '[MQTT5-3.3.4-6]'],
  ['refuses a Response Topic with #', five, "30 'a' ( 08 'r/#' )", 'protocol-error', '[MQTT5-3.3.2-14]'],
  ['refuses a Response Topic with +', five, "30 'a' ( 08 'r/+/s' )", 'protocol-error', '[MQTT5-3.3.2-14]'],
]

testMalformedPackets(broker, neighbour, [...headers, ...topics, ...properties, ...named])

for (const protocolVersion of protocolVersions) {
  test(`delivers nothing of a PUBLISH of version ${protocolVersion} that ends at any byte too early [MQTT5-4.13.1-1] [MQTT3-4.8.0-1]`, async () => {
    const watcher = await RawClient.connected(broker)
    await watcher.subscribe('#')
    const block = protocolVersion === 5 ? "( 01 01 03 'text' 26 'name' 'value' )" : ''
    const head = packetBytes(`32 'cut/short' 0007 ${block}`).subarray(2)
    for (let length = 0; length < head.length; length++) {
      const client = await RawClient.connected(broker, {}, { protocolVersion })
      client.send(withLength(Buffer.from([0x32]), head.subarray(0, length)))
      await client.expectDisconnect('malformed-packet')
    }
    await watcher.ping()
  })
}

test('takes a QoS 2 packet identifier that is in use for the same message, and delivers it once [MQTT5-2.2.1-3]', async () => {
  const subscriber = await RawClient.connected(broker)
  await subscriber.subscribe('in-use', 0)
  const publisher = await RawClient.connected(broker)
  for (const payload of ['first', 'second']) {
    publisher.send({ cmd: 'publish', topic: 'in-use', payload, qos: 2, messageId: 7 })
    await publisher.expect('pubrec', { messageId: 7 })
  }
  await subscriber.expect('publish', { payload: 'first' })
  await subscriber.ping()
})
