// Reads the ledger of lost messages, the newest first.

import type { LostMessage } from '../../../shared/history.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow, SideValue } from '../../store/side/side-messages.ts'
import { PAGE_ROWS_MAX } from './limits.ts'
import type { Page } from './read-timeline.ts'

export interface LostQuery {
  /** Undefined: of all clients. */
  readonly clientId?: string | undefined
  readonly reason?: string | undefined
  readonly before?: number | undefined
  readonly limit: number
}

export async function readLost(side: SideDatabase, query: LostQuery): Promise<Page<LostMessage>> {
  const { clientId, reason, before } = query
  const limit = Math.min(Math.max(1, query.limit), PAGE_ROWS_MAX)
  const conditions: string[] = ['id < ?']
  const parameters: SideValue[] = [before ?? Number.MAX_SAFE_INTEGER]
  if (clientId !== undefined) {
    conditions.push('clientId = ?')
    parameters.push(clientId)
  }
  if (reason !== undefined) {
    conditions.push('reason = ?')
    parameters.push(reason)
  }
  const rows = await side.read(
    `SELECT * FROM history_lost WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    ...parameters,
    limit + 1,
  )
  const data = rows.slice(0, limit).map(lostOf)
  return { data, next: rows.length > limit ? data.at(-1)!.id : undefined }
}

function lostOf(row: SideRow): LostMessage {
  return {
    id: Number(row['id']),
    at: new Date(Number(row['at'])).toISOString(),
    clientId: String(row['clientId']),
    generation: textOf(row['generation']),
    reason: String(row['reason']),
    topic: textOf(row['topic']),
    publisher: textOf(row['publisher']),
    qos: numberOf(row['qos']),
    size: numberOf(row['size']),
    actor: textOf(row['actor']),
  }
}

function textOf(value: SideValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function numberOf(value: SideValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}
