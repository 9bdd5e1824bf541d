// Reads everything back when the broker starts, in one scan; runs in the thread that owns the database.

import type { DatabaseSync } from 'node:sqlite'
import { DamagedRecord, decodeReceivers, type StoredReceiver } from '../records.ts'
import type { Answer, Damage, RecoveredEntries, RecoveredSession } from './messages.ts'
import { setAside } from './set-aside.ts'

/** Entries sent over at a time: 2 MiB, so that neither thread holds all of them twice. */
const PART_ENTRIES = 65_536
const SESSIONS_A_PART = 10_000
const RETAIN = 4
const HAS_DETAILS = 8

interface Cursor {
  readonly acked: number
  readonly exceptions: ReadonlySet<number>
}

type Tell = (answer: Answer, transfer?: readonly ArrayBuffer[]) => void

export function recover(database: DatabaseSync, tell: Tell): void {
  const damage: Damage[] = []
  const highest = { seq: 0, number: 0 }
  const cursors = recoverSessions(database, highest, tell)
  recoverMessages(database, cursors, highest, damage, tell)
  recoverRetained(database, tell)
  tell({ tell: 'recovered', lastSeq: highest.seq, lastNumber: highest.number, damage })
}

/** Whatever was used before must not be used again: a cursor may stand beyond the last message that is left. */
interface Highest {
  seq: number
  number: number
}

function recoverSessions(database: DatabaseSync, highest: Highest, tell: Tell): Map<number, Cursor> {
  const cursors = new Map<number, Cursor>()
  const subscriptions = grouped(
    database,
    'SELECT number, topic_filter, options, identifier FROM subscription',
    row => [String(row['topic_filter']), Number(row['options']), Number(row['identifier'])] as const,
  )
  const sending = grouped(
    database,
    'SELECT number, packet_id, seq, released FROM sending ORDER BY number, seq',
    row => [Number(row['packet_id']), Number(row['seq']), Number(row['released'])] as const,
  )
  const receiving = grouped(database, 'SELECT number, packet_id FROM receiving', row =>
    Number(row['packet_id']),
  )
  let sessions: RecoveredSession[] = []
  for (const row of database.prepare('SELECT * FROM session').iterate()) {
    const number = Number(row['number'])
    const cursor = { acked: Number(row['acked']), exceptions: exceptionsOf(row['exceptions']) }
    cursors.set(number, cursor)
    highest.number = Math.max(highest.number, number)
    highest.seq = Math.max(highest.seq, cursor.acked, ...cursor.exceptions)
    sessions.push({
      number,
      clientId: String(row['client_id']),
      record: String(row['record']),
      buriedUntil: row['buried_until'] === null ? null : Number(row['buried_until']),
      subscriptions: subscriptions.get(number) ?? [],
      sending: sending.get(number) ?? [],
      receiving: receiving.get(number) ?? [],
    })
    if (sessions.length === SESSIONS_A_PART) {
      tell({ tell: 'sessions', sessions })
      sessions = []
    }
  }
  tell({ tell: 'sessions', sessions })
  return cursors
}

type Row = Record<string, unknown>

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

function exceptionsOf(column: unknown): ReadonlySet<number> {
  if (!(column instanceof Uint8Array)) return new Set()
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
  const exceptions = new Set<number>()
  for (let at = 0; at + 8 <= bytes.length; at += 8) exceptions.add(bytes.readDoubleLE(at))
  return exceptions
}

function recoverMessages(
  database: DatabaseSync,
  cursors: ReadonlyMap<number, Cursor>,
  highest: Highest,
  damage: Damage[],
  tell: Tell,
): void {
  const part = new Part(tell)
  const orphans: number[] = []
  const rows = database.prepare('SELECT seq, expires_at, size, receivers FROM message ORDER BY seq').iterate()
  const damaged: { readonly seq: number; readonly why: string }[] = []
  for (const row of rows) {
    const seq = Number(row['seq'])
    highest.seq = Math.max(highest.seq, seq)
    const receivers = readReceivers(row['receivers'])
    if (typeof receivers === 'string') {
      damaged.push({ seq, why: receivers })
      continue
    }
    for (const { queueNumber } of receivers) highest.number = Math.max(highest.number, queueNumber)
    const live = receivers.filter(receiver => isOwed(cursors.get(receiver.queueNumber), seq))
    if (live.length === 0) orphans.push(seq)
    const expiresAt = row['expires_at'] === null ? Number.POSITIVE_INFINITY : Number(row['expires_at'])
    for (const receiver of live) part.add(seq, receiver, Number(row['size']), expiresAt)
  }
  part.send()
  for (const { seq, why } of damaged) {
    setAside(database, 'message', seq, why)
    damage.push({ kind: 'message', key: String(seq), why })
  }
  const remove = database.prepare('DELETE FROM message WHERE seq = ?')
  database.exec('BEGIN')
  for (const seq of orphans) remove.run(seq)
  database.exec('COMMIT')
}

function readReceivers(column: unknown): StoredReceiver[] | string {
  if (!(column instanceof Uint8Array)) return 'the list of receivers is missing'
  try {
    return decodeReceivers(Buffer.from(column.buffer, column.byteOffset, column.byteLength))
  } catch (error) {
    if (error instanceof DamagedRecord || error instanceof RangeError) return error.message
    throw error
  }
}

function isOwed(cursor: Cursor | undefined, seq: number): boolean {
  return cursor !== undefined && seq > cursor.acked && !cursor.exceptions.has(seq)
}

/** Gathers entries until there are enough to send. */
class Part {
  readonly #tell: Tell
  #entries = emptyEntries()
  #count = 0

  constructor(tell: Tell) {
    this.#tell = tell
  }

  add(seq: number, receiver: StoredReceiver, size: number, expiresAt: number): void {
    const { seqs, queueNumbers, sizes, flags, expiresAt: expiries } = this.#entries
    const hasDetails = receiver.subscriptionIdentifiers !== undefined || receiver.sharedFilter !== undefined
    const at = this.#count++
    seqs[at] = seq
    queueNumbers[at] = receiver.queueNumber
    sizes[at] = size
    flags[at] = receiver.qos | (receiver.retain ? RETAIN : 0) | (hasDetails ? HAS_DETAILS : 0)
    expiries[at] = expiresAt
    if (this.#count === PART_ENTRIES) this.send()
  }

  send(): void {
    const { seqs, queueNumbers, sizes, flags, expiresAt } = this.#entries
    const count = this.#count
    const entries = {
      seqs: seqs.slice(0, count),
      queueNumbers: queueNumbers.slice(0, count),
      sizes: sizes.slice(0, count),
      flags: flags.slice(0, count),
      expiresAt: expiresAt.slice(0, count),
    }
    this.#count = 0
    this.#tell({ tell: 'entries', entries })
  }
}

function emptyEntries(): RecoveredEntries {
  return {
    seqs: new Float64Array(PART_ENTRIES),
    queueNumbers: new Float64Array(PART_ENTRIES),
    sizes: new Uint32Array(PART_ENTRIES),
    flags: new Uint8Array(PART_ENTRIES),
    expiresAt: new Float64Array(PART_ENTRIES),
  }
}

function recoverRetained(database: DatabaseSync, tell: Tell): void {
  let bodies: Uint8Array[] = []
  for (const row of database.prepare('SELECT body FROM retained').iterate()) {
    bodies.push(row['body'] as Uint8Array)
    if (bodies.length === SESSIONS_A_PART) {
      tell({ tell: 'retained', bodies })
      bodies = []
    }
  }
  tell({ tell: 'retained', bodies })
}
