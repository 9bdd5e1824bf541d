// Contract: what the end of a session leaves: nothing of it, and one word for each message it was owed.

import assert from 'node:assert/strict'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, eventually, payloadOf, receiver, START } from './subject.ts'

export function endCases(check: StoreCase): void {
  lostCases(check)
  othersCases(check)
  afterwardsCases(check)
}

function lostCases(check: StoreCase): void {
  for (const reason of ['session-ended', 'session-cleaned'] as const) {
    check(`end reports what waited and what was in flight as ${reason}, each once`, async ({ subject }) => {
      const lease = await subject.lease('a')
      const shared = receiver(lease.queue, { sharedFilter: '$share/g/t' })
      for (const one of messages('1', '2', '3', '4', '5')) await subject.append(one, shared)
      await subject.fetchAndSend(lease, 1)
      const released = await subject.fetchAndSend(lease, 2)
      await subject.release(lease, released)
      await subject.acknowledge(lease, await subject.fetchAndSend(lease, 3))
      await subject.end(lease.queue, reason)
      await eventually(() => assert.equal(subject.lostMessages.length, 4))
      // The listener decides by the state whether delivery had begun.
      const states = subject.offers.map(({ entry }) => `${payloadOf(entry)} ${entry.at}`)
      assert.deepEqual(states, ['1 published', '2 released', '4 waiting', '5 waiting'])
      const expected = ['1', '2', '4', '5'].map(payload => `${payload} ${reason}`)
      assert.deepEqual(subject.takeLost().sort(), expected)
      assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
    })
  }
}

function othersCases(check: StoreCase): void {
  check(
    'end reports oldest first, so that another member of a shared group gets them in order',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, ...messages('1', '2', '3', '4'))
      await subject.fetchAndSend(lease, 1)
      await subject.fetchAndSend(lease, 2)
      await subject.end(lease.queue)
      const expected = ['1', '2', '3', '4'].map(payload => `${payload} session-ended`)
      assert.deepEqual(subject.takeLost(), expected)
    },
  )

  check(
    'end offers entries of shared subscriptions to others, and what they take is not lost',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      const other = await subject.lease('b')
      const shared = { sharedFilter: '$share/g/t', qos: 1 } as const
      await subject.append(message('1', { qos: 2 }), receiver(lease.queue, shared))
      subject.offered = (_queue, entry) => {
        assert.equal(entry.sharedFilter, '$share/g/t')
        subject.store.append(entry.message, [receiver(other.queue, shared)], 1)
        return 'taken'
      }
      await subject.end(lease.queue)
      await eventually(() => assert.equal(other.queue.waiting, 1))
      assert.deepEqual(subject.takeLost(), [])
      assert.deepEqual(await subject.fetchAll(other), ['1'])
      assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    },
  )

  check('a body stays for the other queues that hold it', async ({ subject }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    await subject.append(message('1'), receiver(lease.queue), receiver(other.queue))
    await subject.end(lease.queue)
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    assert.deepEqual(await subject.fetchAll(other), ['1'])
  })
}

function afterwardsCases(check: StoreCase): void {
  check('a second end of the same queue does nothing', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    await subject.fill(queue, message('1'))
    await subject.end(queue)
    subject.takeLost()
    await subject.end(queue, 'session-cleaned')
    assert.deepEqual(subject.takeLost(), [])
  })

  check('the end of an old generation does not touch the one that followed', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    const { lease } = await subject.attach('a', { existing: 'replace' })
    await subject.fill(lease.queue, message('1'))
    await subject.end(queue)
    assert.deepEqual(subject.takeLost(), [])
    assert.equal((await subject.attach('a')).at, 'resumed')
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 1 })
  })

  check('an ended queue takes part in nothing any more', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message('1', { expiresAt: START + 5 }))
    await subject.end(lease.queue)
    subject.takeLost()
    assert.equal(await subject.append(message('2'), receiver(lease.queue)), 'safe')
    subject.store.expire(lease.queue, START + 5)
    assert.equal(subject.store.fetch(lease, START), undefined)
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })
}
