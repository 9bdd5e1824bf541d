// Contract: what a holder does whose lease was fenced out has no effect, and it is told that all is safe.

import assert from 'node:assert/strict'
import type { PacketId } from '../../../server/protocol/packet.ts'
import type { Entry, Lease } from '../../../server/store/store.ts'
import { subscription, subscriptionsOf } from './attach.ts'
import { message, messages } from './messages.ts'
import type { StoreCase } from './store-case.ts'
import { counts, START, type Subject, safe } from './subject.ts'

const ID = 7 as PacketId

export function fenceCases(check: StoreCase): void {
  resumedCases(check)
  check('a lease of a replaced session touches nothing of the new one', async ({ subject }) => {
    const old = await subject.lease('a')
    await subject.fill(old.queue, ...messages('1', '2'))
    const entry = await subject.fetchAndSend(old, 1)
    const { lease } = await subject.attach('a', { existing: 'replace' })
    await subject.fill(lease.queue, message('3'))
    subject.takeLost()
    await everyVerb(subject, old, entry)
    assert.equal(subject.store.fetch(old, 0), undefined)
    assert.deepEqual(counts(lease.queue), { messages: 1, bytes: 2, waiting: 1 })
    assert.deepEqual(subject.store.totals(), { messages: 1, bytes: 2 })
    assert.deepEqual(subject.takeLost(), [])
    assert.deepEqual(await subscriptionsOf(subject, 'a'), [])
  })

  check('a lease of an ended session does nothing', async ({ subject }) => {
    const lease = await subject.lease('a')
    await subject.fill(lease.queue, ...messages('1', '2'))
    const entry = await subject.fetchAndSend(lease, 1)
    await subject.end(lease.queue)
    subject.takeLost()
    await everyVerb(subject, lease, entry)
    assert.equal(subject.store.fetch(lease, 0), undefined)
    assert.deepEqual(subject.store.totals(), { messages: 0, bytes: 0 })
    assert.deepEqual(subject.takeLost(), [])
    assert.equal((await subject.attach('a')).at, 'created')
  })
}

function resumedCases(check: StoreCase): void {
  check('a fenced-out lease fetches nothing, and moves nothing', async ({ subject }) => {
    const { old, lease } = await fencedOut(subject)
    assert.equal(subject.store.fetch(old, 0), undefined)
    assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 6, waiting: 2 })
    assert.deepEqual(await subject.fetchAll(lease), ['2', '3'])
  })

  check('a fenced-out lease acknowledges nothing', async ({ subject }) => {
    const { old, lease, entry } = await fencedOut(subject)
    await safe(subject.store.acknowledge(old, entry))
    assert.deepEqual(counts(lease.queue), { messages: 3, bytes: 6, waiting: 2 })
    await subject.acknowledge(lease, entry)
    assert.deepEqual(counts(lease.queue), { messages: 2, bytes: 4, waiting: 2 })
  })

  check('a fenced-out lease binds no packet id', async ({ subject }) => {
    const { old, entry } = await fencedOut(subject)
    await safe(subject.store.send(old, entry, ID, START))
    assert.equal(entry.packetId, 1)
    assert.equal(entry.at, 'published')
  })

  check('a fenced-out lease releases nothing', async ({ subject }) => {
    const { old, entry } = await fencedOut(subject)
    await safe(subject.store.release(old, entry))
    assert.equal(entry.at, 'published')
  })

  check('a fenced-out lease alters no subscriptions', async ({ subject }) => {
    const { old } = await fencedOut(subject)
    await safe(subject.store.change(old, { subscribe: [subscription('late')] }))
    assert.deepEqual(await subscriptionsOf(subject, 'a'), [])
  })

  check('only the latest of many leases holds', async ({ subject }) => {
    const leases: Lease[] = []
    for (let count = 0; count < 5; count++) leases.push(await subject.lease('a'))
    const latest = leases.pop()!
    await subject.fill(latest.queue, message('1'))
    for (const lease of leases) assert.equal(subject.store.fetch(lease, 0), undefined)
    assert.deepEqual(await subject.fetchAll(latest), ['1'])
  })
}

interface FencedOut {
  readonly old: Lease
  readonly lease: Lease
  /** In flight, sent through `old` under packet id 1; two more wait. */
  readonly entry: Entry
}

async function fencedOut(subject: Subject): Promise<FencedOut> {
  const old = await subject.lease('a')
  await subject.fill(old.queue, ...messages('1', '2', '3'))
  const entry = await subject.fetchAndSend(old, 1)
  return { old, lease: await subject.lease('a'), entry }
}

async function everyVerb(subject: Subject, lease: Lease, entry: Entry): Promise<void> {
  const { store } = subject
  await safe(store.send(lease, entry, ID, START))
  await safe(store.release(lease, entry))
  await safe(store.acknowledge(lease, entry))
  await safe(store.keep(lease, ID))
  await safe(store.forget(lease, ID))
  await safe(store.change(lease, { subscribe: [subscription('late')], expiresAt: 1 }))
}
