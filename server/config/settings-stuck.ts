// Settings: when a session counts as stuck, so that somebody should look at it.

import { duration, integer } from './kind.ts'
import type { SettingTable } from './setting.ts'

const span = duration({ unit: 'ms', min: '1m', max: '3650d' })

export const stuckSettings = {
  stuckOfflineMs: {
    name: 'stuck-offline',
    kind: span,
    default: '1d',
    live: true,
    meaning:
      'A session is stuck when it is offline for this long and its queue is as full as `stuck-full-percent` says.',
    because: 'A client that comes back every day is not stuck, however much waits for it over night.',
  },
  stuckFullPercent: {
    name: 'stuck-full-percent',
    kind: integer({ min: 0, max: 100 }),
    default: '90',
    live: true,
    meaning: 'How full the queue of an offline session is, in percent of its limit, when it counts as stuck.',
    because: 'What comes next will be lost.',
  },
  stuckInflightMs: {
    name: 'stuck-inflight',
    kind: span,
    default: '15m',
    live: true,
    meaning: 'A connected session is stuck when it has acknowledged none of what is in flight for this long.',
    because: 'A client that works acknowledges within seconds, and a slow one within minutes.',
  },
  stuckUnexpiringMs: {
    name: 'stuck-unexpiring',
    kind: span,
    default: '30d',
    live: true,
    meaning: 'A session that never expires is stuck when it is offline for this long.',
    because: 'Nobody goes without a device for a month and then wants the messages of the first week.',
  },
} as const satisfies SettingTable
