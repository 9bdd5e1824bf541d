// Takes away what a run of the Lab has made: its sessions with their connections, and its retained messages.

import { cleanSession } from '../../broker/operations/clean.ts'
import { disconnectSession } from '../../broker/operations/disconnect.ts'
import { expireSession } from '../../broker/operations/expire.ts'
import { deleteRetained, findRetained } from '../../broker/operations/retained.ts'
import type { Undo } from '../../broker/operations/undo-ledger.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import { byRun, clientIdsOf, type LabRunRecord, topicsOf } from './run.ts'

export interface CleanedUp {
  readonly sessions: number
  readonly retained: number
}

/** Resolves when all of it has gone, connections included. */
export async function cleanUp(parts: BrokerParts, run: LabRunRecord): Promise<CleanedUp> {
  let sessions = 0
  for (const clientId of clientIdsOf(run)) {
    if (parts.registry.get(clientId) === undefined) continue
    const cleaned = await cleanSession(parts, { clientId, suppressWill: true, by: byRun(run) })
    if (cleaned.at === 'cleaned') forGood(parts, cleaned.undo)
    if (cleaned.at === 'cleaned' || cleaned.at === 'disconnected') sessions++
  }
  return { sessions, retained: await clearRetained(parts, run) }
}

async function clearRetained(parts: BrokerParts, run: LabRunRecord): Promise<number> {
  let retained = 0
  for (const topic of topicsOf(run)) {
    const found = findRetained(parts, topic, undefined)
    if (found.at !== 'found') continue
    const deleted = await deleteRetained(parts, found.message)
    if (deleted.at === 'deleted') retained++
  }
  return retained
}

/** What a test asks the broker for that a client cannot do. Resolves to how many sessions it was done to. */
export async function actOnRun(
  parts: BrokerParts,
  run: LabRunRecord,
  test: string,
  act: 'expire' | 'cut',
): Promise<number> {
  const by = byRun(run)
  const outcomes = await Promise.all(
    clientIdsOf(run, [test]).map(async clientId => {
      if (act === 'cut') return disconnectSession(parts, { clientId, suppressWill: true, by })
      const expired = await expireSession(parts, { clientId, by })
      if (expired.at === 'expired') forGood(parts, expired.undo)
      return expired
    }),
  )
  return outcomes.filter(({ at }) => at === 'disconnected' || at === 'expired').length
}

/** Nobody will want the session of a test back, and it must not take the room of those that somebody may. */
function forGood(parts: BrokerParts, undo: Undo | undefined): void {
  if (undo !== undefined) parts.undo.discard(undo.tombstone)
}
