// What a payload holds, as text, JSON and bytes: nothing of it is changed in being shown.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bytesOf,
  firstView,
  hexOf,
  jsonOf,
  textOfBytes,
} from '../../../dashboard/pages/session/payload-forms.ts'

function bytes(text: string): Uint8Array {
  return bytesOf(Buffer.from(text).toString('base64'))
}

test('JSON is indented, and every token stays as it was written', () => {
  const written =
    '{"id":12345678901234567890,"price":1.50,"e":1E3,"a":[1, [],{} ],"s":"a \\"b\\" {,}: \\u00e9","n":null}'
  const shown = jsonOf(written) ?? ''
  assert.equal(
    shown,
    [
      '{',
      '  "id": 12345678901234567890,',
      '  "price": 1.50,',
      '  "e": 1E3,',
      '  "a": [',
      '    1,',
      '    [],',
      '    {}',
      '  ],',
      '  "s": "a \\"b\\" {,}: \\u00e9",',
      '  "n": null',
      '}',
    ].join('\n'),
  )
  assert.deepEqual(JSON.parse(shown), JSON.parse(written))
})

test('what is no JSON, or not all of it, is none', () => {
  for (const text of ['', 'paid', '{"a":', "{'a':1}"]) assert.equal(jsonOf(text), undefined)
})

test('bytes have an address, their numbers, and what of them is ASCII', () => {
  const lines = hexOf(bytes('{"order":7}\u00e9\n and more')).split('\n')
  assert.equal(lines[0], '00000000  7b 22 6f 72 64 65 72 22  3a 37 7d c3 a9 0a 20 61  {"order":7}... a')
  assert.equal(lines[1], `00000010  ${'6e 64 20 6d 6f 72 65'.padEnd(23)}  ${''.padEnd(23)}  nd more`)
  assert.equal(hexOf(bytes('')), '')
})

test('a character that is cut at the end of a part is left out, and a byte order mark stays', () => {
  assert.equal(textOfBytes(bytes('ab\u00e9').subarray(0, 3)), 'ab')
  assert.equal(textOfBytes(bytes('\ufeffa')), '\ufeffa')
})

test('one looks at JSON first, else at text, else at bytes', () => {
  assert.equal(firstView(bytes('{"a":1}'), true), 'json')
  assert.equal(firstView(bytes('21.5'), true), 'text')
  assert.equal(firstView(bytes('paid'), true), 'text')
  assert.equal(firstView(Uint8Array.of(0xff, 0), false), 'hex')
})
