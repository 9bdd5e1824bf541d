// A plan of a hundred thousand sessions, made while the broker goes on.

import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import type { BrokerParts } from '../../server/broker/parts.ts'
import { takeUp } from '../../server/broker/recover.ts'
import { planStageForFile } from './stage.ts'

const SESSIONS = 100_000

const stage = planStageForFile({ store: 'memory' })
const { broker } = stage

/** As if they had been read back from the disk: clients for so many would take minutes. */
async function sessions(parts: BrokerParts): Promise<void> {
  const now = parts.clock.now()
  for (let at = 0; at < SESSIONS; at++) {
    const { lease, record } = await parts.durable.attach({
      clientId: `many-${(at * 7_919) % SESSIONS}`,
      owner: '',
      now,
      existing: 'resume',
      limits: { messagesMax: 10, bytesMax: 10_000, overflow: 'drop-oldest' },
      version: 1,
      connection: undefined,
      expirySeconds: 3_600,
      expirySource: 'policy',
      expiryPinned: false,
      will: undefined,
    })
    const offline = { ...record, disconnectedAt: now, expiresAt: now + 3_600_000 }
    parts.touch(takeUp(parts, { lease, record: offline, sending: [], receiving: [] }))
  }
}

test('a plan of a hundred thousand sessions leaves the event loop to the broker', async context => {
  await sessions(broker.parts)
  // The table takes up all that is new at once; it would have done so long before.
  broker.table.fold()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now()
  const plan = await stage.plan({ action: 'clean', filter: 'id:many-*' })
  const tookMs = performance.now() - startedAt
  delay.disable()
  assert.equal(plan.count, SESSIONS)
  assert.deepEqual(plan.needs, { typedCount: true, role: 'admin' })
  const longestMs = stage.plans.longestSliceMs
  context.diagnostic(
    `made in ${tookMs.toFixed(0)} ms; longest slice ${longestMs.toFixed(1)} ms; others waited ${(delay.percentile(99) / 1e6).toFixed(1)} ms in 99 of 100 cases, ${(delay.max / 1e6).toFixed(1)} ms at the most`,
  )
  assert.ok(longestMs < 200, `the longest slice took ${longestMs} ms`)
})
