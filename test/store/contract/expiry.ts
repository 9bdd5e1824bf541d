// Contract: messages whose time has come, and what the queue says of the next one.

import assert from 'node:assert/strict'
import type { Message } from '../../../server/protocol/message.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, eventually, NEVER, receiver, START } from './subject.ts'

export function expiryCases(check: StoreCase): void {
  fetchCases(check)
  expireCases(check)
  nextExpiryCases(check)
  expiringCases(check)
}

function until(payload: string, seconds: number): Message {
  return message(payload, { expiresAt: START + seconds })
}

function fetchCases(check: StoreCase): void {
  check('fetch skips what has expired and reports it, oldest first', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, until('1', 5), until('2', 9), message('3'), until('4', 5))
    const entry = await subject.fetch(lease, START + 9)
    assert.equal(entry?.message.payload.toString(), '3')
    await eventually(() => assert.deepEqual(subject.takeLost(), ['1 expired', '2 expired']))
    assert.equal(await subject.fetch(lease, START + 9), undefined)
    await eventually(() => assert.deepEqual(subject.takeLost(), ['4 expired']))
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 0 })
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
  })

  check('a message is alive until its time has come, and not a moment longer', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, until('1', 5), until('2', 5))
    assert.equal((await subject.fetch(lease, START + 4))?.message.payload.toString(), '1')
    assert.equal(await subject.fetch(lease, START + 5), undefined)
    assert.deepEqual(subject.takeLost(), ['2 expired'])
  })

  check('a queue that was skipped empty makes itself heard again', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, until('1', 5))
    assert.equal(await subject.fetch(lease, START + 5), undefined)
    subject.availableQueues.length = 0
    await subject.fill(lease.queue, message('2'))
    assert.ok(subject.takeAvailable(lease.queue) >= 1)
    assert.deepEqual(await subject.fetchAll(lease), ['2'])
  })
}

function expireCases(check: StoreCase): void {
  check(
    'expire drops what has expired, oldest first, and keeps the order of the rest',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      const kept = ['1', '3', '4', '6']
      await subject.fill(
        lease.queue,
        message('1'),
        until('2', 5),
        until('3', 20),
        message('4'),
        until('5', 3),
        message('6'),
      )
      subject.store.expire(lease.queue, START + 5)
      await eventually(() => assert.equal(lease.queue.messages, 4))
      assert.deepEqual(subject.takeLost(), ['2 expired', '5 expired'])
      assert.deepEqual(counts(lease.queue), { messages: 4, bytes: 8, waiting: 4 })
      assert.deepEqual(subject.store.totals(), { messages: 4, bytes: 8 })
      assert.deepEqual(await subject.fetchAll(lease), kept)
    },
  )

  check('expire leaves what is in flight alone [MQTT5-4.3.3-7]', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, until('1', 5), until('2', 5))
    const entry = await subject.fetchAndSend(lease, 1)
    subject.store.expire(lease.queue, START + 100)
    await eventually(() => assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 0 }))
    assert.deepEqual(subject.takeLost(), ['2 expired'])
    await subject.acknowledge(lease, entry)
    assert.deepEqual(counts(lease.queue), EMPTY)
  })

  check('expire of a queue with nothing to expire changes nothing', async ({ subject }) => {
    const lease = await subject.lease('a')
    subject.store.expire(lease.queue, START + 100)
    await subject.fill(lease.queue, message('1'), until('2', 500))
    subject.store.expire(lease.queue, START + 100)
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 2 })
    assert.deepEqual(await subject.fetchAll(lease), ['1', '2'])
    assert.deepEqual(subject.takeLost(), [])
  })

  check('a body that expires in one queue stays for those it is in flight to', async ({ subject }) => {
    const first = await subject.lease('a')
    const second = await subject.lease('b')
    await subject.append(until('1', 5), receiver(first.queue), receiver(second.queue))
    const entry = await subject.fetchAndSend(first, 1)
    subject.store.expire(second.queue, START + 5)
    await eventually(() => assert.deepEqual(counts(second.queue), EMPTY))
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    await subject.acknowledge(first, entry)
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })
}

function nextExpiryCases(check: StoreCase): void {
  check('nextExpiryAt is that of the waiting message that expires first', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    await subject.fill(queue, message('1'))
    assert.equal(queue.nextExpiryAt, NEVER)
    await subject.fill(queue, until('2', 20), until('3', 10), until('4', 30))
    assert.equal(queue.nextExpiryAt, START + 10)
    subject.store.expire(queue, START + 10)
    await eventually(() => assert.equal(queue.nextExpiryAt, START + 20))
    subject.store.expire(queue, START + 30)
    await eventually(() => assert.equal(queue.nextExpiryAt, NEVER))
    assert.equal(queue.waiting, 1)
  })

  check('nextExpiryAt is Infinity once nothing waits', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, until('1', 10), until('2', 5))
    assert.deepEqual(await subject.fetchAll(lease), ['1', '2'])
    assert.equal(lease.queue.nextExpiryAt, NEVER)
  })

  check(
    'nextExpiryAt is never too late when its message is fetched, and exact after a look',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, until('1', 10), until('2', 20), message('3'))
      await subject.fetchAndSend(lease, 1)
      assert.ok(lease.queue.nextExpiryAt <= START + 20)
      subject.store.expire(lease.queue, START + 10)
      await eventually(() => assert.equal(lease.queue.nextExpiryAt, START + 20))
      await subject.fetchAndSend(lease, 2)
      subject.store.expire(lease.queue, START + 20)
      await eventually(() => assert.equal(lease.queue.nextExpiryAt, NEVER))
      assert.deepEqual(subject.takeLost(), [])
    },
  )

  check(
    'nextExpiryAt is never too late when its message is displaced, and exact after a look',
    async ({ subject }) => {
      const { queue } = await subject.lease('a', { messagesMax: 2 })
      await subject.fill(queue, until('1', 10), until('2', 20), message('3'))
      assert.ok(queue.nextExpiryAt <= START + 20)
      await subject.fill(queue, message('4'))
      subject.store.expire(queue, START + 10)
      await eventually(() => assert.equal(queue.nextExpiryAt, NEVER))
      assert.deepEqual(subject.takeLost(), ['1 queue-full', '2 queue-full'])
    },
  )
}

function expiringCases(check: StoreCase): void {
  check('expiring() tells when nextExpiryAt has come nearer', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    await subject.fill(queue, until('1', 20))
    assert.ok(subject.takeExpiring(queue) >= 1)
    await subject.fill(queue, until('2', 10))
    assert.ok(subject.takeExpiring(queue) >= 1)
    await subject.fill(queue, until('3', 30), message('4'))
    assert.equal(subject.takeExpiring(queue), 0)
  })

  check('expiring() is called when nextExpiryAt already says so', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    const seen: number[] = []
    subject.expiring = one => seen.push(one.nextExpiryAt)
    await subject.fill(queue, until('1', 20), until('2', 10))
    assert.deepEqual(seen, [START + 20, START + 10])
  })

  check('expiring() tells of a message behind nearer ones that have gone', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, until('1', 10))
    assert.deepEqual(await subject.fetchAll(lease), ['1'])
    subject.takeExpiring(lease.queue)
    await subject.fill(lease.queue, ...messages('2'), until('3', 20))
    assert.equal(subject.takeExpiring(lease.queue), 1)
  })
}
