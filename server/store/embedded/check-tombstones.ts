// Checks the tombstones of a store: whether they can be trusted, and whether what they name is there.

import type { DatabaseSync } from 'node:sqlite'
import type { Finding } from './check.ts'
import type { CheckContext } from './check-messages.ts'
import { readTombstones } from './recover-tombstones.ts'

export function checkTombstones(context: CheckContext): void {
  const { database, counts, found, buriedSessions } = context
  const { sound, damaged } = readTombstones(database)
  counts.tombstones = sound.length + damaged.length
  for (const { id, number, what, why } of damaged) {
    const mend = { how: 'set-aside', kind: 'tombstone', key: id } as const
    found({ severity: 'damaged', kind: 'tombstone', key: id, problem: why, mend })
    if (what !== 'session') continue
    buriedSessions.add(number)
    const session = clientIdOf(database, number)
    if (session !== undefined) found(withoutTombstone(number, session, why))
  }
  for (const { number, epitaph } of sound) {
    if (epitaph.what === 'queue') continue
    buriedSessions.add(number)
    if (clientIdOf(database, number) !== undefined) continue
    const mend = { how: 'delete-tombstone', id: epitaph.id } as const
    const problem = `there is no session ${number}`
    found({ severity: 'left-over', kind: 'tombstone', key: epitaph.id, problem, mend })
  }
  context.tombstones = sound
}

/** It must not come back by itself. */
function withoutTombstone(number: number, clientId: string, why: string): Finding {
  const mend = { how: 'set-aside', kind: 'session', key: number } as const
  return { severity: 'damaged', kind: 'session', key: clientId, problem: `its tombstone: ${why}`, mend }
}

function clientIdOf(database: DatabaseSync, number: number): string | undefined {
  const row = database.prepare('SELECT client_id FROM session WHERE number = ?').get(number)
  return row === undefined ? undefined : String(row['client_id'])
}
