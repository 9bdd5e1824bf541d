// What the start page says is kept, in words that follow from the settings.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wordBytes, wordCount, wordDuration } from '../../../dashboard/app/words.ts'
import { whatIsKept } from '../../../dashboard/pages/start/kept.ts'
import { schema } from '../../../server/config/schema.ts'
import type { StartFacts } from '../../../shared/start-facts.ts'
import { facts } from './facts.ts'

function sentences(changed: Partial<StartFacts>): readonly string[] {
  return whatIsKept({ ...facts, ...changed }).map(({ sentence }) => sentence)
}

test('the usual settings in words', () => {
  const [session, queued, qos0, where] = sentences({})
  assert.match(session ?? '', /^7 days after/)
  assert.match(queued ?? '', /^1,000 messages or 16\u00a0MiB .* the oldest give way\.$/)
  assert.match(qos0 ?? '', /^Does not wait/)
  assert.match(where ?? '', /^On disk; an acknowledgement means that the disk has it/)
})

test('other settings in other words', () => {
  assert.match(sentences({ sessionExpirySeconds: null })[0] ?? '', /^Until its client ends it/)
  assert.match(sentences({ sessionExpirySeconds: 0 })[0] ?? '', /^No longer than the connection/)
  assert.match(sentences({ queueOverflow: 'reject' })[1] ?? '', /publishers are refused/)
  assert.match(sentences({ queueQos0: true })[2] ?? '', /^Waits as well/)
  assert.match(sentences({ store: 'memory' })[3] ?? '', /^In memory/)
  assert.match(sentences({ durability: 'os' })[3] ?? '', /operating system/)
})

test('every setting that is named exists', () => {
  const known = new Set(Object.values(schema).map(({ name }) => name as string))
  for (const store of ['embedded', 'memory'] as const) {
    for (const { settings } of whatIsKept({ ...facts, store })) {
      for (const name of settings) assert.ok(known.has(name), name)
    }
  }
})

test('counts, bytes and durations read as people say them', () => {
  assert.equal(wordCount(1_234_567), '1,234,567')
  assert.equal(wordBytes(1500), '1500\u00a0B')
  assert.equal(wordDuration(1), '1 second')
  assert.equal(wordDuration(3600), '1 hour')
  assert.equal(wordDuration(5400), '90 minutes')
})
