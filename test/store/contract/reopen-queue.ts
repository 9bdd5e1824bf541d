// Contract, for engines that outlive their process: queues, what was in flight, and kept ids of QoS 2.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { message, messages } from './messages.ts'
import { recoveredOf } from './reopen.ts'
import type { StoreCase } from './store-case.ts'
import { counts, NEVER, payloadOf, receiver, START, safe } from './subject.ts'

export function reopenQueueCases(check: StoreCase): void {
  waitingCases(check)
  entryCases(check)
  returningCases(check)
  sharedBodyCases(check)
  sendingCases(check)
  takenUpCases(check)
  receivingCases(check)
}

function waitingCases(check: StoreCase): void {
  check('what waits survives in its order, and so do the counts', async ({ subject, reopen }) => {
    const payloads = Array.from({ length: 700 }, (_, index) => String(index))
    const lease = await subject.lease('a')
    const tickets = payloads.map(payload =>
      subject.store.append(message(payload), [receiver(lease.queue)], 1),
    )
    for (const ticket of tickets) await safe(ticket)
    const before = { ...counts(lease.queue), ...subject.store.totals() }
    const after = await reopen()
    const { queue } = recoveredOf(after, 'a').lease
    assert.deepEqual({ ...counts(queue), ...after.store.totals() }, before)
    assert.deepEqual(await after.fetchAll(await after.lease('a')), payloads)
  })
}

function entryCases(check: StoreCase): void {
  check('an entry survives with all it carries', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const properties = Buffer.from([0x01, 0x01])
    const fields = {
      topicName: 'x/y',
      qos: 2,
      retain: true,
      expiresAt: START + 9,
      properties,
      publisher: 'p',
    } as const
    const asked = {
      qos: 1,
      retainAsPublished: true,
      subscriptionIdentifiers: [3, 268_435_455],
      sharedFilter: '$share/g/x/#',
    } as const
    await subject.append(message('\u0000payload', fields), receiver(lease.queue, asked))
    const after = await reopen()
    const entry = await after.fetch(await after.lease('a'))
    assert.ok(entry !== undefined)
    assert.equal(payloadOf(entry), '\u0000payload')
    assert.deepEqual([entry.qos, entry.retain, entry.sharedFilter], [1, true, '$share/g/x/#'])
    assert.deepEqual(entry.subscriptionIdentifiers, [3, 268_435_455])
    const { topic, qos, retain, expiresAt, publisher, receivedAt } = entry.message
    assert.deepEqual([topic.name, qos, retain, expiresAt, publisher], ['x/y', 2, true, START + 9, 'p'])
    assert.equal(receivedAt, START)
    assert.deepEqual(entry.message.properties, properties)
  })

  check('expiry goes on while nobody runs the store', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const near = message('1', { expiresAt: START + 5 })
    await subject.fill(lease.queue, near, message('2'), message('3', { expiresAt: START + 50 }))
    const after = await reopen()
    const { queue } = recoveredOf(after, 'a').lease
    assert.equal(queue.nextExpiryAt, START + 5)
    assert.deepEqual(await after.fetchAll(await after.lease('a'), START + 10), ['2', '3'])
    assert.deepEqual(
      after.lostMessages.map(one => one.reason),
      ['expired'],
    )
    assert.equal(queue.nextExpiryAt, NEVER)
  })
}

function returningCases(check: StoreCase): void {
  check(
    'messages reach a session that has been read back before its client returns',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, message('1'))
      const after = await reopen()
      await after.fill(recoveredOf(after, 'a').lease.queue, message('2'))
      const last = await reopen()
      assert.deepEqual(await last.fetchAll(await last.lease('a')), ['1', '2'])
    },
  )

  check('what was acknowledged or lost does not come back', async ({ subject, reopen }) => {
    const lease = await subject.lease('a', { messagesMax: 4 })
    await subject.fill(lease.queue, ...messages('1', '2', '3', '4', '5'))
    await subject.acknowledge(lease, await subject.fetchAndSend(lease, 1))
    await subject.fill(lease.queue, message('6', { expiresAt: START + 5 }))
    subject.store.expire(lease.queue, START + 5)
    const after = await reopen()
    assert.deepEqual(await after.fetchAll(await after.lease('a')), ['3', '4', '5'])
    assert.deepEqual(after.store.totals(), { messages: 3, bytes: 6 })
  })

  check('a message that was refused does not come back', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const full = await subject.lease('b', { messagesMax: 0, overflow: 'reject' })
    assert.equal(
      await subject.append(message('1'), receiver(lease.queue), receiver(full.queue)),
      'quota-exceeded',
    )
    const after = await reopen()
    assert.deepEqual(after.store.totals(), { messages: 0, bytes: 0 })
    assert.deepEqual(await after.fetchAll(await after.lease('a')), [])
  })
}

function sharedBodyCases(check: StoreCase): void {
  check(
    'a body is counted once again, until its last queue has acknowledged it',
    async ({ subject, reopen }) => {
      const receivers = []
      for (const clientId of ['a', 'b', 'c']) receivers.push(receiver((await subject.lease(clientId)).queue))
      for (const one of messages('1', '2')) await subject.append(one, ...receivers)
      const first = await subject.lease('a')
      await subject.acknowledge(first, await subject.fetchAndSend(first, 1))
      let after = await reopen()
      assert.deepEqual(after.store.totals(), { messages: 2, bytes: 4 })
      assert.deepEqual(await after.fetchAll(await after.lease('a')), ['2'])
      for (const clientId of ['b', 'c']) {
        const lease = await after.lease(clientId)
        await after.acknowledge(lease, ...(await after.fetchEntries(lease)))
      }
      assert.deepEqual(after.store.totals(), { messages: 1, bytes: 2 })
      after = await reopen()
      assert.deepEqual(after.store.totals(), { messages: 1, bytes: 2 })
      assert.equal(recoveredOf(after, 'b').lease.queue.messages, 0)
      assert.deepEqual(await after.fetchAll(await after.lease('a')), ['2'])
    },
  )

  check('what was acknowledged out of order stays so over several restarts', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    const other = await subject.lease('b')
    for (const one of messages('1', '2', '3'))
      await subject.append(one, receiver(lease.queue), receiver(other.queue))
    const [, second] = await subject.fetchEntries(lease)
    await subject.acknowledge(lease, second!)
    const after = await reopen()
    const [, third] = await after.fetchEntries(await after.lease('a'))
    await after.acknowledge(await after.lease('a'), third!)
    const last = await reopen()
    assert.deepEqual(await last.fetchAll(await last.lease('a')), ['1'])
  })
}

function sendingCases(check: StoreCase): void {
  check(
    'QoS 2 in flight survives under its packet ids, in its state and order [MQTT5-4.4.0-1]',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      for (const payload of ['1', '2', '3', '4'])
        await subject.fill(lease.queue, message(payload, { qos: 2 }))
      const first = await subject.fetchAndSend(lease, 65_535)
      await subject.fetchAndSend(lease, 1)
      const third = await subject.fetchAndSend(lease, 2)
      await subject.release(lease, first)
      await subject.release(lease, third)
      const after = await reopen()
      const { sending, lease: recovered } = recoveredOf(after, 'a')
      assert.deepEqual(
        sending.map(entry => [payloadOf(entry), entry.packetId, entry.at, entry.qos]),
        [
          ['1', 65_535, 'released', 2],
          ['2', 1, 'published', 2],
          ['3', 2, 'released', 2],
        ],
      )
      assert.deepEqual(counts(recovered.queue), { messages: 4, bytes: 8, waiting: 1 })
      const again = await after.lease('a')
      assert.deepEqual(await after.fetchAll(again), ['4'])
      await after.release(again, sending[1]!)
      await after.acknowledge(again, ...sending)
      assert.deepEqual(counts(again.queue), { messages: 1, bytes: 2, waiting: 0 })
      assert.equal(recoveredOf(await reopen(), 'a').sending.length, 0)
    },
  )
}

function takenUpCases(check: StoreCase): void {
  check(
    'QoS 1 in flight is owed once still, under its id or waiting again, and in order',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, ...messages('1', '2', '3'))
      await subject.fetchAndSend(lease, 1)
      await subject.fetchAndSend(lease, 2)
      const after = await reopen()
      const { sending } = recoveredOf(after, 'a')
      const waiting = await after.fetchAll(await after.lease('a'))
      assert.deepEqual([...sending.map(payloadOf), ...waiting], ['1', '2', '3'])
    },
  )

  check('what was fetched and never sent waits again', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2'))
    await subject.fetch(lease)
    const after = await reopen()
    assert.equal(recoveredOf(after, 'a').lease.queue.waiting, 2)
    assert.deepEqual(await after.fetchAll(await after.lease('a')), ['1', '2'])
  })

  check('the end of a recovered session reports what was in flight as well', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message('1', { qos: 2 }), message('2', { qos: 2 }))
    await subject.fetchAndSend(lease, 1)
    const after = await reopen()
    await after.end(recoveredOf(after, 'a').lease.queue)
    assert.deepEqual(
      after.lostMessages.map(one => one.reason),
      ['session-ended', 'session-ended'],
    )
    assert.deepEqual(after.store.totals(), { messages: 0, bytes: 0 })
  })
}

function receivingCases(check: StoreCase): void {
  check(
    'ids of incoming QoS 2 messages survive until they are forgotten [MQTT5-4.3.3-10]',
    async ({ subject, reopen }) => {
      const lease = await subject.lease('a')
      const other = await subject.lease('b')
      for (const id of [1, 65_535, 300]) await safe(subject.store.keep(lease, id as PacketId))
      await safe(subject.store.keep(other, 300 as PacketId))
      await safe(subject.store.forget(lease, 300 as PacketId))
      let after = await reopen()
      assert.deepEqual(
        recoveredOf(after, 'a').receiving.toSorted((one, two) => one - two),
        [1, 65_535],
      )
      assert.deepEqual(recoveredOf(after, 'b').receiving, [300])
      const again = await after.lease('a')
      await safe(after.store.forget(again, 65_535 as PacketId))
      after = await reopen()
      assert.deepEqual(recoveredOf(after, 'a').receiving, [1])
    },
  )
}
