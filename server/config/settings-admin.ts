// Settings: who may use the admin API, and for how long.

import { boolean, duration } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const adminSettings = {
  adminReadOnly: {
    name: 'admin-read-only',
    kind: boolean,
    default: 'false',
    meaning: 'Whether the admin API refuses everything that changes something, whoever asks.',
    because: 'For a copy that is only to be looked at, and for days on which nobody must touch anything.',
  },
  adminLoginIdleMs: {
    name: 'admin-login-idle',
    kind: duration({ unit: 'ms', min: '1m', max: '30d' }),
    default: '12h',
    meaning: 'After how long without a request a browser is logged out.',
    because: 'A console stays open over a shift, and not over a weekend.',
  },
  adminLoginAgeMs: {
    name: 'admin-login-age',
    kind: duration({ unit: 'ms', min: '1m', max: '365d' }),
    default: '30d',
    meaning: 'After how long a browser must log in again, however busy it is.',
    because: 'A cookie that was stolen from a page that is never closed must end some day.',
  },
} as const satisfies SettingTable
