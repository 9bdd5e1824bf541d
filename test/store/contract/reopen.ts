// Contract, for engines that outlive their process: what a later process finds of sessions, queues and messages.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import type { Recovered } from '../../../server/store/store.ts'
import { subscription } from './attach.ts'
import { message, messages, topicOf } from './messages.ts'
import { reopenBuryCases } from './reopen-bury.ts'
import { reopenQueueCases } from './reopen-queue.ts'
import type { StoreCase } from './store-case.ts'
import { counts, receiver, START, type Subject, safe } from './subject.ts'

export function reopenCases(check: StoreCase): void {
  sessionCases(check)
  deadlineCases(check)
  goneCases(check)
  retainedCases(check)
  reopenQueueCases(check)
  reopenBuryCases(check)
}

/** The one session of that client among what was read back. */
export function recoveredOf(subject: Subject, clientId: string): Recovered {
  const found = subject.recovered.filter(one => one.record.clientId === clientId)
  assert.equal(found.length, 1, `${found.length} sessions of ${clientId} were read back`)
  return found[0]!
}

function sessionCases(check: StoreCase): void {
  check('a session survives with its owner, generation and subscriptions', async ({ subject, reopen }) => {
    const before = await subject.attach('a', { owner: 'ada', now: START + 7 })
    const options = {
      qos: 2,
      noLocal: true,
      retainAsPublished: true,
      retainHandling: 2,
      subscriptionIdentifier: 268_435_455,
    } as const
    const kept = [subscription('$share/g/z', { qos: 0 }), subscription('x/+/#', options)]
    await subject.change(before.lease, { subscribe: [...kept, subscription('gone')] })
    await subject.change(before.lease, { unsubscribe: ['gone'] })
    const after = await reopen()
    assert.equal(after.recovered.length, 1)
    const { record, lease, sending, receiving } = recoveredOf(after, 'a')
    assert.equal(lease.queue.clientId, 'a')
    assert.equal(record.owner, 'ada')
    assert.equal(record.generation, before.record.generation)
    assert.equal(record.createdAt, START + 7)
    const found = record.subscriptions.toSorted((one, other) =>
      one.topicFilter < other.topicFilter ? -1 : 1,
    )
    assert.deepEqual(found, kept)
    assert.deepEqual([sending.length, receiving.length], [0, 0])
  })

  check(
    'a session that is resumed after reopening fences out all earlier leases',
    async ({ subject, reopen }) => {
      await subject.lease('a')
      const before = await subject.lease('a')
      const after = await reopen()
      const attached = await after.attach('a')
      assert.equal(attached.at, 'resumed')
      assert.ok(attached.lease.epoch > before.epoch, 'the epoch did not grow')
    },
  )

  check('any number of sessions survives, and reopening twice loses none', async ({ subject, reopen }) => {
    for (let number = 0; number < 300; number++) await subject.lease(`client-${number}`)
    await reopen()
    const after = await reopen()
    assert.equal(new Set(after.recovered.map(one => one.record.clientId)).size, 300)
  })

  check('a client identifier of any characters survives', async ({ subject, reopen }) => {
    const clientIds = ["o'brien", '%_;--', 'ünï/çødé', '🦉', ' ', 'a'.repeat(1024)]
    for (const clientId of clientIds) await subject.lease(clientId)
    const after = await reopen()
    assert.deepEqual(after.recovered.map(one => one.record.clientId).sort(), clientIds.sort())
  })
}

function deadlineCases(check: StoreCase): void {
  check('deadlines and the will survive', async ({ subject, reopen }) => {
    const properties = Buffer.from([0x01, 0x01])
    const body = message('gone', { topicName: 'will/a', qos: 2, retain: true, properties, publisher: 'a' })
    const will = { message: body, delaySeconds: 30, messageExpirySeconds: 60 }
    const lease = (await subject.attach('a', { will })).lease
    await subject.change(lease, { expiresAt: START + 5_000, willDueAt: START + 3_000 })
    const { record } = recoveredOf(await reopen(), 'a')
    assert.equal(record.expiresAt, START + 5_000)
    assert.equal(record.willDueAt, START + 3_000)
    assert.equal(record.will?.delaySeconds, 30)
    assert.equal(record.will.messageExpirySeconds, 60)
    const { topic, qos, retain, payload, publisher } = record.will.message
    assert.deepEqual(
      [topic.name, qos, retain, payload.toString(), publisher],
      ['will/a', 2, true, 'gone', 'a'],
    )
    assert.deepEqual(record.will.message.properties, properties)
  })

  check('a will and deadlines that were taken back stay so', async ({ subject, reopen }) => {
    const will = { message: message('gone'), delaySeconds: 0, messageExpirySeconds: undefined }
    const lease = (await subject.attach('a', { will })).lease
    await subject.change(lease, { expiresAt: START, willDueAt: START })
    await subject.change(lease, { expiresAt: undefined, will: undefined, willDueAt: undefined })
    const { record } = recoveredOf(await reopen(), 'a')
    assert.deepEqual([record.expiresAt, record.will, record.willDueAt], [undefined, undefined, undefined])
  })

  check('fields that a change leaves out stay as they were', async ({ subject, reopen }) => {
    const will = { message: message('gone'), delaySeconds: 0, messageExpirySeconds: undefined }
    const lease = (await subject.attach('a', { will })).lease
    await subject.change(lease, { expiresAt: START + 1 })
    await subject.change(lease, { willDueAt: START + 2 })
    await subject.change(lease, { subscribe: [subscription('x')] })
    const { record } = recoveredOf(await reopen(), 'a')
    assert.deepEqual([record.expiresAt, record.willDueAt], [START + 1, START + 2])
    assert.equal(record.will?.message.payload.toString(), 'gone')
  })

  check('what a fenced-out lease wanted to change has not happened', async ({ subject, reopen }) => {
    const old = await subject.lease('a')
    await subject.lease('a')
    await safe(subject.store.change(old, { expiresAt: 1, subscribe: [subscription('x')] }))
    await safe(subject.store.keep(old, 9 as PacketId))
    const { record, receiving } = recoveredOf(await reopen(), 'a')
    assert.deepEqual([record.expiresAt, record.subscriptions, receiving], [undefined, [], []])
  })
}

function goneCases(check: StoreCase): void {
  check('an ended session stays ended, with its queue', async ({ subject, reopen }) => {
    const lease = await subject.lease('a')
    await subject.change(lease, { subscribe: [subscription('x')] })
    await subject.fill(lease.queue, ...messages('1', '2'))
    await subject.end(lease.queue)
    const after = await reopen()
    assert.equal(after.recovered.length, 0)
    assert.deepEqual(after.store.totals(), { messages: 0, bytes: 0 })
    assert.equal((await after.attach('a')).at, 'created')
  })

  check('of a replaced session only the new one is found', async ({ subject, reopen }) => {
    const old = await subject.lease('a')
    await subject.change(old, { subscribe: [subscription('x')] })
    await subject.fill(old.queue, message('1', { qos: 2 }))
    await subject.fetchAndSend(old, 1)
    await safe(subject.store.keep(old, 9 as PacketId))
    const { lease, record } = await subject.attach('a', { existing: 'replace' })
    await subject.fill(lease.queue, message('2'))
    const after = await reopen()
    const found = recoveredOf(after, 'a')
    assert.equal(found.record.generation, record.generation)
    assert.deepEqual(found.record.subscriptions, [])
    assert.deepEqual([found.sending.length, found.receiving.length], [0, 0])
    assert.deepEqual(counts(found.lease.queue), { messages: 1, bytes: 2, waiting: 1 })
    assert.deepEqual(await after.fetchAll(await after.lease('a')), ['2'])
  })

  check(
    'a session ended before it was attached again takes its share of bodies along',
    async ({ subject, reopen }) => {
      const first = await subject.lease('a')
      const second = await subject.lease('b')
      await subject.append(message('1'), receiver(first.queue), receiver(second.queue))
      const after = await reopen()
      await after.end(recoveredOf(after, 'a').lease.queue)
      assert.deepEqual(
        after.lostMessages.map(one => one.reason),
        ['session-ended'],
      )
      assert.deepEqual(after.store.totals(), { messages: 1, bytes: 2 })
      const last = await reopen()
      assert.deepEqual(await last.fetchAll(await last.lease('b')), ['1'])
    },
  )
}

function retainedCases(check: StoreCase): void {
  check(
    'retained messages survive, the latest of each topic, and cleared ones do not',
    async ({ subject, reopen }) => {
      const { store } = subject
      const properties = Buffer.from([0x01, 0x01])
      const kept = message('latest', {
        topicName: 'x',
        qos: 2,
        retain: true,
        expiresAt: START + 9,
        properties,
      })
      await safe(store.retain(topicOf('x'), message('former', { topicName: 'x', retain: true })))
      await safe(store.retain(topicOf('x'), kept))
      await safe(store.retain(topicOf('y'), message('cleared', { topicName: 'y', retain: true })))
      await safe(store.retain(topicOf('y'), undefined))
      await safe(store.retain(topicOf('z'), message('other', { topicName: 'z', retain: true, qos: 0 })))
      const { retained } = await reopen()
      assert.deepEqual(retained.map(one => [one.topic.name, one.payload.toString(), one.qos]).sort(), [
        ['x', 'latest', 2],
        ['z', 'other', 0],
      ])
      const latest = retained.find(one => one.topic.name === 'x')
      assert.equal(latest?.retain, true)
      assert.equal(latest.expiresAt, START + 9)
      assert.equal(latest.publisher, 'publisher')
      assert.deepEqual(latest.properties, properties)
    },
  )
}
