import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachOnce, Interned } from '../../../../server/read-model/table/interned.ts'

test('a value has one number for as long as a row holds it', () => {
  const interned = new Interned<string>()
  const first = interned.take('ana')
  assert.equal(interned.take('ana'), first)
  assert.notEqual(interned.take('bo'), first)
  interned.release(first)
  assert.equal(interned.value(first), 'ana')
  interned.release(first)
  assert.equal(interned.take('eve'), first, 'a free number is used again')
  assert.equal(interned.value(first), 'eve')
})

test('what was asked once of a value is asked again when its number means another', () => {
  const interned = new Interned<string>()
  const asked: string[] = []
  const isAna = eachOnce(interned, value => {
    asked.push(value)
    return value === 'ana'
  })
  const number = interned.take('ana')
  assert.deepEqual([isAna(number), isAna(number)], [true, true])
  interned.release(number)
  assert.equal(interned.take('bo'), number)
  assert.equal(isAna(number), false)
  assert.deepEqual(asked, ['ana', 'bo'])
})
