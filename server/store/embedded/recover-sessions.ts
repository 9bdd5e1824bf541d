// Reads back the sessions with what belongs to them, and sets those aside whose record is damaged.

import type { DatabaseSync } from 'node:sqlite'
import type { Answer, Damage, RecoveredSession } from './messages.ts'
import { sessionDamage } from './session-record.ts'
import { setAside } from './set-aside.ts'

const SESSIONS_A_PART = 10_000

/** What a queue has settled: everything up to `acked`, and the exceptions above. */
export interface Cursor {
  readonly acked: number
  readonly exceptions: ReadonlySet<number>
}

/** Whatever was used before must not be used again: a cursor may stand beyond the last message that is left. */
export interface Highest {
  seq: number
  number: number
}

type Row = Record<string, unknown>

export function recoverSessions(
  database: DatabaseSync,
  highest: Highest,
  damage: Damage[],
  tell: (answer: Answer) => void,
): Map<number, Cursor> {
  const cursors = new Map<number, Cursor>()
  const parts = partsOf(database)
  for (const group of Object.values(parts))
    for (const number of group.keys()) highest.number = Math.max(highest.number, number)
  for (const sending of parts.sending.values())
    for (const [, seq] of sending) highest.seq = Math.max(highest.seq, seq)
  const damaged: { readonly number: number; readonly clientId: string; readonly why: string }[] = []
  let sessions: RecoveredSession[] = []
  for (const row of database.prepare('SELECT * FROM session').iterate()) {
    const number = Number(row['number'])
    const clientId = String(row['client_id'])
    const cursor = cursorOf(row)
    highest.number = Math.max(highest.number, number)
    highest.seq = Math.max(highest.seq, cursor.acked)
    for (const seq of cursor.exceptions) highest.seq = Math.max(highest.seq, seq)
    const why = sessionDamage(String(row['record']), clientId)
    if (why !== undefined) {
      damaged.push({ number, clientId, why })
      continue
    }
    cursors.set(number, cursor)
    sessions.push(sessionOf(row, number, parts))
    if (sessions.length === SESSIONS_A_PART) {
      tell({ tell: 'sessions', sessions })
      sessions = []
    }
  }
  tell({ tell: 'sessions', sessions })
  for (const { number, clientId, why } of damaged) {
    setAside(database, 'session', number, why)
    damage.push({ kind: 'session', key: clientId, why })
  }
  return cursors
}

interface Parts {
  readonly subscriptions: Map<number, RecoveredSession['subscriptions'][number][]>
  readonly sending: Map<number, RecoveredSession['sending'][number][]>
  readonly receiving: Map<number, number[]>
}

function partsOf(database: DatabaseSync): Parts {
  return {
    subscriptions: grouped(
      database,
      'SELECT number, topic_filter, options, identifier FROM subscription',
      row => [String(row['topic_filter']), Number(row['options']), Number(row['identifier'])] as const,
    ),
    sending: grouped(
      database,
      'SELECT number, packet_id, seq, released FROM sending ORDER BY number, seq',
      row => [Number(row['packet_id']), Number(row['seq']), Number(row['released'])] as const,
    ),
    receiving: grouped(database, 'SELECT number, packet_id FROM receiving', row => Number(row['packet_id'])),
  }
}

function grouped<T>(database: DatabaseSync, sql: string, read: (row: Row) => T): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const row of database.prepare(sql).iterate()) {
    const number = Number(row['number'])
    const group = groups.get(number)
    if (group === undefined) groups.set(number, [read(row)])
    else group.push(read(row))
  }
  return groups
}

function sessionOf(row: Row, number: number, parts: Parts): RecoveredSession {
  return {
    number,
    clientId: String(row['client_id']),
    record: String(row['record']),
    buriedUntil: row['buried_until'] === null ? null : Number(row['buried_until']),
    subscriptions: parts.subscriptions.get(number) ?? [],
    sending: parts.sending.get(number) ?? [],
    receiving: parts.receiving.get(number) ?? [],
  }
}

export function cursorOf(row: Row): Cursor {
  return { acked: Number(row['acked']), exceptions: exceptionsOf(row['exceptions']) }
}

function exceptionsOf(column: unknown): ReadonlySet<number> {
  if (!(column instanceof Uint8Array)) return new Set()
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
  const exceptions = new Set<number>()
  for (let at = 0; at + 8 <= bytes.length; at += 8) exceptions.add(bytes.readDoubleLE(at))
  return exceptions
}

export function isOwed(cursor: Cursor | undefined, seq: number): boolean {
  return cursor !== undefined && seq > cursor.acked && !cursor.exceptions.has(seq)
}
