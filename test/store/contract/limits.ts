// Contract: full queues that drop, by number and by bytes.

import assert from 'node:assert/strict'
import { message, messages, sized } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, receiver } from './subject.ts'

export function limitCases(check: StoreCase): void {
  dropOldestCases(check)
  inFlightStaysCases(check)
  dropNewestCases(check)
  tooLargeCases(check)
}

function dropOldestCases(check: StoreCase): void {
  check('drop-oldest: a new message displaces the oldest waiting one', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 3 })
    await subject.fill(lease.queue, ...messages('1', '2', '3', '4', '5'))
    assert.deepEqual(subject.takeLost(), ['1 queue-full', '2 queue-full'])
    assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 6, waiting: 3 })
    assert.deepEqual(subject.store.totals(), { messages: 3, bytes: 6 })
    assert.deepEqual(await subject.fetchAll(lease), ['3', '4', '5'])
  })

  check('drop-oldest: as many go as the bytes of the new message need', async ({ subject }) => {
    const lease = await subject.lease('a', { bytesMax: 100 })
    await subject.fill(lease.queue, sized('1', 30), sized('2', 30), sized('3', 40), sized('4', 55))
    assert.deepEqual(
      subject.takeLost().map(one => one.replaceAll('.', '')),
      ['1 queue-full', '2 queue-full'],
    )
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 95, waiting: 2 })
    assert.deepEqual(subject.store.totals(), { messages: 2, bytes: 95 })
  })

  check('a queue may be filled to its limits exactly', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 2, bytesMax: 20 })
    await subject.fill(lease.queue, sized('1', 10), sized('2', 10))
    assert.deepEqual(subject.takeLost(), [])
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 20, waiting: 2 })
  })

  check('drop-oldest: a body that other queues hold stays counted', async ({ subject }) => {
    const small = await subject.lease('a', { messagesMax: 1 })
    const large = await subject.lease('b')
    for (const one of messages('1', '2')) {
      await subject.append(one, receiver(small.queue), receiver(large.queue))
    }
    assert.deepEqual(subject.takeLost(), ['1 queue-full'])
    assert.deepEqual(subject.store.totals(), { messages: 2, bytes: 4 })
    assert.deepEqual(await subject.fetchAll(large), ['1', '2'])
    assert.deepEqual(await subject.fetchAll(small), ['2'])
  })

  check('a queue that holds at most one message always has the latest', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 1 })
    await subject.fill(lease.queue, ...messages('1', '2', '3'))
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 1 })
    assert.deepEqual(await subject.fetchAll(lease), ['3'])
  })
}

function inFlightStaysCases(check: StoreCase): void {
  check('drop-oldest: messages in flight count, and are never dropped', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 3 })
    await subject.fill(lease.queue, ...messages('1', '2', '3'))
    const sent = await subject.fetchAndSend(lease, 1)
    await subject.fill(lease.queue, message('4'))
    assert.deepEqual(subject.takeLost(), ['2 queue-full'])
    assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 6, waiting: 2 })
    await subject.acknowledge(lease, sent)
    await subject.fill(lease.queue, message('5'))
    assert.deepEqual(subject.takeLost(), [])
    assert.deepEqual(await subject.fetchAll(lease), ['3', '4', '5'])
  })

  check('drop-oldest: with everything in flight the new message has no place', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 2 })
    await subject.fill(lease.queue, ...messages('1', '2'))
    const first = await subject.fetchAndSend(lease, 1)
    const second = await subject.fetchAndSend(lease, 2)
    assert.equal(await subject.append(message('3'), receiver(lease.queue)), 'safe')
    assert.deepEqual(subject.takeLost(), ['3 queue-full'])
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 0 })
    assert.deepEqual(subject.store.totals(), { messages: 2, bytes: 4 })
    await subject.acknowledge(lease, first, second)
    assert.deepEqual(counts(lease.queue), EMPTY)
  })

  check(
    'drop-oldest: nothing is dropped for a message that will not fit all the same',
    async ({ subject }) => {
      const lease = await subject.lease('a', { bytesMax: 100 })
      await subject.fill(lease.queue, sized('1', 60), sized('2', 10), sized('3', 10))
      await subject.fetchAndSend(lease, 1)
      await subject.append(sized('4', 50), receiver(lease.queue))
      assert.deepEqual(
        subject.takeLost().map(one => one.replaceAll('.', '')),
        ['4 queue-full'],
      )
      assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 80, waiting: 2 })
    },
  )
}

function dropNewestCases(check: StoreCase): void {
  check('drop-newest: a message for a full queue is lost, the queue stays', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 2, overflow: 'drop-newest' })
    await subject.fill(lease.queue, ...messages('1', '2', '3'))
    assert.deepEqual(subject.takeLost(), ['3 queue-full'])
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 2 })
    assert.deepEqual(subject.store.totals(), { messages: 2, bytes: 4 })
    assert.deepEqual(await subject.fetchAll(lease), ['1', '2'])
  })

  check('drop-newest: by bytes, a smaller message still fits', async ({ subject }) => {
    const lease = await subject.lease('a', { bytesMax: 50, overflow: 'drop-newest' })
    await subject.fill(lease.queue, sized('1', 40), sized('2', 11), sized('3', 10))
    assert.equal(subject.takeLost().length, 1)
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 50, waiting: 2 })
  })

  check('one full queue does not keep a message from the others', async ({ subject }) => {
    const full = await subject.lease('a', { messagesMax: 0, overflow: 'drop-newest' })
    const lease = await subject.lease('b')
    assert.equal(await subject.append(message('1'), receiver(full.queue), receiver(lease.queue)), 'safe')
    assert.deepEqual(subject.takeLost(), ['1 queue-full'])
    assert.deepEqual(await subject.fetchAll(lease), ['1'])
  })
}

function tooLargeCases(check: StoreCase): void {
  for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
    check(`${overflow}: a message above the queue's bytes is lost alone`, async ({ subject }) => {
      const lease = await subject.lease('a', { bytesMax: 20, overflow })
      await subject.fill(lease.queue, sized('1', 10))
      assert.equal(await subject.append(sized('2', 21), receiver(lease.queue)), 'safe')
      assert.equal(subject.takeLost().length, 1)
      assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 10, waiting: 1 })
      assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 10 })
    })

    check(`${overflow}: a queue for no messages loses each of them`, async ({ subject }) => {
      const lease = await subject.lease('a', { messagesMax: 0, overflow })
      await subject.fill(lease.queue, ...messages('1', '2'))
      assert.deepEqual(subject.takeLost(), ['1 queue-full', '2 queue-full'])
      assert.deepEqual(counts(lease.queue), EMPTY)
      assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
    })
  }
}
