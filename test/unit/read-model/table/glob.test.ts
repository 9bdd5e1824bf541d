import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileGlob } from '../../../../server/read-model/table/glob.ts'
import { fuzz } from '../../../fuzz/seeded-random.ts'

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', [''], ['a']],
  ['abc', ['abc'], ['', 'ab', 'abcd', 'xabc', 'ABC']],
  ['*', ['', 'a', 'a\nb'], []],
  ['abc*', ['abc', 'abcd'], ['ab', 'xabc']],
  ['*abc', ['abc', 'xabc', 'abcabc'], ['abcx']],
  ['*abc*', ['abc', 'xabcx'], ['ab', 'a*bc']],
  ['a*c', ['ac', 'abc', 'acc'], ['a', 'c', 'acb']],
  ['a*bc*c', ['abcc', 'abcxc'], ['abc', 'ac']],
  ['aba*aba', ['abaaba', 'abaxaba'], ['aba', 'ababa']],
  ['?', ['a', '\n'], ['', 'ab']],
  ['a?c', ['abc', 'a?c'], ['ac', 'abbc']],
  ['*a?c*', ['xxabcx', 'aabc'], ['ac', 'axxc']],
  ['*?', ['a', 'ab'], ['']],
  ['a\\*c', ['a*c'], ['abc', 'a\\*c']],
  ['a\\?', ['a?'], ['ab']],
  ['a\\\\*', ['a\\', 'a\\b'], ['ab']],
]

for (const [glob, fitting, others] of cases) {
  test(`${JSON.stringify(glob)} fits what it says and nothing else`, () => {
    const matches = compileGlob(glob)
    for (const text of fitting) assert.equal(matches(text), true, text)
    for (const text of others) assert.equal(matches(text), false, text)
  })
}

fuzz('a glob fits what the regular expression fits that it stands for', random => {
  const letters = ['a', 'a', 'b', '*', '?', '\\*', '.']
  const parts = random.list(8, () => random.pick(letters))
  const pattern = parts.map(part => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    return part === '.' ? '\\.' : part
  })
  const text = random.list(10, () => random.pick(['a', 'b', '*', '.'])).join('')
  const expected = new RegExp(`^${pattern.join('')}$`).test(text)
  assert.equal(compileGlob(parts.join(''))(text), expected, `${parts.join('')} on ${text}`)
})

test('many stars on a text that almost fits cost no more than its length times theirs', () => {
  const matches = compileGlob(`${'*a?'.repeat(300)}b`)
  const text = 'a'.repeat(20_000)
  const startedAt = performance.now()
  assert.equal(matches(text), false)
  assert.equal(compileGlob(`*${'a'.repeat(900)}?b*`)(text), false)
  // Backtracking would take longer than the universe; the bound is 20,000 x 900 steps.
  assert.ok(performance.now() - startedAt < 10_000)
})
