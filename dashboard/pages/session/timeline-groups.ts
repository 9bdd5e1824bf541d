// Which rows of a timeline belong together: kinds that are asked for as one, and days.

import type { TimelineEntry, TimelineKind } from '../../../shared/history.ts'

export const kindGroups = {
  connections: ['connect', 'connect.refused', 'takeover', 'disconnect'],
  subscriptions: ['subscribe', 'unsubscribe'],
  queue: [
    'queue.started',
    'queue.level',
    'queue.dropped',
    'redelivered',
    'inflight.stuck',
    'cleared',
    'removed',
  ],
  session: [
    'created',
    'ended',
    'expired',
    'cleaned',
    'restored',
    'purged',
    'expiry.set',
    'hold',
    'hold.released',
    'will.sent',
  ],
  broker: ['broker.restart', 'history.gap'],
} as const satisfies Readonly<Record<string, readonly TimelineKind[]>>

export type KindGroup = keyof typeof kindGroups
export const kindGroupNames = Object.keys(kindGroups) as readonly KindGroup[]

/** From the address; unknown words are left out. */
export function readGroups(text: string | null): readonly KindGroup[] {
  const words = (text ?? '').split(',')
  return kindGroupNames.filter(name => words.includes(name))
}

export function kindsOf(groups: readonly KindGroup[]): readonly TimelineKind[] {
  return groups.flatMap(group => [...kindGroups[group]])
}

export interface Day {
  readonly day: string
  readonly rows: readonly TimelineEntry[]
}

/** By the calendar of whoever reads; what was repeated stands where its latest time belongs. */
export function daysOf(rows: readonly TimelineEntry[]): readonly Day[] {
  const days: { day: string; rows: TimelineEntry[] }[] = []
  for (const row of rows.toSorted((a, b) => latestOf(b) - latestOf(a))) {
    const day = dayOf(new Date(latestOf(row)))
    const last = days.at(-1)
    if (last?.day === day) last.rows.push(row)
    else days.push({ day, rows: [row] })
  }
  return days
}

function latestOf({ at, until }: TimelineEntry): number {
  return Date.parse(until ?? at)
}

function dayOf(time: Date): string {
  return time.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

/** How soon Paho comes again with MQTT 3.1 when 3.1.1 was refused. */
const FALLBACK_MS = 3_000

/** By id: connects that are the second half of an attempt whose first half, with MQTT 3.1.1, stands right below. */
export function fallbacksOf(rows: readonly TimelineEntry[]): ReadonlySet<number> {
  const found = rows.filter((row, index) => {
    const before = rows[index + 1]
    if (before?.kind !== 'connect.refused' || !row.kind.startsWith('connect')) return false
    const isLower = before.data['protocolVersion'] === 4 && row.data['protocolVersion'] === 3
    return isLower && Date.parse(row.at) - Date.parse(before.until ?? before.at) < FALLBACK_MS
  })
  return new Set(found.map(({ id }) => id))
}

const harmful: ReadonlySet<TimelineKind> = new Set([
  'queue.dropped',
  'inflight.stuck',
  'connect.refused',
  'history.gap',
])

/** What deserves an eye: never by colour alone, the words say it. */
export function weightOf({
  kind,
  data,
}: Pick<TimelineEntry, 'kind' | 'data'>): 'danger' | 'conflict' | 'actor' | '' {
  if (kind === 'takeover') return 'conflict'
  if (harmful.has(kind) || (kind === 'queue.level' && data['percent'] === 100)) return 'danger'
  return ''
}
