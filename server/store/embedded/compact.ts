// Removes what nobody waits for from a store that no broker has open, and gives its room back to the disk.

import type { DatabaseSync } from 'node:sqlite'
import { checkStore, type Finding } from './check.ts'
import { mendStore } from './mend.ts'

export interface Compacted {
  /** Messages that no session waits for, and parts of sessions that are gone. */
  readonly removed: number
  /** Damaged records that are still there. */
  readonly damaged: number
}

export function compactStore(database: DatabaseSync): Compacted {
  const leftOver: Finding[] = []
  let damaged = 0
  checkStore(database, finding => {
    if (finding.severity === 'damaged') damaged++
    else leftOver.push(toRemove(finding))
  })
  const removed = mendStore(database, leftOver)
  // The copy that VACUUM makes may be as large as the store: too large for memory.
  database.exec('PRAGMA temp_store = FILE')
  database.exec('VACUUM')
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  return { removed, damaged }
}

/** A check keeps the messages of a session that was set aside; who compacts has had time to look at them. */
function toRemove(finding: Finding): Finding {
  if (finding.mend !== undefined || finding.kind !== 'message') return finding
  return { ...finding, mend: { how: 'delete-message', seq: Number(finding.key) } }
}
