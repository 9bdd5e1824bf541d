// The table of settings itself: names, keys, units, defaults.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  areas,
  formatValue,
  keyOfName,
  type Settings,
  settingKeys,
  settingNames,
  settingOf,
} from '../../../server/config/schema.ts'
import { variableOf } from '../../../server/config/setting.ts'

const unitSuffixes: Readonly<Record<string, readonly string[]>> = {
  duration: ['Seconds', 'Ms'],
  bytes: ['Bytes'],
}

test('each key is its name in camel case, with the unit last', () => {
  for (const key of settingKeys) {
    const { name, kind } = settingOf(key)
    const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const hasUnit = name.includes('-bytes-')
    const suffixes = hasUnit ? [''] : (unitSuffixes[kind.kind] ?? [''])
    assert.ok(
      suffixes.some(suffix => key === camel + suffix),
      `${name} has the key ${key}`,
    )
  }
})

test('names are in kebab case and belong to one setting each', () => {
  assert.equal(new Set(settingNames).size, settingNames.length)
  for (const name of settingNames) assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  assert.equal(variableOf({ name: 'session-expiry-max' }), 'HOLDFAST_SESSION_EXPIRY_MAX')
  assert.equal(keyOfName('session-expiry-max'), 'sessionExpiryMaxSeconds')
  assert.equal(keyOfName('constructor'), undefined)
})

test('each default is allowed by its own kind and written in its shortest form', () => {
  for (const key of settingKeys) {
    const { name, kind, default: text } = settingOf(key)
    const parsed = kind.parse(text, '/')
    assert.ok(parsed !== 'refused', `${name} refuses its default ${text}`)
    if (kind.kind !== 'path') assert.equal(kind.format(parsed.value), text, name)
  }
})

test('meaning and reason are one sentence each', () => {
  for (const key of settingKeys) {
    const { name, meaning, because } = settingOf(key)
    for (const sentence of [meaning, because]) {
      assert.match(sentence, /^[A-Z0-9].*\.$/s, name)
      assert.doesNotMatch(sentence, /\n|\|/, name)
    }
  }
})

test('every setting belongs to exactly one area', () => {
  assert.deepEqual(
    areas.flatMap(area => Object.keys(area.settings)),
    settingKeys,
  )
})

test('a value is shown as a user would write it', () => {
  const settings = { queueBytesMax: 16 * 1024 ** 2, mqttPort: undefined, connectTimeoutMs: 1500 } as Settings
  assert.equal(formatValue(settings, 'queueBytesMax'), '16MiB')
  assert.equal(formatValue(settings, 'mqttPort'), 'off')
  assert.equal(formatValue(settings, 'connectTimeoutMs'), '1500ms')
})
