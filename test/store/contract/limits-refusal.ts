// Contract: appends that are refused as a whole, because a queue rejects or because the store is full.

import assert from 'node:assert/strict'
import { message, messages, sized } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, receiver, START, type Subject } from './subject.ts'

export function rejectCases(check: StoreCase): void {
  rejectingQueueCases(check)
  fullStoreCases(check)
  storeRoomCases(check)
}

function rejectingQueueCases(check: StoreCase): void {
  check('reject: a message for a full queue reaches nobody', async ({ subject }) => {
    const before = await subject.lease('a')
    const full = await subject.lease('b', { messagesMax: 1, overflow: 'reject' })
    const behind = await subject.lease('c')
    await subject.fill(full.queue, message('1'))
    subject.availableQueues.length = 0
    const receivers = [before, full, behind].map(lease => receiver(lease.queue))
    assert.equal(await subject.append(message('2'), ...receivers), 'quota-exceeded')
    assert.deepEqual(counts(before.queue), EMPTY)
    assert.deepEqual(counts(behind.queue), EMPTY)
    assert.deepEqual(counts(full.queue), { messages: 1, bytes: 2, waiting: 1 })
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    assert.deepEqual(subject.takeLost(), [])
    assert.equal(await subject.fetch(before), undefined)
    assert.equal(await subject.fetch(behind), undefined)
  })

  check('reject: what is in flight counts; once acknowledged there is room', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 1, overflow: 'reject' })
    await subject.fill(lease.queue, message('1'))
    const entry = await subject.fetchAndSend(lease, 1)
    assert.equal(await subject.append(message('2'), receiver(lease.queue)), 'quota-exceeded')
    await subject.acknowledge(lease, entry)
    assert.equal(await subject.append(message('3'), receiver(lease.queue)), 'safe')
    assert.deepEqual(await subject.fetchAll(lease), ['3'])
  })

  check('reject: by bytes, and above what the queue can ever hold', async ({ subject }) => {
    const lease = await subject.lease('a', { bytesMax: 50, overflow: 'reject' })
    await subject.fill(lease.queue, sized('1', 40))
    assert.equal(await subject.append(sized('2', 11), receiver(lease.queue)), 'quota-exceeded')
    assert.equal(await subject.append(sized('3', 51), receiver(lease.queue)), 'quota-exceeded')
    assert.equal(await subject.append(sized('4', 10), receiver(lease.queue)), 'safe')
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 50, waiting: 2 })
    assert.deepEqual(subject.takeLost(), [])
  })

  check(
    'reject: a message that a refused one drops from elsewhere would be lost for nothing',
    async ({ subject }) => {
      const dropping = await subject.lease('a', { messagesMax: 1, overflow: 'drop-oldest' })
      const full = await subject.lease('b', { messagesMax: 0, overflow: 'reject' })
      await subject.fill(dropping.queue, message('1'))
      const outcome = await subject.append(message('2'), receiver(dropping.queue), receiver(full.queue))
      assert.equal(outcome, 'quota-exceeded')
      assert.deepEqual(subject.takeLost(), [])
      assert.deepEqual(await subject.fetchAll(dropping), ['1'])
    },
  )

  check('reject: two copies for a queue with room for one are refused as a whole', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 1, overflow: 'reject' })
    const to = [receiver(lease.queue), receiver(lease.queue, { sharedFilter: '$share/g/t' })]
    assert.equal(await subject.append(message('1'), ...to), 'quota-exceeded')
    assert.deepEqual(counts(lease.queue), EMPTY)
    assert.deepEqual(subject.takeLost(), [])
  })
}

function fullStoreCases(check: StoreCase): void {
  const bytesMax = 100

  check(
    'a full store refuses a message for any queue, and drops nothing to make room',
    async ({ subject }) => {
      const first = await subject.lease('a')
      const second = await subject.lease('b')
      await subject.fill(first.queue, sized('1', 60), sized('2', 40))
      const outcome = await subject.append(sized('3', 2), receiver(first.queue), receiver(second.queue))
      assert.equal(outcome, 'quota-exceeded')
      assert.deepEqual(counts(first.queue), { messages: 2, bytes: 100, waiting: 2 })
      assert.deepEqual(counts(second.queue), EMPTY)
      assert.deepEqual(subject.store.totals(), { messages: 2, bytes: 100 })
      assert.deepEqual(subject.takeLost(), [])
    },
    bytesMax,
  )

  check(
    'the store counts a body once, however many queues it is in',
    async ({ subject }) => {
      const receivers = []
      for (const clientId of ['a', 'b', 'c']) receivers.push(receiver((await subject.lease(clientId)).queue))
      assert.equal(await subject.append(sized('1', 60), ...receivers), 'safe')
      assert.equal(await subject.append(sized('2', 40), ...receivers), 'safe')
      assert.equal(await subject.append(sized('3', 2), ...receivers), 'quota-exceeded')
      assert.deepEqual(subject.store.totals(), { messages: 2, bytes: 100 })
    },
    bytesMax,
  )
}

function storeRoomCases(check: StoreCase): void {
  const ways: readonly { readonly way: string; readonly makeRoom: (subject: Subject) => Promise<void> }[] = [
    {
      way: 'an acknowledgement',
      makeRoom: async subject => {
        const lease = await subject.lease('a')
        await subject.acknowledge(lease, await subject.fetchAndSend(lease, 1))
      },
    },
    {
      way: 'the end of a session',
      makeRoom: async subject => subject.end((await subject.lease('a')).queue),
    },
    {
      way: 'the replacement of a session',
      makeRoom: async subject => {
        await subject.attach('a', { existing: 'replace' })
      },
    },
    {
      way: 'expiry',
      makeRoom: async subject => subject.store.expire((await subject.lease('a')).queue, START + 10),
    },
    {
      way: 'a fetch that skips what has expired',
      makeRoom: async subject => {
        const lease = await subject.lease('a')
        assert.equal(await subject.fetch(lease, START + 10), undefined)
      },
    },
  ]
  for (const { way, makeRoom } of ways) {
    check(
      `a full store takes messages again after ${way}`,
      async ({ subject }) => {
        const { queue } = await subject.lease('a')
        const other = await subject.lease('b')
        await subject.fill(queue, message('1'.repeat(89), { expiresAt: START + 10 }))
        assert.equal(await subject.append(sized('2', 50), receiver(other.queue)), 'quota-exceeded')
        await makeRoom(subject)
        assert.equal(await subject.append(sized('3', 50), receiver(other.queue)), 'safe')
        assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 50 })
      },
      100,
    )
  }

  check(
    'room that drop-oldest makes counts for the store as well',
    async ({ subject }) => {
      const lease = await subject.lease('a', { messagesMax: 1 })
      await subject.fill(lease.queue, ...messages('1', '2', '3'))
      subject.takeLost()
      assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
      assert.equal(await subject.append(sized('4', 98), receiver(lease.queue)), 'safe')
      assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 98 })
    },
    100,
  )
}
