// Contract: how sessions are created, resumed, replaced and altered.

import assert from 'node:assert/strict'
import type { StoredSubscription } from '../../../server/store/store.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, EMPTY, NEVER, receiver, START, type Subject } from './subject.ts'

export function subscription(
  topicFilter: string,
  fields: Partial<StoredSubscription> = {},
): StoredSubscription {
  return {
    topicFilter,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
    ...fields,
  }
}

export async function subscriptionsOf(
  subject: Subject,
  clientId: string,
): Promise<readonly StoredSubscription[]> {
  const { record } = await subject.attach(clientId)
  return record.subscriptions.toSorted((one, other) => (one.topicFilter < other.topicFilter ? -1 : 1))
}

export function attachCases(check: StoreCase): void {
  createCases(check)
  resumeCases(check)
  replaceCases(check)
  changeCases(check)
}

function createCases(check: StoreCase): void {
  check('attach creates a session nobody has', async ({ subject }) => {
    const will = { message: message('gone'), delaySeconds: 5, messageExpirySeconds: 7 }
    const { at, lease, record } = await subject.attach('a', { owner: 'ada', now: START + 1, will })
    assert.equal(at, 'created')
    assert.equal(lease.queue.clientId, 'a')
    assert.deepEqual(counts(lease.queue), EMPTY)
    assert.equal(lease.queue.nextExpiryAt, NEVER)
    assert.equal(record.clientId, 'a')
    assert.equal(record.owner, 'ada')
    assert.equal(record.createdAt, START + 1)
    assert.equal(record.expiresAt, undefined)
    assert.equal(record.willDueAt, undefined)
    assert.deepEqual(record.subscriptions, [])
    assert.equal(record.will?.message.payload.toString(), 'gone')
    assert.equal(record.will.delaySeconds, 5)
    assert.equal(record.will.messageExpirySeconds, 7)
    assert.ok(record.generation.length > 0)
    assert.equal(await subject.fetch(lease), undefined)
    assert.deepEqual(subject.takeLost(), [])
  })

  check('sessions of different clients know nothing of each other', async ({ subject }) => {
    const first = await subject.attach('a')
    const second = await subject.attach('b')
    assert.notEqual(first.record.generation, second.record.generation)
    await subject.fill(first.lease.queue, message('1'))
    assert.equal(await subject.fetch(second.lease), undefined)
    await subject.end(second.lease.queue)
    assert.deepEqual(await subject.fetchAll(first.lease), ['1'])
  })
}

function resumeCases(check: StoreCase): void {
  check('attach resumes a session with its queue, subscriptions and generation', async ({ subject }) => {
    const first = await subject.attach('a')
    await subject.change(first.lease, { subscribe: [subscription('x/#')] })
    await subject.fill(first.lease.queue, ...messages('1', '2'))
    const second = await subject.attach('a', { now: START + 50 })
    assert.equal(second.at, 'resumed')
    assert.equal(second.record.generation, first.record.generation)
    assert.equal(second.record.createdAt, START)
    assert.deepEqual(second.record.subscriptions, [subscription('x/#')])
    assert.equal(second.lease.queue.messages, 2)
    assert.ok(second.lease.epoch > first.lease.epoch, 'the epoch did not grow')
    assert.deepEqual(await subject.fetchAll(second.lease), ['1', '2'])
  })

  check('a resumed session has no deadlines, and the new will in place of the old', async ({ subject }) => {
    const old = { message: message('old'), delaySeconds: 0, messageExpirySeconds: undefined }
    const first = await subject.attach('a', { will: old })
    await subject.change(first.lease, { expiresAt: START + 1, willDueAt: START + 1 })
    const replaced = { message: message('new'), delaySeconds: 3, messageExpirySeconds: undefined }
    const second = await subject.attach('a', { will: replaced })
    assert.equal(second.record.expiresAt, undefined)
    assert.equal(second.record.willDueAt, undefined)
    assert.equal(second.record.will?.message.payload.toString(), 'new')
    const third = await subject.attach('a')
    assert.equal(third.record.will, undefined)
  })

  check('a resumed session lives under the limits of its latest attachment', async ({ subject }) => {
    const { queue } = await subject.lease('a', { messagesMax: 5 })
    await subject.fill(queue, ...messages('1', '2', '3'))
    const lease = await subject.lease('a', { messagesMax: 2 })
    assert.equal(lease.queue.messages, 3, 'what was owed before stays owed')
    await subject.fill(lease.queue, message('4'))
    assert.deepEqual(subject.takeLost(), ['1 queue-full', '2 queue-full'])
    assert.deepEqual(await subject.fetchAll(lease), ['3', '4'])
  })

  check('senders that hold the queue from before a resumption still reach it', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    const lease = await subject.lease('a')
    await subject.fill(queue, message('1'))
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 1 })
    assert.deepEqual(await subject.fetchAll(lease), ['1'])
  })
}

function replaceCases(check: StoreCase): void {
  check('attach that replaces ends the session and creates another [Clean Start]', async ({ subject }) => {
    const first = await subject.attach('a', { owner: 'ada' })
    await subject.change(first.lease, { subscribe: [subscription('x')] })
    await subject.fill(first.lease.queue, ...messages('1', '2'))
    const second = await subject.attach('a', { existing: 'replace', owner: 'bob', now: START + 9 })
    assert.equal(second.at, 'created')
    assert.notEqual(second.record.generation, first.record.generation)
    assert.equal(second.record.owner, 'bob')
    assert.equal(second.record.createdAt, START + 9)
    assert.deepEqual(second.record.subscriptions, [])
    assert.deepEqual(counts(second.lease.queue), EMPTY)
    assert.ok(second.lease.epoch > first.lease.epoch, 'the epoch did not grow')
    assert.deepEqual(subject.takeLost().sort(), ['1 session-cleaned', '2 session-cleaned'])
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })

  check('attach that replaces creates a session nobody has', async ({ subject }) => {
    const { at } = await subject.attach('a', { existing: 'replace' })
    assert.equal(at, 'created')
    assert.deepEqual(subject.takeLost(), [])
  })

  check('the queue of a replaced session takes nothing for the new one', async ({ subject }) => {
    const { queue } = await subject.lease('a')
    const { lease } = await subject.attach('a', { existing: 'replace' })
    await subject.append(message('1'), receiver(queue))
    assert.deepEqual(counts(lease.queue), EMPTY)
    assert.equal(await subject.fetch(lease), undefined)
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
  })

  check('after its end a session is created anew, not resumed', async ({ subject }) => {
    const first = await subject.attach('a')
    await subject.change(first.lease, { subscribe: [subscription('x')] })
    await subject.end(first.lease.queue)
    const second = await subject.attach('a')
    assert.equal(second.at, 'created')
    assert.deepEqual(second.record.subscriptions, [])
    assert.notEqual(second.record.generation, first.record.generation)
  })
}

function changeCases(check: StoreCase): void {
  check('change adds, replaces and removes subscriptions by topic filter', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.change(lease, { subscribe: [subscription('x'), subscription('y', { qos: 0 })] })
    await subject.change(lease, { subscribe: [subscription('$share/g/z', { subscriptionIdentifier: 9 })] })
    const replacement = subscription('x', {
      qos: 2,
      noLocal: true,
      retainAsPublished: true,
      retainHandling: 2,
      subscriptionIdentifier: 268_435_455,
    })
    await subject.change(lease, { subscribe: [replacement], unsubscribe: ['y', 'never-there'] })
    assert.deepEqual(await subscriptionsOf(subject, 'a'), [
      subscription('$share/g/z', { subscriptionIdentifier: 9 }),
      replacement,
    ])
  })

  check('a change of deadlines leaves the subscriptions alone', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.change(lease, { subscribe: [subscription('x')] })
    await subject.change(lease, { expiresAt: START, will: undefined, willDueAt: undefined })
    assert.deepEqual(await subscriptionsOf(subject, 'a'), [subscription('x')])
  })
}
