// Moves a record that cannot be trusted out of the way, and keeps it for whoever wants to look at it.

import type { DatabaseSync } from 'node:sqlite'
import { PART_TABLES } from './database.ts'
import type { Damage } from './messages.ts'

const sources: Readonly<Record<Damage['kind'], { readonly copy: string; readonly remove: string }>> = {
  message: {
    copy: "INSERT INTO damaged SELECT unixepoch() * 1000, 'message', ?, ?, body FROM message WHERE seq = ?",
    remove: 'DELETE FROM message WHERE seq = ?',
  },
  session: {
    copy: "INSERT INTO damaged SELECT unixepoch() * 1000, 'session', ? || ' ' || client_id, ?, record FROM session WHERE number = ?",
    remove: 'DELETE FROM session WHERE number = ?',
  },
  tombstone: {
    copy: "INSERT INTO damaged SELECT unixepoch() * 1000, 'tombstone', ?, ?, record FROM tombstone WHERE id = ?",
    remove: 'DELETE FROM tombstone WHERE id = ?',
  },
  retained: {
    copy: "INSERT INTO damaged SELECT unixepoch() * 1000, 'retained', ?, ?, body FROM retained WHERE topic = ?",
    remove: 'DELETE FROM retained WHERE topic = ?',
  },
}

export function setAside(
  database: DatabaseSync,
  kind: Damage['kind'],
  key: string | number,
  why: string,
): void {
  const { copy, remove } = sources[kind]
  database.prepare(copy).run(String(key), why, key)
  database.prepare(remove).run(key)
  if (kind === 'message') {
    // What was on its way at QoS 2 cannot be sent again.
    database.prepare('DELETE FROM sending WHERE seq = ?').run(key)
    database.prepare('DELETE FROM returned WHERE seq = ?').run(key)
  }
  if (kind === 'session') setPartsAside(database, Number(key), why)
}

/** A number is never used again while anything has it, but parts without their session would only be in the way. */
function setPartsAside(database: DatabaseSync, number: number, why: string): void {
  database
    .prepare(
      `INSERT INTO damaged SELECT unixepoch() * 1000, 'subscription', CAST(?1 AS INTEGER) || ' ' || topic_filter, ?2,
         json_object('options', options, 'identifier', identifier) FROM subscription WHERE number = ?1`,
    )
    .run(number, why)
  for (const table of PART_TABLES) database.prepare(`DELETE FROM ${table} WHERE number = ?`).run(number)
}

/** The numbers of sessions that were set aside: what waits for them is kept for a person to decide on. */
export function numbersSetAside(database: DatabaseSync): ReadonlySet<number> {
  // The number stands at the beginning of the key, which is what the cast reads.
  const rows = database.prepare("SELECT CAST(key AS INTEGER) AS number FROM damaged WHERE kind = 'session'")
  return new Set(rows.all().map(row => Number(row['number'])))
}
