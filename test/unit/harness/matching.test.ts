// Holds the harness's packet codec and field matching to what the spec tests rely on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matches } from '../../harness/matching.ts'
import { bytesOfHex, decode, encode, firstFrame } from '../../harness/packets.ts'

test('matches part of an object, all of an array, and bytes by content', () => {
  const packet = {
    topic: 'a',
    payload: Buffer.from('hello'),
    properties: { contentType: 'x', topicAlias: 1 },
  }
  assert.ok(matches(packet, { payload: 'hello', properties: { topicAlias: 1 } }))
  assert.ok(matches(packet, { payload: Uint8Array.of(104, 101, 108, 108, 111) }))
  assert.ok(matches([1, 2], [1, 2]))
  assert.ok(matches(packet, { messageId: undefined }))
})

test('tells a difference in any field', () => {
  const packet = { topic: 'a', payload: Buffer.from('hello'), properties: { topicAlias: 1 } }
  assert.ok(!matches(packet, { topic: 'b' }))
  assert.ok(!matches(packet, { payload: 'hell' }))
  assert.ok(!matches(packet, { payload: 5 }))
  assert.ok(!matches(packet, { properties: { topicAlias: 2 } }))
  assert.ok(!matches(packet, { properties: undefined }))
  assert.ok(!matches(packet, { responseTopic: 'r' }))
  assert.ok(!matches([1, 2], [1]))
})

test('cuts frames off a stream and waits for the rest', () => {
  const two = bytesOfHex('d0 00 40 02 00 07')
  assert.equal(firstFrame(two)?.toString('hex'), 'd000')
  assert.equal(firstFrame(two.subarray(2))?.toString('hex'), '40020007')
  assert.equal(firstFrame(two.subarray(2, 5)), undefined)
  assert.equal(firstFrame(bytesOfHex('30')), undefined)
  assert.throws(() => firstFrame(bytesOfHex('30 ff ff ff ff 01')), /remaining length/)
})

test('encodes defaults and decodes with the raw bytes kept', () => {
  const frame = encode({ cmd: 'publish', topic: 'a', payload: 'x' }, 5)
  const packet = decode(frame, 5)
  assert.ok(matches(packet, { cmd: 'publish', topic: 'a', payload: 'x', qos: 0, messageId: 0 }))
  assert.deepEqual(packet.raw, frame)
  assert.equal(decode(bytesOfHex('40 02 00 07'), 5).messageId, 7)
})

test('refuses what is not hexadecimal or not decodable', () => {
  assert.throws(() => bytesOfHex('c0 0'), /not hexadecimal/)
  assert.throws(() => bytesOfHex('xy'), /not hexadecimal/)
  assert.throws(() => decode(bytesOfHex('20 02 02 00'), 4), /connack/)
})
