// The byte cursor: bounds, shortest forms, and a first problem that stays.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reader } from '../../../server/protocol/reader.ts'
import { bytesOf, frameOf } from './frames.ts'

/** A reader over these bytes with others before and behind them. */
function reading(text: string): Reader {
  const { bytes, start, end } = frameOf(0, bytesOf(text))
  return new Reader(bytes, start, end)
}

test('reads each field in order and nothing behind the end', () => {
  const reader = reading("07 01 02 ff ff ff fe 80 01 'aä' 00 02 c3 28")
  assert.equal(reader.byte('a'), 7)
  assert.equal(reader.uint16('b'), 0x0102)
  assert.equal(reader.uint32('c'), 0xfffffffe)
  assert.equal(reader.varint('d'), 128)
  assert.equal(reader.utf8('e'), 'aä')
  assert.deepEqual(reader.binary('f'), Buffer.from([0xc3, 0x28]))
  assert.equal(reader.remaining, 0)
  assert.equal(reader.problem, undefined)
  assert.equal(reader.byte('the last field'), 0)
  assert.deepEqual(reader.problem, { fault: 'malformed-packet', detail: 'the last field is cut short' })
})

const cutShort: Record<string, (reader: Reader) => unknown> = {
  '': reader => reader.byte('x'),
  '00': reader => reader.uint16('x'),
  '00 00 00': reader => reader.uint32('x'),
  '80 80': reader => reader.varint('x'),
  '00 02 61': reader => reader.utf8('x'),
  'ff ff': reader => reader.binary('x'),
  '01': reader => reader.block(2, 'x'),
}

for (const [hex, read] of Object.entries(cutShort)) {
  test(`a field that ends behind the range is cut short: ${read.toString()} of '${hex}'`, () => {
    const reader = reading(hex)
    read(reader)
    assert.deepEqual(reader.problem, { fault: 'malformed-packet', detail: 'x is cut short' })
    assert.equal(reader.remaining, 0)
  })
}

for (const [hex, value] of [
  ['00', 0],
  ['7f', 127],
  ['80 01', 128],
  ['ff 7f', 16_383],
  ['80 80 01', 16_384],
  ['ff ff 7f', 2_097_151],
  ['80 80 80 01', 2_097_152],
  ['ff ff ff 7f', 268_435_455],
] as const) {
  test(`the variable byte integer ${hex} is ${value} [MQTT5-1.5.5-1]`, () => {
    const reader = reading(hex)
    assert.equal(reader.varint('x'), value)
    assert.equal(reader.problem, undefined)
    assert.equal(reader.remaining, 0)
  })
}

for (const hex of ['80 00', 'ff 00', '80 80 00', '80 80 80 00', 'ff ff ff ff 01', '80 80 80 80']) {
  test(`the variable byte integer ${hex} is refused [MQTT5-1.5.5-1]`, () => {
    const reader = reading(hex)
    assert.equal(reader.varint('x'), 0)
    assert.equal(reader.problem?.fault, 'malformed-packet')
  })
}

test('the first problem stays and later reads give nothing', () => {
  const reader = reading("00 01 ff 'a'")
  assert.equal(reader.utf8('the first'), '')
  reader.fail('protocol-error', 'the second')
  assert.equal(reader.utf8('the third'), '')
  assert.deepEqual(reader.problem, {
    fault: 'malformed-packet',
    detail: 'the first is not well-formed UTF-8',
  })
})

test('binary data is a copy of its own, not a view of the chunk', () => {
  const chunk = bytesOf("'abc'")
  const copy = new Reader(chunk, 0, chunk.length).binary('x')
  chunk.fill(0)
  assert.equal(copy.toString(), 'abc')
  assert.equal(copy.buffer.byteLength, 3)
})

test('a block bounds its reads, and the outer cursor goes on behind it', () => {
  const reader = reading('01 02 03')
  const block = reader.block(2, 'x')
  assert.equal(block.uint16('a'), 0x0102)
  assert.equal(block.byte('b'), 0)
  assert.equal(block.problem?.detail, 'b is cut short')
  assert.equal(reader.problem, undefined)
  assert.equal(reader.byte('c'), 3)
})
