// Keys by name: the same on keyboards of other countries, and nothing that is the browser's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KeyPress, keyName, keySign, writesCharacters } from '../../../dashboard/app/key-names.ts'

type Held = 'shift' | 'ctrl' | 'alt' | 'meta' | 'altGraph'

function press(key: string, ...held: readonly Held[]): KeyPress {
  const has = (name: Held): boolean => held.includes(name)
  return {
    key,
    shiftKey: has('shift'),
    ctrlKey: has('ctrl'),
    // Windows reports AltGr as Ctrl and Alt together.
    altKey: has('alt') || has('altGraph'),
    metaKey: has('meta'),
    getModifierState: name => name === 'AltGraph' && has('altGraph'),
  }
}

test('letters know Shift, signs do not, keys that write nothing do', () => {
  assert.equal(keyName(press('j')), 'j')
  assert.equal(keyName(press('J', 'shift')), 'Shift+j')
  assert.equal(keyName(press('?', 'shift')), '?')
  assert.equal(keyName(press('*')), '*')
  assert.equal(keyName(press('Enter', 'shift')), 'Shift+Enter')
  assert.equal(keyName(press(' ')), 'Space')
  assert.equal(keyName(press('[', 'altGraph')), '[')
})

test('the keys of browsers and systems are left alone', () => {
  for (const held of ['ctrl', 'alt', 'meta'] as const) assert.equal(keyName(press('f', held)), undefined)
  for (const key of ['Shift', 'Control', 'Dead']) assert.equal(keyName(press(key)), undefined)
})

test('single characters and sequences of them can be switched off, the others cannot', () => {
  for (const keys of ['j', 'Shift+c', '?', '1', 'g s', '.']) assert.ok(writesCharacters(keys), keys)
  for (const keys of ['Enter', 'Shift+Enter', 'ArrowDown', 'Escape', 'Space']) {
    assert.ok(!writesCharacters(keys), keys)
  }
})

test('the sheet shows what stands on the key', () => {
  assert.deepEqual(['Shift+c', 'ArrowDown', 'Escape', 'Shift+Enter', '?', 'j'].map(keySign), [
    'Shift+C',
    '↓',
    'Esc',
    'Shift+Enter',
    '?',
    'j',
  ])
})
