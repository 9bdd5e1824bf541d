// Takes what a check has found out of the way, in one transaction.

import type { DatabaseSync } from 'node:sqlite'
import type { Finding, Mend, PartTable } from './check.ts'
import { setAside } from './set-aside.ts'

const keyColumns: Readonly<Record<PartTable, string>> = {
  subscription: 'topic_filter',
  sending: 'packet_id',
  receiving: 'packet_id',
  returned: 'seq',
}

/** Returns how many findings were mended; the rest have no mend. */
export function mendStore(database: DatabaseSync, findings: readonly Finding[]): number {
  let mended = 0
  database.exec('BEGIN')
  for (const { mend, problem } of findings) {
    if (mend === undefined) continue
    perform(database, mend, problem)
    mended++
  }
  database.exec('COMMIT')
  return mended
}

function perform(database: DatabaseSync, mend: Mend, problem: string): void {
  switch (mend.how) {
    case 'set-aside':
      setAside(database, mend.kind, mend.key, problem)
      return
    case 'delete-message':
      database.prepare('DELETE FROM message WHERE seq = ?').run(mend.seq)
      return
    case 'delete-tombstone':
      database.prepare('DELETE FROM tombstone WHERE id = ?').run(mend.id)
      return
    case 'delete-part':
      database
        .prepare(`DELETE FROM ${mend.table} WHERE number = ? AND ${keyColumns[mend.table]} = ?`)
        .run(mend.number, mend.key)
      return
    case 'rewrite-columns': {
      const expiresAt = mend.expiresAt === Number.POSITIVE_INFINITY ? null : mend.expiresAt
      database
        .prepare('UPDATE message SET size = ?, expires_at = ? WHERE seq = ?')
        .run(mend.size, expiresAt, mend.seq)
      return
    }
    case 'reset-cursor':
      // What was acknowledged and is still there comes once more; the other way round it would never come.
      database.prepare('UPDATE session SET acked = 0, exceptions = NULL WHERE number = ?').run(mend.number)
      return
  }
}
