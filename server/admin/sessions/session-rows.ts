// Rows of the list of sessions as they were asked for: with lifelines, or with some of their members only.

import {
  type lifelineSpans,
  type SessionField,
  type SessionRow,
  sessionFields,
} from '../../../shared/session-list.ts'
import type { SessionSummary } from '../../../shared/session-summary.ts'
import type { LifelineOf } from '../../read-model/history/lifeline.ts'
import type { ApiContext } from '../api/context.ts'
import { readWords } from '../api/query-words.ts'

const always: readonly SessionField[] = ['clientId', 'generation', 'version']

const spanMs: Readonly<Record<(typeof lifelineSpans)[number], number>> = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
}

/** `more` are those that were asked for otherwise. Undefined: all of them. Throws `validation` for what is none. */
export function readFields(
  text: string | undefined,
  more: readonly SessionField[],
): ReadonlySet<SessionField> | undefined {
  const fields = readWords('fields', text, sessionFields)
  return fields && new Set([...always, ...more, ...fields])
}

export function chosen(row: SessionSummary, fields: ReadonlySet<SessionField> | undefined): SessionRow {
  if (fields === undefined) return row
  const { clientId, generation, version } = row
  const entries = Object.entries(row).filter(([name]) => fields.has(name as SessionField))
  return { clientId, generation, version, ...Object.fromEntries(entries) }
}

/** One question to the history for all rows. */
export async function withLifelines(
  { history, clock }: ApiContext,
  rows: readonly SessionSummary[],
  span: keyof typeof spanMs,
): Promise<readonly SessionSummary[]> {
  const since = clock.now() - spanMs[span]
  const lifelines = await history.lifelines(
    rows.map(({ clientId, connectedAt, lastSeenAt }) => ({
      clientId,
      stands: standing(connectedAt, lastSeenAt),
    })),
    since,
  )
  return rows.map((row, index) => {
    const { segments, takeovers } = lifelines[index]!
    return { ...row, lifeline: { segments, takeovers } }
  })
}

function standing(connectedAt: string | null, lastSeenAt: string | null): LifelineOf['stands'] {
  if (connectedAt !== null) return { at: Date.parse(connectedAt), state: 'online' }
  return lastSeenAt === null ? undefined : { at: Date.parse(lastSeenAt), state: 'offline' }
}
