// Contract: buried messages are nobody's until they are back in their places, or purged and reported; others notice nothing.

import assert from 'node:assert/strict'
import { buryMessages, burySession, restored } from './burials.ts'
import { burySessionCases } from './bury-session.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, eventually, receiver, START, safe } from './subject.ts'

export function buryCases(check: StoreCase): void {
  burySessionCases(check)
  refusalCases(check)
  queueCases(check)
  againCases(check)
  purgeCases(check)
  roomCases(check)
}

function refusalCases(check: StoreCase): void {
  check('restore says why it cannot, and leaves everything as it is', async ({ subject }) => {
    assert.deepEqual(await subject.store.restore('nothing', START), { at: 'unknown' })
    const lease = await subject.lease('a', { messagesMax: 3 })
    await subject.fill(lease.queue, ...messages('1', '2'))
    await buryMessages(subject, lease.queue)
    await subject.fill(lease.queue, ...messages('3', '4'))
    assert.deepEqual(await subject.store.restore('grave', START), { at: 'no-room' })
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 2 })
    await subject.acknowledge(lease, (await subject.fetch(lease))!)
    await restored(subject)
    assert.deepEqual(await subject.store.restore('grave', START), { at: 'unknown' })
    assert.deepEqual(await subject.fetchAll(lease), ['1', '2', '4'])
  })

  check('messages come back only to the session they were taken from', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2'))
    await buryMessages(subject, lease.queue, ['1'], 'messages')
    await burySession(subject, lease.queue, 'session')
    assert.equal((await subject.store.restore('messages', START)).at, 'session-gone')
    await subject.lease('a')
    assert.equal((await subject.store.restore('messages', START)).at, 'session-gone')
    await subject.end((await subject.attach('a')).lease.queue)
    const { recovered } = await restored(subject, 'session')
    await restored(subject, 'messages')
    assert.deepEqual(await subject.fetchAll(recovered!.lease), ['1', '2'])
  })
}

function queueCases(check: StoreCase): void {
  check('buried messages leave the queue, and come back to their old places', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2', '3', '4', '5'))
    const sent = await subject.fetchAndSend(lease, 1)
    const tombstone = await buryMessages(subject, lease.queue, ['1', '2', '4'])
    assert.deepEqual([tombstone.what, tombstone.messages, tombstone.bytes], ['queue', 2, 4])
    assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 6, waiting: 2 })
    assert.equal(subject.store.totals().messages, 5)
    await subject.fill(lease.queue, message('6'))
    await subject.acknowledge(lease, sent, (await subject.fetch(lease))!)
    await restored(subject)
    assert.deepEqual(await subject.fetchAll(lease), ['2', '4', '5', '6'])
    assert.deepEqual(subject.takeLost(), [])
  })

  check('a queue that was empty hears of what is restored', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message('1', { expiresAt: START + 50 }))
    await buryMessages(subject, lease.queue)
    subject.takeAvailable(lease.queue)
    subject.takeExpiring(lease.queue)
    assert.deepEqual(counts(lease.queue), EMPTY)
    await restored(subject)
    assert.equal(subject.takeAvailable(lease.queue), 1)
    assert.equal(subject.takeExpiring(lease.queue), 1)
    assert.equal(lease.queue.nextExpiryAt, START + 50)
  })
}

function againCases(check: StoreCase): void {
  check('messages buried here are still delivered elsewhere', async ({ subject }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    for (const one of messages('1', '2', '3'))
      await subject.append(one, receiver(lease.queue), receiver(other.queue))
    await buryMessages(subject, lease.queue, ['1', '2'])
    await subject.acknowledge(other, ...(await subject.fetchEntries(other)))
    assert.equal(subject.store.totals().messages, 3)
    await subject.acknowledge(lease, ...(await subject.fetchEntries(lease)))
    assert.equal(subject.store.totals().messages, 2)
    await restored(subject)
    assert.deepEqual(await subject.fetchAll(lease), ['1', '2'])
  })

  check('what expired while it was buried is dropped as expired when it is restored', async ({ subject }) => {
    const lease = await subject.lease('a', { messagesMax: 2 })
    await subject.fill(lease.queue, message('1', { expiresAt: START + 5 }), message('2'))
    await buryMessages(subject, lease.queue)
    await subject.fill(lease.queue, message('3'))
    const { tombstone } = await restored(subject, 'grave', START + 5)
    assert.equal(tombstone.messages, 1)
    assert.deepEqual(subject.takeLost(), ['1 expired'])
    assert.deepEqual(await subject.fetchAll(lease), ['2', '3'])
    const session = await subject.lease('b')
    await subject.fill(session.queue, message('4', { expiresAt: START + 5 }), message('5'))
    await burySession(subject, session.queue)
    const { recovered } = await restored(subject, 'grave', START + 5)
    assert.deepEqual(subject.takeLost(), ['4 expired'])
    assert.deepEqual(await subject.fetchAll(recovered!.lease), ['5'])
  })

  check('the same messages are buried and restored again and again', async ({ subject }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    for (const one of messages('1', '2', '3', '4'))
      await subject.append(one, receiver(lease.queue), receiver(other.queue))
    for (let round = 0; round < 3; round++) {
      await buryMessages(subject, lease.queue, ['1', '3'], 'some')
      await buryMessages(subject, lease.queue, undefined, 'rest')
      await subject.append(message(`${5 + round}`), receiver(lease.queue), receiver(other.queue))
      await restored(subject, round === 1 ? 'rest' : 'some')
      await restored(subject, round === 1 ? 'some' : 'rest')
    }
    assert.deepEqual(await subject.fetchAll(lease), ['1', '2', '3', '4', '5', '6', '7'])
  })
}

function purgeCases(check: StoreCase): void {
  check('purge reports each message once and gives its room back', async ({ subject }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    await subject.append(message('1'), receiver(lease.queue), receiver(other.queue))
    await subject.fill(lease.queue, ...messages('2', '3'))
    await subject.fetchAndSend(lease, 1)
    await buryMessages(subject, lease.queue, ['2'], 'messages')
    await burySession(subject, lease.queue, 'session')
    assert.deepEqual(
      [...subject.store.tombstones()].map(one => one.id),
      ['messages', 'session'],
    )
    await safe(subject.store.purge('session'))
    assert.deepEqual(subject.takeLost().sort(), ['1 session-cleaned', '3 session-cleaned'])
    await safe(subject.store.purge('messages'))
    await eventually(() => assert.deepEqual(subject.takeLost(), ['2 removed']))
    await safe(subject.store.purge('messages'))
    assert.deepEqual(subject.takeLost(), [])
    assert.deepEqual([...subject.store.tombstones()], [])
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    assert.deepEqual(subject.offers, [])
  })

  check('nothing is left of many messages that were buried and purged', async ({ subject }) => {
    for (let round = 0; round < 5; round++) {
      const lease = await subject.lease('a')
      const other = await subject.lease('b')
      const both = [receiver(lease.queue), receiver(other.queue)]
      const tickets = Array.from({ length: 2_000 }, (_, index) =>
        subject.store.append(message(`${index}`), both, 2),
      )
      for (const ticket of tickets) await safe(ticket)
      await buryMessages(subject, lease.queue, undefined, 'messages')
      await burySession(subject, other.queue, 'session')
      assert.equal(subject.store.totals().messages, 2_000)
      await safe(subject.store.purge('messages'))
      await safe(subject.store.purge('session'))
      assert.deepEqual(counts(lease.queue), EMPTY)
      assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
      assert.equal(subject.lostMessages.splice(0).length, 4_000)
    }
  })
}

function roomCases(check: StoreCase): void {
  check(
    'a full store purges what was buried first, before it refuses a message',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, ...messages('1', '2', '3', '4'))
      await buryMessages(subject, lease.queue, ['1', '2'], 'first')
      await buryMessages(subject, lease.queue, ['3'], 'second')
      assert.equal(await subject.append(message('5'), receiver(lease.queue)), 'safe')
      assert.deepEqual(subject.takeLost(), ['1 removed', '2 removed'])
      assert.equal(await subject.append(message('6'), receiver(lease.queue)), 'safe')
      assert.equal(await subject.append(message('7'), receiver(lease.queue)), 'safe')
      assert.deepEqual(subject.takeLost(), ['3 removed'])
      assert.equal(await subject.append(message('8'), receiver(lease.queue)), 'quota-exceeded')
      assert.deepEqual(await subject.fetchAll(lease), ['4', '5', '6', '7'])
    },
    8,
  )
}
