// Settings: how far back the broker remembers what happened.

import { duration, integer } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const historySettings = {
  historyAgeMs: {
    name: 'history-age',
    kind: duration({ unit: 'ms', min: '1h', max: '3650d' }),
    default: '30d',
    live: true,
    meaning:
      'How long the broker remembers what happened to each session: connects, disconnects, losses, acts of operators.',
    because: 'It outlives the sessions of 3.x clients by some weeks: long enough to ask why one is gone.',
  },
  historyRowsMax: {
    name: 'history-rows-max',
    kind: integer({ min: 1_000, max: 1_000_000_000 }),
    default: '2000000',
    meaning:
      'The most rows of history; the oldest go first, whatever their age. A quarter of them at most is about sessions that end with their connection.',
    because:
      'At about 300 bytes each they take 600 MB of the disk. With the store in memory there are at most 50,000.',
  },
} as const satisfies SettingTable
