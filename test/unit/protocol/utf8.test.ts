// Strict UTF-8: what is refused, what is kept, and agreement with the decoder of the platform.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUtf8, hasControlCharacter, scanUtf8 } from '../../../server/protocol/utf8.ts'

const illFormed = {
  'a lone continuation byte': '80',
  'a lead byte at the end': '61c3',
  'a lead byte before ASCII': 'c361',
  'an overlong slash of two bytes': 'c0af',
  'an overlong U+0000, as in modified UTF-8': 'c080',
  'an overlong U+007F': 'c1bf',
  'an overlong form of three bytes': 'e09fbf',
  'an overlong form of four bytes': 'f08fbfbf',
  'the surrogate U+D800': 'eda080',
  'the surrogate U+DFFF': 'edbfbf',
  'a pair of surrogates, as in CESU-8': 'eda081edb080',
  'U+110000': 'f4908080',
  'a lead byte above F4': 'f5808080',
  'the byte FE': 'fe',
  'a sequence of three bytes cut short': 'e282',
}

for (const [what, hex] of Object.entries(illFormed)) {
  test(`${what} (${hex}) is ill-formed [MQTT5-1.5.4-1] [MQTT3-1.5.3-1]`, () => {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(scanUtf8(bytes, 0, bytes.length), 'ill-formed')
  })
}

test('U+0000 is refused wherever it stands [MQTT5-1.5.4-2] [MQTT3-1.5.3-2]', () => {
  for (const text of ['\0', 'a\0', '\0a', 'ä\0ö']) {
    const bytes = Buffer.from(text)
    assert.equal(scanUtf8(bytes, 0, bytes.length), 'null-character')
  }
})

test('the ends of each range are text: U+007F, U+0080, U+07FF, U+0800, U+D7FF, U+E000, U+FFFF, U+10000, U+10FFFF', () => {
  for (const code of [0x01, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffe, 0xffff, 0x10000, 0x10ffff]) {
    const text = String.fromCodePoint(code)
    const bytes = Buffer.from(`x${text}y`)
    const scan = scanUtf8(bytes, 1, bytes.length - 1)
    assert.equal(scan, code < 0x80 ? 'ascii' : 'multibyte')
    assert.equal(decodeUtf8(bytes, 1, bytes.length - 1, scan), text)
  }
})

test('a byte order mark stays in the text [MQTT5-1.5.4-3] [MQTT3-1.5.3-3]', () => {
  const bytes = Buffer.from('efbbbf61', 'hex')
  assert.equal(scanUtf8(bytes, 0, 4), 'multibyte')
  assert.equal(decodeUtf8(bytes, 0, 4, 'multibyte'), '\ufeffa')
})

test('only the range is judged', () => {
  const bytes = Buffer.from('ff00616200ff', 'hex')
  assert.equal(scanUtf8(bytes, 2, 4), 'ascii')
  assert.equal(scanUtf8(bytes, 3, 3), 'ascii')
})

test('every pair of bytes, and every three behind a lead byte E0 to EF, agree with TextDecoder', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const agree = (bytes: Buffer) => {
    const scan = scanUtf8(bytes, 0, bytes.length)
    let text: string | undefined
    try {
      text = strict.decode(bytes)
    } catch (error) {
      assert.ok(error instanceof TypeError)
    }
    if (scan === 'ascii' || scan === 'multibyte') {
      assert.equal(decodeUtf8(bytes, 0, bytes.length, scan), text, bytes.toString('hex'))
    } else {
      assert.ok(text === undefined || text.includes('\0'), bytes.toString('hex'))
    }
  }
  for (let value = 0; value < 0x10000; value += 3) agree(Buffer.from([value >> 8, value & 0xff]))
  for (let value = 0xe00000; value < 0xf00000; value += 251) {
    agree(Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]))
  }
})

test('control characters are U+0001 to U+001F and U+007F to U+009F', () => {
  for (const code of [0x01, 0x0a, 0x0d, 0x1f, 0x7f, 0x80, 0x9f]) {
    assert.ok(hasControlCharacter(`a${String.fromCodePoint(code)}`), code.toString(16))
  }
  for (const text of ['', 'a b', '~', '\u00a0', 'ä', '\ufeff', '🦊', '__proto__']) {
    assert.ok(!hasControlCharacter(text))
  }
})
