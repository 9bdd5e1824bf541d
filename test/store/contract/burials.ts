// Burying and restoring as the contract suite does it: awaited, and with one word.

import assert from 'node:assert/strict'
import type { Queue, Restored, Tombstone } from '../../../server/store/store.ts'
import { START, type Subject, safe } from './subject.ts'

export const TIMES = { now: START, purgeAt: START + 900_000 }

export async function burySession(subject: Subject, queue: Queue, id = 'grave'): Promise<Tombstone> {
  const { tombstone, ticket } = subject.store.bury(queue, { id, what: 'session' }, TIMES)
  await safe(ticket)
  return tombstone
}

/** Takes out the waiting messages with these payloads, or all. */
export async function buryMessages(
  subject: Subject,
  queue: Queue,
  payloads?: readonly string[],
  id = 'grave',
): Promise<Tombstone> {
  const seqs = payloads === undefined ? undefined : await seqsOf(subject, queue, payloads)
  const { tombstone, ticket } = subject.store.bury(queue, { id, what: 'queue', seqs }, TIMES)
  await safe(ticket)
  return tombstone
}

async function seqsOf(subject: Subject, queue: Queue, payloads: readonly string[]): Promise<number[]> {
  const owed = subject.store.browse(queue, 0, 1_000_000)
  const bodies = await subject.store.read(
    queue,
    owed.map(one => one.seq),
  )
  return [...bodies].filter(([, body]) => payloads.includes(body.payload.toString())).map(([seq]) => seq)
}

export async function restored(subject: Subject, id = 'grave', now = START) {
  const outcome = await subject.store.restore(id, now)
  assert.equal(outcome.at, 'restored')
  return outcome as Extract<Restored, { at: 'restored' }>
}
