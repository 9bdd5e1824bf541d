// Rows of facts and what is to be said of them: a healthy client, with something changed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose } from '../../../../server/read-model/history/diagnosis/diagnose.ts'
import {
  DEFAULT_THRESHOLDS,
  type DiagnosisFacts,
} from '../../../../server/read-model/history/diagnosis/facts.ts'
import type { Diagnosis } from '../../../../shared/diagnosis.ts'

export const NOW = Date.UTC(2026, 9, 23, 12)
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export type Change = { readonly [K in keyof DiagnosisFacts]?: Partial<DiagnosisFacts[K]> | undefined }

/** A client of MQTT 3.1.1 that has been online for three hours, with these facts on top. */
export function facts(change: Change = {}): DiagnosisFacts {
  const usual: DiagnosisFacts = {
    now: NOW,
    protocolVersion: 4,
    presence: { at: 'online', since: NOW - 3 * HOUR },
    hold: undefined,
    conflict: undefined,
    queue: {
      messages: 0,
      bytes: 0,
      messagesMax: 1000,
      bytesMax: 16 * 1024 ** 2,
      overflow: 'drop-oldest',
      fullSince: undefined,
      fill: undefined,
    },
    sending: { inFlight: 0, windowMax: 20, head: undefined, packetBytesMax: undefined },
    receiving: { count: 0, oldestAt: undefined },
    expiry: { at: undefined, seconds: 7 * 86_400, source: 'policy', pinned: false },
    subscriptions: [{ topicFilter: 'orders/#', qos: 1 }],
    queueQos0: false,
    losses: [],
    thresholds: DEFAULT_THRESHOLDS,
  }
  const changed = Object.entries(change).map(([name, value]) => {
    const former = usual[name as keyof DiagnosisFacts]
    const isRecord = typeof value === 'object' && !Array.isArray(value) && typeof former === 'object'
    return [name, isRecord ? { ...former, ...value } : value]
  })
  return { ...usual, ...Object.fromEntries(changed) }
}

export function offline(
  ms: number,
  left?: { cause: string; detail?: string; by?: string },
): DiagnosisFacts['presence'] {
  const how = left === undefined ? undefined : { detail: '', by: undefined, ...left }
  return { at: 'offline', since: NOW - ms, left: how }
}

export interface Row {
  readonly what: string
  readonly change: Change
  readonly headline: Diagnosis['headline']
  readonly severity: Diagnosis['severity']
  readonly sentence: string
  readonly actions?: Diagnosis['actions']
}

export const KEPT =
  'After it disconnects it is kept for 7 d by broker policy; MQTT 3.1.1 clients cannot ask for an expiry.'

/** One test each, and one that what they find can be sent. */
export function testRows(rows: readonly Row[]): void {
  for (const row of rows) {
    test(`${row.headline}: ${row.what}`, () => {
      const diagnosis = diagnose(facts(row.change))
      assert.equal(diagnosis.sentence, row.sentence)
      assert.equal(`${diagnosis.severity}, ${diagnosis.headline}`, `${row.severity}, ${row.headline}`)
      if (row.actions !== undefined) assert.deepEqual(diagnosis.actions, row.actions)
      assert.deepEqual(JSON.parse(JSON.stringify(diagnosis)), diagnosis, 'it can be sent as JSON')
    })
  }
}
