// Burying on a disk that becomes full: what was never written is in no tombstone, and what was is brought back.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Queue } from '../../server/store/store.ts'
import { embeddedStore, payloadsOf } from '../harness/embedded-store.ts'
import { sized } from '../store/contract/messages.ts'
import { receiver, START, Subject, safe } from '../store/contract/subject.ts'
import { mountSmallDisk } from './small-disk.ts'

const MESSAGES_MAX = 1_000
const SIZE = 8_000

const probe = mountSmallDisk('1m')
const skip = typeof probe === 'string' ? probe : false
if (typeof probe !== 'string') probe.unmount()

async function names(subject: Subject, queue: Queue): Promise<string[]> {
  const payloads = await payloadsOf(subject.store, queue)
  return [...payloads.values()].map(payload => payload.replaceAll('.', ''))
}

test('a message that is buried in the turn in which the disk refuses it is gone from its tombstone', {
  skip,
}, async () => {
  const disk = mountSmallDisk('6m')
  assert.ok(typeof disk !== 'string')
  after(() => disk.unmount())
  const subject = await Subject.open(embeddedStore(disk.directory))
  const { store } = subject
  const lease = await subject.lease('a')
  const { queue } = lease
  await safe(store.detach(lease, { disconnectedAt: START }))
  const kept: string[] = []
  let refused: string | undefined
  for (let count = 0; count < MESSAGES_MAX && refused === undefined; count++) {
    const name = String(count)
    const appending = store.append(sized(name, SIZE), [receiver(queue)], 1)
    const seqs = [store.browse(queue, 0, MESSAGES_MAX).at(-1)!.seq]
    const { tombstone, ticket } = store.bury(
      queue,
      { id: name, what: 'queue', seqs },
      { now: START, purgeAt: START },
    )
    assert.equal(tombstone.messages, 1)
    const outcome = await appending.outcome()
    await safe(ticket)
    if (outcome === 'safe') kept.push(name)
    else refused = name
    const [present] = [...store.tombstones()]
    assert.equal(present?.messages, outcome === 'safe' ? 1 : 0)
    assert.equal((await store.restore(name, START)).at, 'restored')
  }
  assert.ok(refused !== undefined, 'the disk never became full')
  assert.deepEqual(await names(subject, queue), kept)
  assert.deepEqual(store.totals(), { messages: kept.length, bytes: kept.length * SIZE })

  // Nothing that is buried or restored needs room for messages.
  await safe(store.bury(queue, { id: 'all', what: 'session' }, { now: START, purgeAt: START }).ticket)
  assert.equal((await store.restore('all', START)).at, 'restored')
  await subject.close()
  const again = await Subject.open(embeddedStore(disk.directory))
  assert.deepEqual(await names(again, again.recovered[0]!.lease.queue), kept)
  await again.close()
})
