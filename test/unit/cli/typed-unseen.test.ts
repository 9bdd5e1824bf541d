// What is typed unseen: keys one by one, pasted, taken back, given up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typedUnseen } from '../../../server/cli/typed-unseen.ts'

async function typed(...keys: readonly string[]) {
  let stopped = 0
  let press: (keys: string) => void = () => assert.fail('nobody listens')
  const line = typedUnseen(heard => {
    press = heard
    return () => stopped++
  })
  for (const key of keys) press(key)
  return { line: await line, stopped }
}

test('a line ends with Enter, and nobody listens any more', async () => {
  assert.deepEqual(await typed('a', 'é', '😀', '\r'), { line: 'aé😀', stopped: 1 })
  assert.deepEqual(await typed('pasted whole\nand more'), { line: 'pasted whole', stopped: 1 })
  assert.deepEqual(await typed('\r'), { line: '', stopped: 1 })
})

test('keys take back what was typed, and arrows are no characters', async () => {
  assert.equal((await typed('ab', '😀', '\u007f', '\b', 'c', '\r')).line, 'ac')
  assert.equal((await typed('wrong', '\u0015', 'right', '\u001b[A', '\r')).line, 'right')
})

test('Ctrl-C, and Ctrl-D at the start, give up', async () => {
  assert.deepEqual(await typed('abc', '\u0003'), { line: undefined, stopped: 1 })
  assert.deepEqual(await typed('\u0004'), { line: undefined, stopped: 1 })
  assert.equal((await typed('a', '\u0004', 'b', '\r')).line, 'ab')
})
