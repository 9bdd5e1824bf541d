// The address of the page /lab: everything that it shows can be sent to somebody else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAddress, testWith, writeAddress } from '../../../dashboard/pages/lab/lab-address.ts'
import { labTests, ownTest } from '../../../shared/lab-tests.ts'

function again(query: ReturnType<typeof writeAddress>) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value)
  return readAddress(search)
}

test('each test, step by step or not, here or elsewhere, is read as it was written', () => {
  const own = ownTest({ publishQos: 2, subscribeQos: 0, clean: true, retain: true, messages: 17 })
  for (const one of [...labTests, own]) {
    for (const isStepwise of [true, false]) {
      for (const url of [undefined, 'ws://127.0.0.1:9001/mqtt', 'wss://x.example'])
        assert.deepEqual(again(writeAddress({ test: one, isStepwise, url })), { test: one, isStepwise, url })
    }
  }
})

test('what is not an address of the Lab is read as something that is', () => {
  const read = (text: string) => readAddress(new URLSearchParams(text))
  assert.equal(read('').test.id, 'classic-4')
  assert.equal(read('test=nonsense').test.id, 'classic-4')
  assert.equal(read('url=javascript:alert(1)').url, undefined)
  assert.equal(read('url=http://x.example').url, undefined)
  assert.equal(read('test=own&messages=1e9').test.params.messages, 2_000)
  assert.equal(read('test=own&messages=-3&publish=7').test.params.messages, 1)
})

test('parameters that are those of a cell lead to the cell', () => {
  const params = { publishQos: 1, subscribeQos: 2, clean: false, retain: true, messages: 5 } as const
  assert.equal(testWith(params).id, 'cell-1-2-kept-retained')
  assert.equal(testWith({ ...params, messages: 6 }).id, 'own')
})
