// Reads back the sessions with what belongs to them, and sets those aside whose record is damaged.

import type { DatabaseSync } from 'node:sqlite'
import type { Answer, Damage, RecoveredSession } from './messages.ts'
import { decodeSeqs } from './seqs.ts'
import { sessionDamage } from './session-record.ts'
import { setAside } from './set-aside.ts'

const SESSIONS_A_PART = 1_000

/** What a queue has settled: everything up to `acked`, and the exceptions above. */
export interface Cursor {
  readonly acked: number
  readonly exceptions: ReadonlySet<number>
  /** Owed all the same. */
  readonly returned: ReadonlySet<number>
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
  const parts = partsOf(database, highest)
  for (const table of ['sending', 'returned']) {
    const row = database.prepare(`SELECT max(seq) AS seq FROM ${table}`).get()
    highest.seq = Math.max(highest.seq, Number(row?.['seq'] ?? 0))
  }
  const damaged: { readonly number: number; readonly clientId: string; readonly why: string }[] = []
  let sessions: RecoveredSession[] = []
  for (const row of database.prepare('SELECT * FROM session ORDER BY number').iterate()) {
    const number = Number(row['number'])
    const clientId = String(row['client_id'])
    const returned = parts.returned.of(number)
    const cursor = cursorOf(row, returned)
    highest.number = Math.max(highest.number, number)
    highest.seq = Math.max(highest.seq, cursor.acked)
    for (const seq of cursor.exceptions) highest.seq = Math.max(highest.seq, seq)
    const why = sessionDamage(String(row['record']), clientId)
    if (why !== undefined) {
      damaged.push({ number, clientId, why })
      continue
    }
    cursors.set(number, cursor)
    sessions.push(sessionOf(row, number, parts, cursor))
    if (sessions.length === SESSIONS_A_PART) {
      tell({ tell: 'sessions', sessions })
      sessions = []
    }
  }
  tell({ tell: 'sessions', sessions })
  for (const part of Object.values(parts)) part.of(Number.POSITIVE_INFINITY)
  for (const { number, clientId, why } of damaged) {
    setAside(database, 'session', number, why)
    damage.push({ kind: 'session', key: clientId, why })
  }
  return cursors
}

/** Rows that belong to sessions, read in step with them: both come in the order of the session's number. */
class Following<T> {
  readonly #rows: Iterator<Row>
  readonly #read: (row: Row) => T
  readonly #highest: Highest
  #next: Row | undefined

  constructor(database: DatabaseSync, sql: string, highest: Highest, read: (row: Row) => T) {
    this.#rows = database.prepare(sql).iterate() as Iterator<Row>
    this.#read = read
    this.#highest = highest
    this.#advance()
  }

  /** What belongs to this session; what belongs to none before it is passed over. */
  of(number: number): readonly T[] {
    const own: T[] = []
    for (; this.#next !== undefined && Number(this.#next['number']) <= number; this.#advance())
      if (Number(this.#next['number']) === number) own.push(this.#read(this.#next))
    return own.length === 0 ? NONE : own
  }

  #advance(): void {
    const { done, value } = this.#rows.next()
    this.#next = done === true ? undefined : value
    if (this.#next !== undefined)
      this.#highest.number = Math.max(this.#highest.number, Number(this.#next['number']))
  }
}

/** Shared: most sessions have nothing under way. */
const NONE: readonly never[] = []

interface Parts {
  readonly subscriptions: Following<RecoveredSession['subscriptions'][number]>
  readonly sending: Following<RecoveredSession['sending'][number]>
  readonly receiving: Following<number>
  readonly returned: Following<number>
}

function partsOf(database: DatabaseSync, highest: Highest): Parts {
  return {
    subscriptions: new Following(
      database,
      'SELECT number, topic_filter, options, identifier FROM subscription ORDER BY number',
      highest,
      row => [String(row['topic_filter']), Number(row['options']), Number(row['identifier'])] as const,
    ),
    sending: new Following(
      database,
      'SELECT number, packet_id, seq, released FROM sending ORDER BY number, seq',
      highest,
      row => [Number(row['packet_id']), Number(row['seq']), Number(row['released'])] as const,
    ),
    receiving: new Following(
      database,
      'SELECT number, packet_id FROM receiving ORDER BY number',
      highest,
      row => Number(row['packet_id']),
    ),
    returned: new Following(database, 'SELECT number, seq FROM returned ORDER BY number', highest, row =>
      Number(row['seq']),
    ),
  }
}

function sessionOf(
  row: Row,
  number: number,
  parts: Parts,
  { acked, exceptions, returned }: Cursor,
): RecoveredSession {
  const isPlain = exceptions.size === 0 && returned.size === 0
  return {
    number,
    clientId: String(row['client_id']),
    record: String(row['record']),
    subscriptions: parts.subscriptions.of(number),
    sending: parts.sending.of(number),
    receiving: parts.receiving.of(number),
    cursor: isPlain ? undefined : { acked, exceptions: [...exceptions], returned: [...returned] },
  }
}

const NO_SEQS: ReadonlySet<number> = new Set()

export function cursorOf(row: Row, returned: readonly number[]): Cursor {
  const exceptions = decodeSeqs(row['exceptions'])
  return {
    acked: Number(row['acked']),
    exceptions: exceptions.length === 0 ? NO_SEQS : new Set(exceptions),
    returned: returned.length === 0 ? NO_SEQS : new Set(returned),
  }
}

export function isOwed(cursor: Cursor | undefined, seq: number): boolean {
  if (cursor === undefined) return false
  return (seq > cursor.acked && !cursor.exceptions.has(seq)) || cursor.returned.has(seq)
}

/** For tools, which have no need to read everything in step. */
export function returnedOf(database: DatabaseSync): ReadonlyMap<number, readonly number[]> {
  const returned = new Map<number, number[]>()
  for (const row of database.prepare('SELECT number, seq FROM returned').iterate()) {
    const number = Number(row['number'])
    const seqs = returned.get(number) ?? []
    seqs.push(Number(row['seq']))
    returned.set(number, seqs)
  }
  return returned
}
