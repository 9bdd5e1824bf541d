// Settings: who may use the admin API, for how long, and what is recorded of it.

import { boolean, duration, integer, label, orOff, prefixes } from './kind.ts'
import type { SettingTable } from './setting.ts'

export const adminSettings = {
  brokerName: {
    name: 'broker-name',
    kind: orOff('none', label),
    default: 'none',
    meaning:
      "What the console calls this broker, in its bar and in the title of the browser's tab; none: by its address.",
    because: 'Whoever has several consoles open must see which broker an act is for.',
  },
  brokerEnvironment: {
    name: 'broker-environment',
    kind: orOff('none', label),
    default: 'none',
    meaning: 'What it is for, as production or staging: a tag beside its name.',
    because: 'Only its operator knows.',
  },
  adminReadOnly: {
    name: 'admin-read-only',
    kind: boolean,
    default: 'false',
    meaning: 'Whether the admin API refuses everything that changes something, whoever asks.',
    because: 'For a copy that is only to be looked at, and for days on which nobody must touch anything.',
  },
  protectedClientIds: {
    name: 'protected-client-ids',
    kind: prefixes,
    default: 'none',
    live: true,
    meaning:
      'Client identifiers, by what they begin with, that only an admin may act on, and that acts on many sessions leave alone unless an admin names them one by one.',
    because: 'Which of them are bridges and services, only their operator knows.',
  },
  adminLoginIdleMs: {
    name: 'admin-login-idle',
    kind: duration({ unit: 'ms', min: '1m', max: '30d' }),
    default: '12h',
    live: true,
    meaning: 'After how long without a request a browser is logged out.',
    because: 'A console stays open over a shift, and not over a weekend.',
  },
  adminLoginAgeMs: {
    name: 'admin-login-age',
    kind: duration({ unit: 'ms', min: '1m', max: '365d' }),
    default: '30d',
    live: true,
    meaning: 'After how long a browser must log in again, however busy it is.',
    because: 'A cookie that was stolen from a page that is never closed must end some day.',
  },
  auditAgeMs: {
    name: 'audit-age',
    kind: orOff('never', duration({ unit: 'ms', min: '1d', max: '36500d' })),
    default: '365d',
    live: true,
    meaning: 'How long records of the audit are kept; what is cut off then is told in the audit itself.',
    because: 'Questions about who did what come within a year.',
  },
  auditRecordsMax: {
    name: 'audit-records-max',
    kind: integer({ min: 1_000, max: 100_000_000 }),
    default: '1000000',
    live: true,
    meaning: 'The most records of the audit; beyond it the oldest are cut off.',
    because: 'About 500 MB on the disk, and more than people can do in a year.',
  },
} as const satisfies SettingTable
