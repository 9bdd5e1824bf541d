// Puts the overview together: figures, the top of three lists, and what somebody should look at.

import { type Filter, parseFilter } from '../../../shared/filter-grammar.ts'
import type { LiveOverview } from '../../../shared/live-events.ts'
import type { Overview, TopSession } from '../../../shared/overview.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'
import { assert } from '../../assert.ts'
import type { Broker } from '../../broker/broker.ts'
import type { History } from '../../read-model/history/history.ts'
import type { SessionTable } from '../../read-model/session-table.ts'
import { attention, attentionFilters } from './attention.ts'

const TOP = 10
const MINUTE_MS = 60_000

export interface OverviewParts {
  readonly broker: Broker
  readonly table: SessionTable
  readonly history: History
}

/** Undefined when too many ask questions about all sessions. */
export async function readOverview(
  { broker, table, history }: OverviewParts,
  figures: LiveOverview,
): Promise<Overview | undefined> {
  const queued = await top(table, 'queued')
  const bytes = await top(table, 'bytes')
  const dropped = await top(table, 'dropped')
  const counts = { full: 0, nearlyFull: 0, stuck: 0, expiring: 0 }
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
    const found = await table.count(read(attentionFilters[name]))
    if (found.at === 'overloaded') return undefined
    counts[name] = found.count
  }
  if (queued === undefined || bytes === undefined || dropped === undefined) return undefined
  const { durable, storeWarning } = broker.parts
  return {
    figures,
    top: { queued, bytes, dropped },
    attention: attention({
      storeProblem: durable.problem,
      storeWarning: storeWarning.text,
      conflicts: history.listConflicts(MINUTE_MS).filter(({ isActive }) => isActive),
      counts,
    }),
  }
}

/** Those that have any. */
async function top(
  table: SessionTable,
  key: 'queued' | 'bytes' | 'dropped',
): Promise<TopSession[] | undefined> {
  const sort = { key, descending: true } as const
  const page = await table.page({ filter: read(`${key}>=1`), sort, limit: TOP })
  return page.at === 'found' ? page.rows.map(topSession) : undefined
}

function topSession({ clientId, state, queued }: SessionSummary): TopSession {
  const { count, bytes, dropped, full } = queued
  return { clientId, state, queued: count, bytes, dropped, full }
}

function read(text: string): Filter {
  const filter = parseFilter(text)
  assert(filter.at === 'filter', `a filter of our own is one: ${text}`)
  return filter
}
