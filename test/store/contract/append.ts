// Contract: one message into many queues: what each receiver gets, in which order, and what is counted.

import assert from 'node:assert/strict'
import type { QoS } from '../../../server/protocol/packet.ts'
import type { Lease } from '../../../server/store/store.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, payloadOf, receiver, START, type Subject, safe } from './subject.ts'

export function appendCases(check: StoreCase): void {
  entryCases(check)
  manyCases(check)
  copiesCases(check)
  availableCases(check)
}

function entryCases(check: StoreCase): void {
  check('an entry carries the message and what its receiver asked for', async ({ subject }) => {
    const lease = await subject.lease('a')
    const properties = Buffer.from([0x01, 0x01])
    const sent = message('hello', { topicName: 'x/y', properties, expiresAt: START + 9, publisher: 'p' })
    const asked = { subscriptionIdentifiers: [3, 268_435_455], sharedFilter: '$share/g/x/#' }
    assert.equal(await subject.append(sent, receiver(lease.queue, asked)), 'safe')
    const entry = await subject.fetch(lease)
    assert.ok(entry !== undefined)
    assert.equal(payloadOf(entry), 'hello')
    assert.equal(entry.message.topic.name, 'x/y')
    assert.deepEqual(entry.message.properties, properties)
    assert.equal(entry.message.expiresAt, START + 9)
    assert.equal(entry.message.publisher, 'p')
    assert.equal(entry.message.receivedAt, START)
    assert.equal(entry.message.size, sent.size)
    assert.deepEqual(entry.subscriptionIdentifiers, [3, 268_435_455])
    assert.equal(entry.sharedFilter, '$share/g/x/#')
    assert.equal(entry.packetId, 0)
    assert.equal(entry.at, 'waiting')
  })

  check('the QoS is the lower of message and receiver [MQTT5-3.8.4-8]', async ({ subject }) => {
    const lease = await subject.lease('a')
    const levels: readonly QoS[] = [0, 1, 2]
    for (const published of levels) {
      for (const granted of levels) {
        await subject.append(message('1', { qos: published }), receiver(lease.queue, { qos: granted }))
        const entry = await subject.fetch(lease)
        assert.equal(entry?.qos, Math.min(published, granted), `${published} to ${granted}`)
        await subject.acknowledge(lease, entry)
      }
    }
    assert.deepEqual(counts(lease.queue), EMPTY)
  })

  check('RETAIN is seen where it was set and asked for', async ({ subject }) => {
    const lease = await subject.lease('a')
    for (const retain of [false, true]) {
      for (const retainAsPublished of [false, true]) {
        await subject.append(message('1', { retain }), receiver(lease.queue, { retainAsPublished }))
        const entry = await subject.fetch(lease)
        assert.equal(entry?.retain, retain && retainAsPublished)
      }
    }
  })

  check('an empty payload is a message like any other', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, message(''))
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 1, waiting: 1 })
    assert.deepEqual(await subject.fetchAll(lease), [''])
  })
}

function manyCases(check: StoreCase): void {
  check('a message for many queues is one body, owed to each', async ({ subject }) => {
    const leases = await leasesOf(subject, ['a', 'b', 'c'])
    const receivers = leases.map((lease, index) => receiver(lease.queue, { qos: index as QoS }))
    assert.equal(await subject.append(message('hello'), ...receivers), 'safe')
    for (const lease of leases) assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 6, waiting: 1 })
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 6 })
    for (const [index, lease] of leases.entries()) {
      const entry = await subject.fetch(lease)
      assert.equal(entry?.qos, Math.min(1, index))
      assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 6 })
      await subject.acknowledge(lease, entry)
    }
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })

  check(
    'only the first `count` receivers count; the array is the caller’s to use again',
    async ({ subject }) => {
      const [first, second] = await leasesOf(subject, ['a', 'b'])
      const receivers = [receiver(first!.queue), receiver(second!.queue)]
      const ticket = subject.store.append(message('1'), receivers, 1)
      receivers[0] = receiver(second!.queue)
      await safe(ticket)
      assert.deepEqual(await subject.fetchAll(first!), ['1'])
      assert.deepEqual(counts(second!.queue), EMPTY)
    },
  )

  check('each queue keeps the order of the appends [MQTT5-4.6.0-5]', async ({ subject }) => {
    const [first, second] = await leasesOf(subject, ['a', 'b'])
    const tickets = Array.from({ length: 100 }, (_, index) => {
      const to = [first!, second!].filter((_, which) => index % 3 !== which)
      const receivers = to.map(lease => receiver(lease.queue))
      return subject.store.append(message(String(index)), receivers, receivers.length)
    })
    for (const ticket of tickets) await safe(ticket)
    const all = Array.from({ length: 100 }, (_, index) => index)
    assert.deepEqual(await subject.fetchAll(first!), all.filter(index => index % 3 !== 0).map(String))
    assert.deepEqual(await subject.fetchAll(second!), all.filter(index => index % 3 !== 1).map(String))
    assert.equal(subject.store.totals().messages, 100)
  })
}

function copiesCases(check: StoreCase): void {
  check('a queue that stands twice among the receivers gets two copies', async ({ subject }) => {
    const lease = await subject.lease('a')
    const shared = receiver(lease.queue, { qos: 1, sharedFilter: '$share/g/t' })
    assert.equal(await subject.append(message('1', { qos: 2 }), receiver(lease.queue), shared), 'safe')
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 2 })
    assert.equal(subject.store.totals().messages, 2)
    const entries = await subject.fetchEntries(lease)
    assert.deepEqual(
      entries.map(entry => [entry.qos, entry.sharedFilter]),
      [
        [2, undefined],
        [1, '$share/g/t'],
      ],
    )
    await subject.acknowledge(lease, entries[0]!)
    assert.equal(subject.store.totals().messages, 1)
    await subject.acknowledge(lease, entries[1]!)
    assert.equal(subject.store.totals().messages, 0)
  })

  check('a queue that has ended takes nothing; the others get their share', async ({ subject }) => {
    const [first, second] = await leasesOf(subject, ['a', 'b'])
    await subject.end(first!.queue)
    assert.equal(await subject.append(message('1'), receiver(first!.queue), receiver(second!.queue)), 'safe')
    assert.deepEqual(counts(first!.queue), EMPTY)
    assert.deepEqual(await subject.fetchAll(second!), ['1'])
  })

  check('a long queue comes out whole and in order', async ({ subject }) => {
    const lease = await subject.lease('a')
    const payloads = Array.from({ length: 2_500 }, (_, index) => String(index))
    const tickets = payloads.map(payload =>
      subject.store.append(message(payload), [receiver(lease.queue)], 1),
    )
    for (const ticket of tickets) await safe(ticket)
    assert.equal(lease.queue.waiting, 2_500)
    const entries = await subject.fetchEntries(lease)
    assert.deepEqual(entries.map(payloadOf), payloads)
    await subject.acknowledge(lease, ...entries)
    assert.deepEqual(counts(lease.queue), EMPTY)
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })
}

function availableCases(check: StoreCase): void {
  check('available() names a queue that was empty once it can be fetched from', async ({ subject }) => {
    const [first, second] = await leasesOf(subject, ['a', 'b'])
    await subject.append(message('1'), receiver(first!.queue), receiver(second!.queue))
    assert.ok(subject.availableQueues.includes(second!.queue))
    assert.ok(subject.takeAvailable(first!.queue) >= 1)
    assert.deepEqual(await subject.fetchAll(first!), ['1'])
    await subject.fill(first!.queue, message('2'))
    assert.ok(subject.takeAvailable(first!.queue) >= 1)
    assert.deepEqual(await subject.fetchAll(first!), ['2'])
  })

  check('available() lets the listener fetch at once', async ({ subject }) => {
    const lease = await subject.lease('a')
    const fetched: string[] = []
    const listen = subject.available.bind(subject)
    subject.available = queue => {
      listen(queue)
      for (;;) {
        const entry = subject.store.fetch(lease, START)
        if (entry === undefined) return
        fetched.push(payloadOf(entry))
      }
    }
    await subject.fill(lease.queue, ...messages('1', '2', '3'))
    assert.deepEqual(fetched, ['1', '2', '3'])
    assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 6, waiting: 0 })
  })

  check('a queue that a refused append would have filled stays silent and empty', async ({ subject }) => {
    const [full, empty] = await leasesOf(subject, ['a', 'b'])
    const limits = { messagesMax: 0, bytesMax: 100, overflow: 'reject' } as const
    await subject.attach('a', { limits })
    assert.equal(
      await subject.append(message('1'), receiver(empty!.queue), receiver(full!.queue)),
      'quota-exceeded',
    )
    assert.equal(subject.takeAvailable(empty!.queue), 0)
    assert.equal(subject.store.fetch(empty!, START), undefined)
  })
}

export async function leasesOf(subject: Subject, clientIds: readonly string[]): Promise<Lease[]> {
  const leases: Lease[] = []
  for (const clientId of clientIds) leases.push(await subject.lease(clientId))
  return leases
}
