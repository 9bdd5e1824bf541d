// Contract, for engines that outlive their process: what was buried is there for the next process, and only there.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { buryMessages, burySession, restored } from './burials.ts'
import { message, messages } from './messages.ts'
import { recoveredOf } from './reopen.ts'
import type { StoreCase } from './store-case.ts'
import { counts, payloadOf, receiver, START, safe } from './subject.ts'

export function reopenBuryCases(check: StoreCase): void {
  sessionCases(check)
  queueCases(check)
  cursorCases(check)
  expiryCases(check)
  purgeCases(check)
}

function sessionCases(check: StoreCase): void {
  check('a buried session survives, with all that was under way at QoS 2', async ({ subject, reopen }) => {
    const { lease, record } = await subject.attach('a')
    await subject.fill(lease.queue, message('1'), message('2', { qos: 2 }), message('3', { qos: 2 }))
    await subject.fill(lease.queue, ...messages('4', '5'))
    await subject.fetchAndSend(lease, 1)
    await subject.release(lease, await subject.fetchAndSend(lease, 2))
    await subject.fetchAndSend(lease, 3)
    await safe(subject.store.keep(lease, 9 as PacketId))
    const tombstone = await burySession(subject, lease.queue)

    const after = await reopen()
    assert.deepEqual(after.recovered, [])
    assert.deepEqual([...after.store.tombstones()], [tombstone])
    assert.deepEqual(after.store.totals(), { messages: 5, bytes: 10 })
    const { recovered } = await restored(after)
    assert.ok(recovered!.lease.epoch > lease.epoch)
    assert.equal(recovered?.record.generation, record.generation)
    assert.deepEqual(recovered?.receiving, [9])
    assert.deepEqual(
      recovered?.sending.map(entry => [payloadOf(entry), entry.at, entry.packetId]),
      [
        ['2', 'released', 2],
        ['3', 'published', 3],
      ],
    )
    assert.deepEqual(await after.fetchAll(await after.lease('a')), ['1', '4', '5'])

    const last = await reopen()
    assert.deepEqual([...last.store.tombstones()], [])
    assert.equal(recoveredOf(last, 'a').sending.length, 2)
    assert.equal(counts(recoveredOf(last, 'a').lease.queue).messages, 5)
  })

  check('a buried session and the one that followed it do not mix', async ({ subject, reopen }) => {
    const former = await subject.lease('a')
    await subject.fill(former.queue, message('old'))
    await burySession(subject, former.queue)
    const { lease, record } = await subject.attach('a')
    await subject.fill(lease.queue, message('new'))
    const after = await reopen()
    assert.equal(recoveredOf(after, 'a').record.generation, record.generation)
    assert.equal((await after.store.restore('grave', START)).at, 'session-exists')
    assert.deepEqual(await after.fetchAll(await after.lease('a')), ['new'])
    await after.end((await after.attach('a')).lease.queue)
    const last = await reopen()
    assert.deepEqual(last.recovered, [])
    await restored(last)
    assert.deepEqual(await last.fetchAll(await last.lease('a')), ['old'])
  })
}

function queueCases(check: StoreCase): void {
  check(
    'buried messages survive apart from their queue, and come back to it',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      const other = await subject.lease('b')
      for (const one of messages('1', '2', '3', '4', '5'))
        await subject.append(one, receiver(lease.queue), receiver(other.queue))
      const tombstone = await buryMessages(subject, lease.queue, ['2', '4'])
      const after = await reopen()
      assert.deepEqual([...after.store.tombstones()], [tombstone])
      assert.deepEqual(counts(recoveredOf(after, 'a').lease.queue), { messages: 3, bytes: 6, waiting: 3 })
      assert.deepEqual(await after.fetchAll(await after.lease('b')), ['1', '2', '3', '4', '5'])
      await restored(after)
      const last = await reopen()
      assert.deepEqual(await last.fetchAll(await last.lease('a')), ['1', '2', '3', '4', '5'])
    },
  )

  check('messages that nobody else has survive while they are buried', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2'))
    await buryMessages(subject, lease.queue)
    const after = await reopen()
    assert.deepEqual(after.store.totals(), { messages: 2, bytes: 4 })
    const last = await reopen()
    const again = await last.lease('a')
    await restored(last)
    assert.deepEqual(await last.fetchAll(again), ['1', '2'])
  })
}

/** Messages that others have as well, so that only the queue's cursor says what of them is still owed. */
function cursorCases(check: StoreCase): void {
  check('what the queue has gone past meanwhile does not come again', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    const both = [receiver(lease.queue), receiver(other.queue)]
    for (const one of messages('1', '2', '3')) await subject.append(one, ...both)
    await buryMessages(subject, lease.queue, ['1', '2'])
    for (const one of messages('4', '5', '6')) await subject.append(one, ...both)
    const [three, four] = await subject.fetchEntries(lease)
    await subject.acknowledge(lease, three!, four!)

    const second = await reopen()
    const again = await second.lease('a')
    await restored(second)
    const owed = await second.fetchEntries(again)
    assert.deepEqual(owed.map(payloadOf), ['1', '2', '5', '6'])
    await second.acknowledge(again, owed[0]!, owed[2]!)

    const third = await reopen()
    const lastLease = await third.lease('a')
    assert.deepEqual(await third.fetchAll(lastLease), ['2', '6'])
    assert.deepEqual(await third.fetchAll(await third.lease('b')), ['1', '2', '3', '4', '5', '6'])
  })

  check(
    'what came back is buried, restored and settled again across restarts',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      const both = [receiver(lease.queue), receiver((await subject.lease('b')).queue)]
      for (const one of messages('1', '2', '3', '4')) await subject.append(one, ...both)
      await buryMessages(subject, lease.queue, ['1', '3'])
      await subject.acknowledge(lease, ...(await subject.fetchEntries(lease)))
      let now = await reopen()
      await restored(now)
      now = await reopen()
      await buryMessages(now, recoveredOf(now, 'a').lease.queue, ['3'])
      now = await reopen()
      const again = await now.lease('a')
      assert.deepEqual(await now.fetchAll(again), ['1'])
      now = await reopen()
      await restored(now)
      now = await reopen()
      const last = await now.lease('a')
      const entries = await now.fetchEntries(last)
      assert.deepEqual(entries.map(payloadOf), ['1', '3'])
      await now.acknowledge(last, ...entries)
      now = await reopen()
      assert.deepEqual(await now.fetchAll(await now.lease('a')), [])
    },
  )
}

function expiryCases(check: StoreCase): void {
  check('what expires when it is restored does not come again', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const both = [receiver(lease.queue), receiver((await subject.lease('b')).queue)]
    await subject.append(message('1', { expiresAt: START + 5 }), ...both)
    await subject.append(message('2'), ...both)
    await buryMessages(subject, lease.queue)
    await restored(subject, 'grave', START + 5)
    const after = await reopen()
    assert.deepEqual(await after.fetchAll(await after.lease('a'), START), ['2'])
  })
}

function purgeCases(check: StoreCase): void {
  check('what was purged is gone for good, whoever else has it', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    for (const one of messages('1', '2', '3'))
      await subject.append(one, receiver(lease.queue), receiver(other.queue))
    await buryMessages(subject, lease.queue, ['1', '3'], 'messages')
    await burySession(subject, other.queue, 'session')
    const after = await reopen()
    for (const { id } of [...after.store.tombstones()]) await safe(after.store.purge(id))
    assert.deepEqual(
      after
        .takeLost()
        .map(one => one.split(' ')[1])
        .sort(),
      ['removed', 'removed', 'session-cleaned', 'session-cleaned', 'session-cleaned'],
    )
    const last = await reopen()
    assert.deepEqual([...last.store.tombstones()], [])
    assert.deepEqual(
      last.recovered.map(one => one.record.clientId),
      ['a'],
    )
    assert.deepEqual(await last.fetchAll(await last.lease('a')), ['2'])
    assert.deepEqual(last.store.totals(), { messages: 1, bytes: 2 })
  })

  check(
    'messages of a session that has ended wait for their purge, and take nothing with them',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, ...messages('1', '2'))
      await buryMessages(subject, lease.queue, ['1'])
      await subject.end(lease.queue)
      const after = await reopen()
      await after.fill((await after.lease('b')).queue, message('3'))
      assert.equal((await after.store.restore('grave', START)).at, 'session-gone')
      await safe(after.store.purge('grave'))
      assert.deepEqual(after.store.totals(), { messages: 1, bytes: 2 })
      const last = await reopen()
      assert.deepEqual(await last.fetchAll(await last.lease('b')), ['3'])
    },
  )
}
