// Operations and tombstones as the documentation of the API shows them.

import type { Operation, OperationItem } from '../../../shared/operation.ts'

export const operationExample: Operation = {
  id: 'op_01JDXAMPE0000000000000003P',
  kind: 'plan',
  action: 'clean',
  of: null,
  plan: 'pl_01JDXAMPE0000000000000002P',
  digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  filter: 'id:web-kiosk-* stuck:true',
  clientId: null,
  topic: null,
  options: { ratePerSecond: 200, suppressWill: false, holdSeconds: 30 },
  actor: 'ana',
  reason: 'kiosks replaced, ticket 4411',
  state: 'running',
  waitsFor: null,
  startedAt: '2026-11-21T12:04:10.000Z',
  endedAt: null,
  count: 30,
  ok: 20,
  skipped: 1,
  failed: 0,
  messages: 18_211,
  bytes: 27_103_322,
  undo: { items: 20, until: '2026-11-21T12:19:10.100Z' },
}

export const operationItemExample: OperationItem = {
  number: 0,
  clientId: 'web-kiosk-11',
  topic: null,
  generation: '01JDXAMPE0000000000000000K',
  status: 'ok',
  reason: null,
  detail: null,
  at: '2026-11-21T12:04:10.020Z',
  messages: 1_000,
  bytes: 4_194_304,
  tombstone: 'op_01JDXAMPE0000000000000003P-0',
  undoUntil: '2026-11-21T12:19:10.010Z',
}
