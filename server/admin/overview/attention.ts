// What somebody should look at: a sentence each, and where to look.

import type { Conflict } from '../../../shared/conflict.ts'
import type { Attention } from '../../../shared/overview.ts'
import { countInWords } from '../../../shared/plain-words.ts'
import { quote } from '../../../shared/printable.ts'

/** Conflicts with a sentence of their own; the others are counted. */
const CONFLICTS_MAX = 3

/** Which sessions are counted for it. */
export const attentionFilters = {
  full: 'full>=100%',
  nearlyFull: 'full>=90% full<100%',
  stuck: 'stuck:true',
  expiring: 'expires<1h queued>=1',
} as const

export interface AttentionFacts {
  readonly storeProblem: string | undefined
  readonly storeWarning: string | undefined
  /** Those that go on, the busiest first. */
  readonly conflicts: readonly Conflict[]
  readonly counts: Readonly<Record<keyof typeof attentionFilters, number>>
}

/** The most urgent first. */
export function attention({ storeProblem, storeWarning, conflicts, counts }: AttentionFacts): Attention[] {
  const { full, nearlyFull, stuck, expiring } = counts
  const sessions = (number: number, one: string, many: string): string =>
    `${countInWords(number, 'session')} ${number === 1 ? one : many}`
  return [
    ...about('store-problem', 'critical', storeProblem, 'The store takes no messages'),
    ...about('store-warning', 'warning', storeWarning, 'There is little room left'),
    ...conflicts.slice(0, CONFLICTS_MAX).map(oneConflict),
    ...otherConflicts(conflicts.length - CONFLICTS_MAX),
    ...counted(
      'queues-full',
      'warning',
      full,
      'full',
      sessions(full, 'is at its queue limit', 'are at their queue limit'),
    ),
    ...counted('stuck', 'warning', stuck, 'stuck', sessions(stuck, 'is stuck', 'are stuck')),
    ...counted(
      'queues-nearly-full',
      'notice',
      nearlyFull,
      'nearlyFull',
      sessions(nearlyFull, 'has 90 % of its queue in use', 'have 90 % of their queue in use'),
    ),
    ...counted(
      'expiring',
      'notice',
      expiring,
      'expiring',
      sessions(
        expiring,
        'expires within an hour, with its messages',
        'expire within an hour, with their messages',
      ),
    ),
  ]
}

const nobody = { sessions: null, filter: null, clientId: null } as const

function about(
  code: Attention['code'],
  severity: Attention['severity'],
  detail: string | undefined,
  what: string,
): Attention[] {
  return detail === undefined ? [] : [{ code, severity, sentence: `${what}: ${detail}.`, ...nobody }]
}

function counted(
  code: Attention['code'],
  severity: Attention['severity'],
  sessions: number,
  filter: keyof typeof attentionFilters,
  sentence: string,
): Attention[] {
  if (sessions === 0) return []
  return [
    { code, severity, sentence: `${sentence}.`, sessions, filter: attentionFilters[filter], clientId: null },
  ]
}

function oneConflict({ clientId, perMinute }: Conflict): Attention {
  const sentence = `${quote(clientId)} was taken over ${countInWords(perMinute, 'time')} in the last minute.`
  return { code: 'conflict', severity: 'warning', sentence, sessions: 1, filter: null, clientId }
}

function otherConflicts(others: number): Attention[] {
  if (others <= 0) return []
  const sentence = `${countInWords(others, 'further client id')} ${others === 1 ? 'is' : 'are'} fought over.`
  const filter = 'state:conflict'
  return [{ code: 'conflict', severity: 'warning', sentence, sessions: others, filter, clientId: null }]
}
