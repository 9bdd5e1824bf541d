// Contract: a buried session is nobody's until it is restored as it was; its shared entries go to others at once.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import type { Lease } from '../../../server/store/store.ts'
import { subscription } from './attach.ts'
import { burySession, restored, TIMES } from './burials.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, payloadOf, receiver, START, type Subject, safe } from './subject.ts'

export function burySessionCases(check: StoreCase): void {
  wholeCases(check)
  closedCases(check)
  sharedCases(check)
}

/** A session with something in every state of delivery, offline. */
async function sessionWithAll(subject: Subject): Promise<Lease> {
  const { lease } = await subject.attach('a', { expirySeconds: 60 })
  await subject.change(lease, { subscribe: [subscription('t', { subscriptionIdentifier: 3 })] })
  await subject.fill(lease.queue, ...messages('1', '2', '3'), message('4', { qos: 2 }))
  await subject.fill(lease.queue, message('5', { qos: 2 }), message('6'))
  for (let count = 1; count <= 2; count++) await subject.fetchAndSend(lease, count, START + count)
  await subject.acknowledge(lease, await subject.fetchAndSend(lease, 3))
  await subject.release(lease, await subject.fetchAndSend(lease, 4))
  await subject.fetchAndSend(lease, 5)
  await safe(subject.store.keep(lease, 40 as PacketId))
  await safe(subject.store.keep(lease, 41 as PacketId))
  await safe(subject.store.forget(lease, 40 as PacketId))
  await safe(subject.store.detach(lease, { disconnectedAt: START, expiresAt: START + 60_000 }))
  return lease
}

function wholeCases(check: StoreCase): void {
  check("a tombstone says what was buried, and stands in nobody's way", async ({ subject }) => {
    const lease = await sessionWithAll(subject)
    const { messages: owed, bytes } = counts(lease.queue)
    const tombstone = await burySession(subject, lease.queue)
    const { record } = await subject.attach('a')
    assert.notEqual(record.generation, tombstone.generation)
    assert.deepEqual(tombstone, {
      id: 'grave',
      what: 'session',
      clientId: 'a',
      owner: 'ada',
      generation: tombstone.generation,
      messages: owed,
      bytes,
      subscriptions: 1,
      buriedAt: START,
      purgeAt: START + 900_000,
    })
    assert.deepEqual([...subject.store.tombstones()], [tombstone])
    assert.deepEqual(subject.store.totals(), { messages: owed, bytes })
    assert.equal((await subject.store.restore('grave', START)).at, 'session-exists')
  })

  check('a buried session comes back as it was, under a higher epoch', async ({ subject }) => {
    const lease = await sessionWithAll(subject)
    const before = counts(lease.queue)
    const tombstone = await burySession(subject, lease.queue)
    const { recovered } = await restored(subject)
    assert.ok(recovered !== undefined)
    assert.ok(recovered.lease.epoch > lease.epoch)
    assert.equal(recovered.record.generation, tombstone.generation)
    assert.deepEqual(recovered.record.subscriptions, [subscription('t', { subscriptionIdentifier: 3 })])
    assert.equal(recovered.record.expiresAt, START + 60_000)
    assert.deepEqual(recovered.receiving, [41])
    assert.deepEqual(
      recovered.sending.map(entry => [payloadOf(entry), entry.at, entry.packetId, entry.sentAt]),
      [
        ['1', 'published', 1, START + 1],
        ['2', 'published', 2, START + 2],
        ['4', 'released', 4, START],
        ['5', 'published', 5, START],
      ],
    )
    assert.deepEqual(counts(recovered.lease.queue), before)
    assert.deepEqual([...subject.store.tombstones()], [])
    await subject.acknowledge(recovered.lease, ...recovered.sending)
    assert.deepEqual(await subject.fetchAll(recovered.lease), ['6'])
    assert.deepEqual(subject.takeLost(), [])
    assert.equal((await subject.attach('a')).at, 'resumed')
  })
}

function closedCases(check: StoreCase): void {
  check(
    'a buried session neither takes messages nor gives any, whatever its leases ask',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      const other = await subject.lease('b')
      await subject.fill(lease.queue, message('1', { expiresAt: START + 5 }), message('2', { qos: 2 }))
      await burySession(subject, lease.queue)
      assert.equal(await subject.append(message('3'), receiver(lease.queue), receiver(other.queue)), 'safe')
      assert.equal(subject.store.fetch(lease, START), undefined)
      subject.store.expire(lease.queue, START + 9)
      await safe(subject.store.change(lease, { expirySeconds: 5 }))
      await safe(subject.store.discard(lease.queue, undefined, 'removed'))
      await subject.end(lease.queue)
      assert.deepEqual(subject.takeLost(), [])
      const { recovered } = await restored(subject)
      assert.equal(recovered?.record.expirySeconds, Number.POSITIVE_INFINITY)
      assert.equal(subject.store.fetch(lease, START), undefined, 'an old lease')
      assert.deepEqual(await subject.fetchAll(recovered!.lease), ['1', '2'])
      assert.deepEqual(await subject.fetchAll(other), ['3'])
    },
  )

  check('what was fetched and never sent waits again in its old place', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2', '3'))
    await subject.fetchAndSend(lease, 1)
    await subject.fetch(lease)
    await burySession(subject, lease.queue)
    const { recovered } = await restored(subject)
    assert.deepEqual(recovered?.sending.map(payloadOf), ['1'])
    assert.deepEqual(await subject.fetchAll(recovered!.lease), ['2', '3'])
  })
}

function sharedCases(check: StoreCase): void {
  check(
    'entries of shared subscriptions go to others at once, and what they leave is kept',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      const other = await subject.lease('b')
      await safe(subject.store.detach(lease, { disconnectedAt: START }))
      const shared = { sharedFilter: '$share/g/t', qos: 1 } as const
      for (let count = 1; count <= 600; count++) {
        const fields =
          count % 3 === 0 ? shared : { subscriptionIdentifiers: count % 3 === 1 ? [1] : undefined }
        await subject.append(message(`${count}`), receiver(lease.queue, fields))
      }
      subject.offered = (_queue, entry) => {
        if (Number(payloadOf(entry)) % 2 === 0) return 'left'
        subject.store.append(entry.message, [receiver(other.queue, shared)], 1)
        return 'taken'
      }
      await burySession(subject, lease.queue)
      const all = Array.from({ length: 600 }, (_, index) => index + 1)
      const passed = all.filter(one => one % 3 === 0 && one % 2 === 1)
      assert.deepEqual((await subject.fetchAll(other)).map(Number), passed)
      const [tombstone] = [...subject.store.tombstones()]
      assert.equal(tombstone?.messages, 600 - passed.length)
      assert.equal(subject.store.totals().messages, 600)
      await restored(subject)
      const kept = (await subject.fetchAll(await subject.lease('a'))).map(Number)
      assert.deepEqual(
        kept,
        all.filter(one => !passed.includes(one)),
      )
      assert.deepEqual(subject.takeLost(), [])
    },
  )

  check(
    'a session is restored, purged or followed while its messages still go to others',
    async ({ subject }) => {
      const shared = { sharedFilter: '$share/g/t', qos: 1 } as const
      const made = async (clientId: string) => {
        const lease = await subject.lease(clientId)
        await safe(subject.store.detach(lease, { disconnectedAt: START }))
        for (const one of messages('1', '2', '3')) await subject.append(one, receiver(lease.queue, shared))
        subject.store.bury(lease.queue, { id: clientId, what: 'session' }, TIMES)
      }
      await made('a')
      await restored(subject, 'a')
      assert.deepEqual(await subject.fetchAll(await subject.lease('a')), ['1', '2', '3'])
      await made('b')
      await safe(subject.store.purge('b'))
      assert.equal(subject.takeLost().length, 3)
      await made('c')
      assert.equal((await subject.attach('c')).at, 'created')
      assert.equal((await subject.store.restore('c', START)).at, 'session-exists')
    },
  )
}
