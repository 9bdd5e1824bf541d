// Contract: browse and read show what is owed and change nothing; `changed` is said once until somebody has looked.

import assert from 'node:assert/strict'
import { message, messages, sized } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, payloadOf, receiver, START, type Subject, safe } from './subject.ts'

export function lookCases(check: StoreCase): void {
  browseCases(check)
  readCases(check)
  changedCases(check)
  discardCases(check)
}

function browseCases(check: StoreCase): void {
  check('browse shows what is owed with its state, oldest first, and where to go on', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '22'), message('333', { qos: 2 }), message('4'))
    const first = await subject.fetchAndSend(lease, 7, START + 5)
    await subject.fetchAndSend(lease, 8)
    await subject.release(lease, await subject.fetchAndSend(lease, 9))
    const owed = subject.store.browse(lease.queue, 0, 10)
    assert.deepEqual(
      owed.map(({ size, qos, at, packetId, sentAt }) => [size, qos, at, packetId, sentAt]),
      [
        [2, 1, 'published', 7, START + 5],
        [3, 1, 'published', 8, START],
        [4, 2, 'released', 9, START],
        [2, 1, 'waiting', 0, undefined],
      ],
    )
    assert.ok(owed.every((one, index) => one.seq > (owed[index - 1]?.seq ?? 0)))
    const [, second] = owed
    await subject.acknowledge(lease, first)
    const next = subject.store.browse(lease.queue, second!.seq, 1)
    assert.deepEqual(next, owed.slice(2, 3))
    assert.deepEqual(subject.store.browse(lease.queue, owed.at(-1)!.seq, 10), [])
  })

  check('browse goes through a long queue in steps, wherever its beginning is', async ({ subject }) => {
    const lease = await subject.lease('a')
    const payloads = Array.from({ length: 100 }, (_, index) => String(index))
    await subject.fill(lease.queue, ...messages(...payloads))
    for (let count = 0; count < 37; count++) await subject.acknowledge(lease, (await subject.fetch(lease))!)
    await subject.fill(lease.queue, message('last'))
    const seen: string[] = []
    for (let after = 0; ; ) {
      const owed = subject.store.browse(lease.queue, after, 7)
      const bodies = await subject.store.read(
        lease.queue,
        owed.map(one => one.seq),
      )
      for (const { seq } of owed) seen.push(bodies.get(seq)!.payload.toString())
      if (owed.length < 7) break
      after = owed.at(-1)!.seq
    }
    assert.deepEqual(seen, [...payloads.slice(37), 'last'])
  })
}

function readCases(check: StoreCase): void {
  check('looking changes nothing about delivery', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2', '3'), message('4', { expiresAt: START + 10 }))
    await subject.fetchAndSend(lease, 1)
    const before = counts(lease.queue)
    const owed = subject.store.browse(lease.queue, 0, 10)
    const bodies = await subject.store.read(
      lease.queue,
      owed.map(one => one.seq),
    )
    assert.deepEqual([...bodies.values()].map(one => one.payload.toString()).sort(), ['1', '2', '3', '4'])
    assert.deepEqual(counts(lease.queue), before)
    assert.deepEqual(subject.takeLost(), [])
    assert.deepEqual(await subject.fetchAll(lease, START + 10), ['2', '3'])
    assert.deepEqual(subject.takeLost(), ['4 expired'])
  })

  check('read leaves out what the queue does not owe', async ({ subject }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    await subject.append(message('1'), receiver(lease.queue), receiver(other.queue))
    await subject.append(message('2'), receiver(other.queue))
    const seqs = subject.store.browse(other.queue, 0, 10).map(one => one.seq)
    const own = subject.store.browse(lease.queue, 0, 10).map(one => one.seq)
    await subject.acknowledge(lease, (await subject.fetch(lease))!)
    assert.equal((await subject.store.read(lease.queue, [...own, seqs[1]!, 999_999])).size, 0)
  })

  check('read gives bodies that memory does not keep', async ({ subject }) => {
    const lease = await subject.lease('a')
    await safe(subject.store.detach(lease, { disconnectedAt: START }))
    const payloads = Array.from({ length: 200 }, (_, index) => String(index))
    await subject.fill(lease.queue, ...payloads.map(one => sized(one, 20_000)))
    const seqs = subject.store.browse(lease.queue, 0, 200).map(one => one.seq)
    const bodies = await subject.store.read(lease.queue, seqs)
    assert.deepEqual(
      seqs.map(seq => bodies.get(seq)?.payload.toString().replaceAll('.', '')),
      payloads,
    )
  })
}

/** How often it was said since the last call; from here on the listener has looked. */
function takeChanged(subject: Subject): string[] {
  for (const queue of subject.changedQueues) queue.isTouched = false
  return subject.changedQueues.splice(0).map(queue => queue.clientId)
}

function changedCases(check: StoreCase): void {
  check('changed is said once however much changes, until its flag is cleared', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2', '3'))
    assert.equal(lease.queue.isTouched, true)
    assert.deepEqual(takeChanged(subject), ['a'])
    const entry = await subject.fetch(lease)
    assert.deepEqual(takeChanged(subject), ['a'])
    await subject.acknowledge(lease, entry!)
    assert.deepEqual(takeChanged(subject), ['a'])
    subject.store.browse(lease.queue, 0, 9)
    subject.store.expire(lease.queue, START)
    assert.deepEqual(takeChanged(subject), [])
    await safe(subject.store.discard(lease.queue, undefined, 'removed'))
    assert.deepEqual(takeChanged(subject), ['a'])
  })

  check('what expires and what is displaced changes counts as well', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 2 })
    await subject.fill(lease.queue, message('1', { expiresAt: START + 1 }), message('2'))
    takeChanged(subject)
    subject.store.expire(lease.queue, START + 1)
    assert.deepEqual(takeChanged(subject), ['a'])
    await subject.fill(lease.queue, ...messages('3', '4'))
    assert.deepEqual(takeChanged(subject), ['a'])
  })
}

function discardCases(check: StoreCase): void {
  check('discard drops the named waiting messages, and never what is in flight', async ({ subject }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    for (const one of messages('1', '2', '3', '4'))
      await subject.append(one, receiver(lease.queue), receiver(other.queue))
    await subject.fetchAndSend(lease, 1)
    const seqs = subject.store.browse(lease.queue, 0, 3).map(one => one.seq)
    await safe(subject.store.discard(lease.queue, seqs, 'removed'))
    assert.deepEqual(subject.takeLost(), ['2 removed', '3 removed'])
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 1 })
    await safe(subject.store.discard(lease.queue, undefined, 'removed'))
    assert.deepEqual(subject.takeLost(), ['4 removed'])
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 0 })
    assert.deepEqual((await subject.fetchEntries(other)).map(payloadOf), ['1', '2', '3', '4'])
  })
}
