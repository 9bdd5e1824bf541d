// What operators do is counted as theirs, and what clients do is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventCounts } from '../../../../server/admin/metrics/event-counts.ts'
import type { Numbers } from '../../../../server/admin/metrics/family.ts'
import type { BrokerEvent } from '../../../../server/events.ts'

function counted(counts: EventCounts, name: string): Readonly<Record<string, number>> {
  const family = counts.families().find(one => one.name === name) as Numbers
  const samples = [...(family.read() as Iterable<readonly [Record<string, string>, number]>)]
  return Object.fromEntries(
    samples
      .filter(([, value]) => value > 0)
      .map(([labels, value]) => [Object.values(labels).join(' '), value]),
  )
}

const session = { at: 1, clientId: 'a', generation: 'g' }
const by = { actor: 'ana', reason: undefined }
const taken = { messages: 1, bytes: 1, tombstone: undefined }

test('an act is counted once for each session, under what was done', () => {
  const counts = new EventCounts()
  const events: readonly BrokerEvent[] = [
    { ...session, kind: 'disconnected', cause: 'operator', detail: '', closeCode: undefined, by },
    { ...session, kind: 'disconnected', cause: 'client', detail: '', closeCode: undefined, by: undefined },
    { ...session, ...taken, kind: 'session-ended', why: 'cleaned', by },
    { ...session, ...taken, kind: 'session-ended', why: 'expired', by: undefined },
    { ...session, ...taken, kind: 'queue-cleared', by },
    { ...session, kind: 'will-published', topic: 't' },
  ]
  for (const event of events) counts.learn(event)
  assert.deepEqual(counted(counts, 'holdfast_operator_acts_total'), {
    disconnected: 1,
    'session-ended': 1,
    'queue-cleared': 1,
  })
  assert.deepEqual(counted(counts, 'holdfast_disconnects_total'), { operator: 1, client: 1 })
  assert.deepEqual(counted(counts, 'holdfast_sessions_ended_total'), { cleaned: 1, expired: 1 })
})
