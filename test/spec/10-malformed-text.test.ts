// Text on the wire: ill-formed UTF-8 and U+0000 end the connection wherever a string stands; all else stays as it is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerForFile } from '../harness/broker.ts'
import {
  all,
  classic,
  five,
  type MalformedRow,
  testMalformedConnects,
  testMalformedPackets,
} from '../harness/malformed.ts'
import { neighbourForFile } from '../harness/neighbour.ts'
import { protocolVersions, RawClient } from '../harness/raw-client.ts'

const broker = brokerForFile()
const neighbour = neighbourForFile(broker)

/** Bytes of length 3 that are no UTF-8 Encoded String, each with what is wrong. */
const wrong: readonly [what: string, bytes: string][] = [
  ['U+0000', '610062'],
  ['an overlong U+0000', '61c080'],
  ['an overlong solidus', 'e080af'],
  ['the surrogate U+D800', 'eda080'],
  ['the surrogate U+DFFF', 'edbfbf'],
  ['half a character', '6161c3'],
  ['a continuation byte alone', '618061'],
  ['the byte FF', '61ff61'],
  ['a code point above U+10FFFF', 'f49080'],
]

function clausesFor(what: string, clauses: string): string {
  if (what === 'U+0000') return `[MQTT5-1.5.4-2] [MQTT3-1.5.3-2] ${clauses}`
  return `[MQTT5-1.5.4-1] [MQTT3-1.5.3-1] ${clauses}`
}

/** One row for each wrong text in place of `{bad}`. */
function rows(where: string, versions: MalformedRow[1], packet: string, clauses = ''): MalformedRow[] {
  return wrong.map(([what, bytes]) => [
    `refuses ${what} in ${where}`,
    versions,
    packet.replace('{bad}', `0003 ${bytes}`),
    'malformed-packet',
    clausesFor(what, clauses),
  ])
}

testMalformedConnects(broker, neighbour, [
  ...rows('the client identifier', all, '10 {name} 02 003c {none} {bad}', '[MQTT5-3.1.3-4] [MQTT3-3.1.3-4]'),
  ...rows(
    'the will topic',
    all,
    "10 {name} 06 003c {none} 'm1' {none} {bad} 'x'",
    '[MQTT5-3.1.3-11] [MQTT3-3.1.3-10]',
  ),
  ...rows('the user name', all, "10 {name} 82 003c {none} 'm1' {bad}", '[MQTT5-3.1.3-12] [MQTT3-3.1.3-11]'),
  ...rows('the protocol name', [4], '10 {bad} 04 02 003c 0001 61'),
])

const topicNull = '[MQTT5-3.3.2-1] [MQTT3-3.3.2-1]'
const subscribeText = '[MQTT5-3.8.3-1] [MQTT3-3.8.3-1]'
const unsubscribeText = '[MQTT5-3.10.2-1] [MQTT3-3.10.3-1]'
testMalformedPackets(broker, neighbour, [
  ...rows('the topic name', classic, '30 {bad} 78', topicNull),
  ...rows('the topic name', five, '30 {bad} ( ) 78', topicNull),
  ...rows('the topic filter of SUBSCRIBE', classic, '82 0001 {bad} 00', subscribeText),
  ...rows('the topic filter of SUBSCRIBE', five, '82 0001 ( ) {bad} 00', subscribeText),
  ...rows('the second topic filter of SUBSCRIBE', five, "82 0001 ( ) 'a' 00 {bad} 00", subscribeText),
  ...rows('the topic filter of UNSUBSCRIBE', classic, 'a2 0001 {bad}', unsubscribeText),
  ...rows('the topic filter of UNSUBSCRIBE', five, 'a2 0001 ( ) {bad}', unsubscribeText),
  ...rows('the Response Topic', five, "30 'a' ( 08 {bad} )", '[MQTT5-3.3.2-13]'),
  ...rows('the Content Type', five, "30 'a' ( 03 {bad} )", '[MQTT5-3.3.2-19]'),
  ...rows('the name of a user property', five, "30 'a' ( 26 {bad} 'b' )", '[MQTT5-1.5.7-1]'),
  ...rows('the value of a user property', five, "30 'a' ( 26 'b' {bad} )", '[MQTT5-1.5.7-1]'),
  ...rows('a user property of SUBSCRIBE', five, "82 0001 ( 26 {bad} 'b' ) 'a' 00", '[MQTT5-1.5.7-1]'),
  ...rows('the Reason String of PUBACK', five, '40 0001 00 ( 1f {bad} )'),
  ...rows('the Reason String of DISCONNECT', five, 'e0 00 ( 1f {bad} )'),
])

const nulls: MalformedRow[] = [
  [
    'refuses U+0000 as topic name',
    all,
    '30 0001 00 00',
    'malformed-packet',
    '[MQTT5-4.7.3-2] [MQTT3-4.7.3-2]',
  ],
  [
    'refuses U+0000 in a topic filter',
    classic,
    '82 0001 0003 61 00 23 00',
    'closed',
    '[MQTT5-4.7.3-2] [MQTT3-4.7.3-2]',
  ],
  [
    'refuses U+0000 in a topic filter',
    five,
    '82 0001 ( ) 0003 61 00 23 00',
    'malformed-packet',
    '[MQTT5-4.7.3-2] [MQTT3-4.7.3-2]',
  ],
]
testMalformedPackets(broker, neighbour, nulls)

/** Valid, though some programs stumble over them. */
const odd = ['\ufeffa', 'a\ufeff', '\ufeff', '\uffff', '\u{10ffff}', '\u0001', '\u007f', 'a\u0301', '🦊']

for (const protocolVersion of protocolVersions) {
  test(`keeps U+FEFF and every other character in topics of version ${protocolVersion} [MQTT5-1.5.4-3] [MQTT3-1.5.3-3]`, async () => {
    const subscriber = await RawClient.connected(broker, {}, { protocolVersion })
    const publisher = await RawClient.connected(broker, {}, { protocolVersion })
    await subscriber.subscribe(`text${protocolVersion}/+`)
    for (const character of odd) {
      const topic = `text${protocolVersion}/${character}`
      await publisher.publish({ topic, payload: character, qos: 1 })
      const publish = await subscriber.expect('publish', { payload: character })
      assert.ok(publish.raw.includes(Buffer.from(topic)), publish.raw.toString('hex'))
    }
  })

  test(`does not take a topic with U+FEFF for the one without in version ${protocolVersion} [MQTT5-1.5.4-3] [MQTT3-1.5.3-3]`, async () => {
    const client = await RawClient.connected(broker, {}, { protocolVersion })
    const bytes = Buffer.from(`bom${protocolVersion}`)
    await client.subscribe(bytes.toString())
    await client.publish({ topic: `\ufeff${bytes}`, payload: 'with', qos: 1 })
    await client.publish({ topic: bytes.toString(), payload: 'without', qos: 1 })
    await client.expect('publish', { payload: 'without' })
    await client.ping()
  })
}

test('keeps U+FEFF in the client identifier and in properties [MQTT5-1.5.4-3]', async () => {
  const first = await RawClient.connected(broker, { clientId: '\ufeffbom' })
  const second = await RawClient.connected(broker, { clientId: 'bom' })
  await first.ping()
  await first.subscribe('bom/properties')
  await second.publish({ topic: 'bom/properties', properties: { contentType: '\ufefft' } })
  const publish = await first.receive()
  assert.ok(publish.raw.includes(Buffer.from('\ufefft')), publish.raw.toString('hex'))
})
