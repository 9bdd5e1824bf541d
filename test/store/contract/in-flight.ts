// Contract: what fetch, send, release and acknowledge do to an entry and to the counts, and the two verbs for QoS 2 ids.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, payloadOf, receiver, START, safe } from './subject.ts'

export function inFlightCases(check: StoreCase): void {
  lifeCases(check)
  otherWaysCases(check)
  orderCases(check)
  ticketCases(check)
}

function lifeCases(check: StoreCase): void {
  check('an entry waits, is sent, is released and is owed no more', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message('1', { qos: 2 }))
    const entry = await subject.fetch(lease)
    assert.ok(entry !== undefined)
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 0 })
    await safe(subject.store.send(lease, entry, 65_535 as PacketId, START))
    assert.equal(entry.packetId, 65_535)
    assert.equal(entry.at, 'published')
    await subject.release(lease, entry)
    assert.equal(entry.packetId, 65_535)
    assert.equal(entry.at, 'released')
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 0 })
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    await subject.acknowledge(lease, entry)
    assert.deepEqual(counts(lease.queue), EMPTY)
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
    assert.deepEqual(subject.takeLost(), [])
  })

  check('what `send` and `release` write into the entry stands there at once', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message('1', { qos: 2 }))
    const entry = await subject.fetch(lease)
    assert.ok(entry !== undefined)
    const sending = subject.store.send(lease, entry, 9 as PacketId, START)
    assert.deepEqual([entry.packetId, entry.at], [9, 'published'])
    const releasing = subject.store.release(lease, entry)
    assert.equal(entry.at, 'released')
    await safe(sending)
    await safe(releasing)
  })
}

function otherWaysCases(check: StoreCase): void {
  check('an entry at QoS 0 is acknowledged without ever being sent under an id', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.append(message('1', { qos: 0 }), receiver(lease.queue))
    const entry = await subject.fetch(lease)
    assert.equal(entry?.qos, 0)
    await subject.acknowledge(lease, entry)
    assert.deepEqual(counts(lease.queue), EMPTY)
    assert.deepEqual(subject.takeLost(), [])
  })

  check('an entry that is given up in flight is acknowledged like any other', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message('1', { qos: 2 }))
    await subject.acknowledge(lease, await subject.fetchAndSend(lease, 1))
    assert.deepEqual(counts(lease.queue), EMPTY)
  })

  check('what is in flight is not fetched again, by this attachment or the next', async ({ subject }) => {
    const former = await subject.lease('a')
    await subject.fill(former.queue, ...messages('1', '2'))
    const entry = await subject.fetchAndSend(former, 1)
    const lease = await subject.lease('a')
    assert.deepEqual(await subject.fetchAll(lease), ['2'])
    assert.equal(lease.queue.messages, 2)
    await subject.acknowledge(lease, entry)
    assert.equal(lease.queue.messages, 1)
  })
}

function orderCases(check: StoreCase): void {
  const orders: readonly (readonly number[])[] = [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
    [2, 0, 3, 1],
  ]
  for (const order of orders) {
    check(`acknowledgements may come in the order ${order.join(', ')}`, async ({ subject }) => {
      const lease = await subject.lease('a')
      await subject.fill(lease.queue, ...messages('0', '1', '2', '3'))
      const entries = await subject.fetchEntries(lease)
      for (const [done, index] of order.entries()) {
        await subject.acknowledge(lease, entries[index]!)
        const left = 3 - done
        assert.deepEqual(counts(lease.queue), { messages: left, bytes: 2 * left, waiting: 0 })
        assert.deepEqual(subject.store.totals(), { messages: left, bytes: 2 * left })
      }
      await subject.fill(lease.queue, message('4'))
      assert.deepEqual(await subject.fetchAll(lease), ['4'])
    })
  }

  check('sending may follow the fetches of later entries', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2'))
    const first = await subject.fetch(lease)
    const second = await subject.fetch(lease)
    assert.ok(first !== undefined && second !== undefined)
    await safe(subject.store.send(lease, second, 1 as PacketId, START))
    await safe(subject.store.send(lease, first, 2 as PacketId, START))
    assert.deepEqual([payloadOf(first), first.packetId], ['1', 2])
    assert.deepEqual([payloadOf(second), second.packetId], ['2', 1])
  })
}

function ticketCases(check: StoreCase): void {
  check(
    'ids of incoming QoS 2 messages are kept and forgotten, and may be kept twice',
    async ({ subject }) => {
      const lease = await subject.lease('a')
      const id = 5 as PacketId
      await safe(subject.store.keep(lease, id))
      await safe(subject.store.keep(lease, id))
      await safe(subject.store.forget(lease, id))
      await safe(subject.store.forget(lease, id))
    },
  )

  check('retained messages are taken and cleared', async ({ subject }) => {
    const { topic } = message('1')
    await safe(subject.store.retain(topic, message('1', { retain: true })))
    await safe(subject.store.retain(topic, message('2', { retain: true })))
    await safe(subject.store.retain(topic, undefined))
    await safe(subject.store.retain(topic, undefined))
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })

  check('close settles every ticket that is still pending', async ({ subject }) => {
    const lease = await subject.lease('a')
    const tickets = messages('1', '2', '3').map(one => subject.store.append(one, [receiver(lease.queue)], 1))
    tickets.push(subject.store.keep(lease, 1 as PacketId))
    tickets.push(subject.store.change(lease, { expiresAt: 1 }))
    await subject.close()
    for (const ticket of tickets) assert.equal(ticket.isPending, false)
  })
}
