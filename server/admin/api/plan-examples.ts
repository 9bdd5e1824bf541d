// A plan as the documentation of the API shows it.

import type { Plan, PlanItem } from '../../../shared/plan.ts'

export const planItemExample: PlanItem = {
  number: 0,
  clientId: 'web-kiosk-11',
  topic: null,
  generation: '01JDXAMPE0000000000000000K',
  connected: false,
  since: '2026-10-21T09:00:02.000Z',
  messages: 1_000,
  bytes: 4_194_304,
  subscriptions: 2,
  will: false,
  blocked: null,
}

const blockedExample: PlanItem = {
  ...planItemExample,
  number: 1,
  clientId: 'web-kiosk-eu-bridge',
  generation: '01JDXAMPE0000000000000001B',
  connected: true,
  messages: 0,
  bytes: 0,
  blocked: 'protected',
}

export const planExample: Plan = {
  id: 'pl_01JDXAMPE0000000000000002P',
  digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  state: 'open',
  action: 'clean',
  filter: 'id:web-kiosk-* stuck:true',
  options: { ratePerSecond: 200, suppressWill: false, holdSeconds: 30 },
  actor: 'ana',
  madeAt: '2026-11-21T12:03:00.000Z',
  expiresAt: '2026-11-21T12:08:00.000Z',
  operation: null,
  count: 1,
  breakdown: { offline: 1, online: 0 },
  messagesLost: 1_000,
  bytesLost: 4_194_304,
  wills: 0,
  undoable: true,
  undo: { items: 1, why: null, bytes: 4_195_840, bytesFree: 268_435_456 },
  undoUntil: '2026-11-21T12:18:00.000Z',
  blockedCount: 1,
  blockedReasons: [{ reason: 'protected', count: 1 }],
  blocked: [blockedExample],
  biggest: [planItemExample],
  prefixes: [{ prefix: 'web-kiosk', count: 1 }],
  sample: [planItemExample],
  needs: { typedCount: false, role: 'operator' },
}
