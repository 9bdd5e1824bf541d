// The rules of style that a program can check; each is also shown to fail on code that breaks it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importRules, wellFormedImports } from './tidy/import-rules.ts'
import { lockRules } from './tidy/lock-rules.ts'
import { ownerRules } from './tidy/owner-rules.ts'
import { shapeRules } from './tidy/shape-rules.ts'
import { repositorySources } from './tidy/source.ts'

const rules = [...importRules, ...shapeRules, ...ownerRules, ...lockRules]
const sources = repositorySources()

test('the rules look at the whole repository', () => {
  for (const path of ['server/main.ts', 'shared/units.ts', 'test/tidy.test.ts', 'package-lock.json']) {
    assert.ok(
      sources.some(source => source.path === path),
      path,
    )
  }
})

for (const rule of rules) {
  test(rule.name, () => {
    const found = rule.check(sources)
    assert.ok(found.length === 0, `${rule.name}:\n${found.join('\n')}`)
  })

  test(`finds what breaks it: ${rule.name}`, () => {
    assert.ok(rule.violations.length > 0)
    for (const violation of rule.violations) {
      assert.ok(rule.check(violation).length > 0, violation.map(source => source.text).join('\n'))
    }
  })
}

test('well-formed imports are left alone', () => {
  for (const rule of importRules) assert.deepEqual(rule.check(wellFormedImports), [])
})
