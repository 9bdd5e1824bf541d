// The engine that keeps everything on the heap, held to the contract of all engines.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../../server/store/memory/memory-store.ts'
import { message } from './contract/messages.ts'
import { Subject } from './contract/subject.ts'
import { storeContract } from './contract.ts'

storeContract('memory', async options => ({ store: new MemoryStore(options) }), 'nothing')

test('memory store: every ticket is safe or refused at once, so that nothing waits', async () => {
  const subject = await Subject.open(new MemoryStore({ bytesMax: 10 }))
  const { queue } = await subject.lease('a')
  const to = [
    { queue, qos: 1, retainAsPublished: false, subscriptionIdentifiers: undefined, sharedFilter: undefined },
  ] as const
  assert.equal(subject.store.append(message('1'), to, 1).isSafe, true)
  assert.equal(subject.store.append(message('2'.repeat(10)), to, 1).refusal?.fault, 'quota-exceeded')
})

test('memory store: nothing survives, and a store that opens finds nothing', async () => {
  const subject = await Subject.open(new MemoryStore({ bytesMax: 10 }))
  assert.deepEqual([subject.recovered, subject.retained], [[], []])
})
