// Moves a record that cannot be trusted out of the way, and keeps it for whoever wants to look at it.

import type { DatabaseSync } from 'node:sqlite'
import type { Damage } from './messages.ts'

const sources: Readonly<Record<Damage['kind'], { readonly copy: string; readonly remove: string }>> = {
  message: {
    copy: "INSERT INTO damaged SELECT unixepoch() * 1000, 'message', ?, ?, body FROM message WHERE seq = ?",
    remove: 'DELETE FROM message WHERE seq = ?',
  },
  session: {
    copy: "INSERT INTO damaged SELECT unixepoch() * 1000, 'session', ?, ?, record FROM session WHERE number = ?",
    remove: 'DELETE FROM session WHERE number = ?',
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
}
