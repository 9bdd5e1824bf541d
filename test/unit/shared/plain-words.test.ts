import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bytesInWords,
  countInWords,
  leftInWords,
  listInWords,
  momentInWords,
  spanInWords,
} from '../../../shared/plain-words.ts'

const spans: readonly (readonly [number, string])[] = [
  [-5, '0 s'],
  [0, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 d'],
  [31.9 * 86_400_000, '31 d'],
]

for (const [ms, words] of spans) {
  test(`${ms} ms is ${words}`, () => assert.equal(spanInWords(ms), words))
}

test('what is left is said to the nearest: 7 d that have just begun are 7 d', () => {
  assert.equal(leftInWords(7 * 86_400_000 - 2_000), '7 d')
  assert.equal(leftInWords(2 * 86_400_000 - 2_000), '48 h')
  assert.equal(leftInWords(100), '0 s')
})

test('one is singular, everything else is plural, and thousands have a comma', () => {
  assert.equal(countInWords(1, 'message'), '1 message')
  assert.equal(countInWords(0, 'message'), '0 messages')
  assert.equal(countInWords(7712, 'message'), '7,712 messages')
  assert.equal(countInWords(2, 'entry', 'entries'), '2 entries')
})

const bytes: readonly (readonly [number, string])[] = [
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [10 * 1024 + 600, '11 KiB'],
  [43_012_345, '41 MiB'],
  [4_194_304, '4 MiB'],
]

for (const [count, words] of bytes) {
  test(`${count} bytes are ${words}`, () => assert.equal(bytesInWords(count), words))
}

test('a list ends with and', () => {
  assert.equal(listInWords([]), '')
  assert.equal(listInWords(['a']), 'a')
  assert.equal(listInWords(['a', 'b']), 'a and b')
  assert.equal(listInWords(['a', 'b', 'c']), 'a, b and c')
})

test('a moment is named in UTC, to the minute', () => {
  assert.equal(momentInWords(Date.UTC(2026, 9, 21, 9, 0, 2)), '21 Oct 2026 09:00 UTC')
  assert.equal(momentInWords(Date.UTC(2026, 0, 1)), '1 Jan 2026 00:00 UTC')
})
