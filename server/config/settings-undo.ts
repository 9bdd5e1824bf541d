// Settings: how long and how much of what operators take away can be brought back.

import { bytes, duration, orOff } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const undoSettings = {
  undoWindowMs: {
    name: 'undo-window',
    kind: orOff('off', duration({ unit: 'ms', min: '1s', max: '30d' })),
    default: '15m',
    live: true,
    meaning:
      'How long a session that an operator has cleaned or expired, and messages they have taken out of a queue, can be brought back.',
    because: 'Mistakes of this kind are noticed within minutes, and the space is wanted back.',
  },
  undoBytesMax: {
    name: 'undo-bytes-max',
    kind: bytes({ min: '0B', max: '1TiB' }),
    default: '256MiB',
    live: true,
    meaning:
      'What everything that can be brought back may take together: its messages, 1 KiB each time and 256 bytes a subscription. Beyond it, what is taken away is gone for good.',
    because:
      'A quarter of a gigabyte holds the queues of thousands of sessions, and a large cleanup must not fill the store.',
  },
} as const satisfies SettingTable
