// Reads everything back when the broker starts, in one scan; runs in the thread that owns the database.

import type { DatabaseSync } from 'node:sqlite'
import type { Millis } from '../../clock.ts'
import { TopicTable } from '../../protocol/topic.ts'
import { damageOf, decodeBody, decodeReceivers, type StoredReceiver } from '../records.ts'
import { failureKind } from './database.ts'
import { giveBackMemory } from './give-back-memory.ts'
import type { Answer, Damage, RecoveredEntries } from './messages.ts'
import { flagsOf } from './queue.ts'
import { type Cursor, type Highest, isOwed, recoverSessions } from './recover-sessions.ts'
import { recoverTombstones, TakenOut } from './recover-tombstones.ts'
import { numbersSetAside, setAside } from './set-aside.ts'

/** Entries sent over at a time: 2 MiB, so that neither thread holds all of them twice. */
const PART_ENTRIES = 65_536
const RETAINED_A_PART = 10_000

type Tell = (answer: Answer) => void

export function recover(database: DatabaseSync, tell: Tell): void {
  const damage: Damage[] = []
  const highest = { seq: 0, number: 0 }
  const buried = recoverTombstones(database, highest, damage)
  const cursors = recoverSessions(database, highest, damage, tell)
  const tombstones = buried.filter(one => one.epitaph.what === 'queue' || cursors.has(one.number))
  tell({ tell: 'tombstones', tombstones: tombstones.map(({ number, epitaph }) => ({ number, epitaph })) })
  const owing = { cursors, takenOut: new TakenOut(tombstones) }
  const messages = recoverMessages(database, owing, highest, damage, tell)
  ifThereIsRoom(() => removeLeftOvers(database))
  recoverRetained(database, damage, tell)
  const aliveAt = aliveAtOf(database)
  tell({ tell: 'recovered', lastSeq: highest.seq, lastNumber: highest.number, aliveAt, damage })
  giveBackMemory(cursors.size + messages)
}

/** When a broker on this store last noted that it was alive; undefined when none has. */
export function aliveAtOf(database: DatabaseSync): Millis | undefined {
  const row = database.prepare("SELECT value FROM meta WHERE key = 'alive-at'").get()
  return row === undefined ? undefined : Number(row['value'])
}

/** Tombstones of sessions that were set aside, and places in queues of messages that are gone. */
function removeLeftOvers(database: DatabaseSync): void {
  database.exec("DELETE FROM tombstone WHERE what = 'session' AND number NOT IN (SELECT number FROM session)")
  database.exec('DELETE FROM returned WHERE seq NOT IN (SELECT seq FROM message)')
}

/** What says whom a message is for. */
interface Owing {
  readonly cursors: ReadonlyMap<number, Cursor>
  readonly takenOut: TakenOut
}

/** Returns how many messages it has read. */
function recoverMessages(
  database: DatabaseSync,
  owing: Owing,
  highest: Highest,
  damage: Damage[],
  tell: Tell,
): number {
  let messages = 0
  const part = new Part(tell)
  const orphans: number[] = []
  const damaged: Damage[] = []
  const held = numbersSetAside(database)
  for (const number of held) highest.number = Math.max(highest.number, number)
  for (const row of database.prepare(SELECT_MESSAGES).iterate()) {
    const seq = Number(row['seq'])
    messages++
    highest.seq = Math.max(highest.seq, seq)
    const receivers = readReceivers(row['receivers'])
    if (typeof receivers === 'string') {
      damaged.push({ kind: 'message', key: String(seq), why: receivers })
      continue
    }
    for (const { queueNumber } of receivers) highest.number = Math.max(highest.number, queueNumber)
    const expiresAt = row['expires_at'] === null ? Number.POSITIVE_INFINITY : Number(row['expires_at'])
    let owed = 0
    for (const receiver of receivers) {
      const queueNumber = placeOf(receiver.queueNumber, seq, owing)
      if (queueNumber === undefined) continue
      owed++
      part.add(seq, queueNumber, receiver, Number(row['size']), expiresAt)
    }
    if (owed === 0 && !receivers.some(one => held.has(one.queueNumber))) orphans.push(seq)
  }
  part.send()
  const remove = database.prepare('DELETE FROM message WHERE seq = ?')
  ifThereIsRoom(() => {
    database.exec('BEGIN')
    try {
      for (const one of damaged) setAside(database, 'message', Number(one.key), one.why)
      for (const seq of orphans) remove.run(seq)
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  })
  for (const one of damaged) damage.push(one)
  return messages
}

/** The queue it stands in, or its tombstone, counted from -1 downwards; undefined: it is owed no more. */
function placeOf(queueNumber: number, seq: number, { cursors, takenOut }: Owing): number | undefined {
  const tombstone = takenOut.find(queueNumber, seq)
  if (tombstone !== undefined) return -1 - tombstone
  return isOwed(cursors.get(queueNumber), seq) ? queueNumber : undefined
}

/** Tidies up; on a full disk that is left to a later start, for the broker must come up there too. */
export function ifThereIsRoom(tidy: () => void): void {
  try {
    tidy()
  } catch (error) {
    if (failureKind(error) !== 'full') throw error
  }
}

const SELECT_MESSAGES = 'SELECT seq, expires_at, size, receivers FROM message ORDER BY seq'

/** The list, or why it cannot be read. */
export function readReceivers(column: unknown): StoredReceiver[] | string {
  const bytes = blobOf(column)
  if (bytes === undefined) return 'the list of receivers is missing'
  let receivers: StoredReceiver[] = []
  const why = damageOf(() => {
    receivers = decodeReceivers(bytes)
  })
  return why === undefined ? receivers : `the list of receivers: ${why}`
}

export function blobOf(column: unknown): Buffer | undefined {
  if (!(column instanceof Uint8Array)) return undefined
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength)
}

/** Gathers entries until there are enough to send. */
class Part {
  readonly #tell: Tell
  #entries = emptyEntries()
  #count = 0

  constructor(tell: Tell) {
    this.#tell = tell
  }

  add(seq: number, queueNumber: number, receiver: StoredReceiver, size: number, expiresAt: number): void {
    const { seqs, queueNumbers, sizes, flags, expiresAt: expiries } = this.#entries
    const { qos, retain, subscriptionIdentifiers, sharedFilter } = receiver
    const isShared = sharedFilter !== undefined
    const hasDetails = isShared || subscriptionIdentifiers !== undefined
    const at = this.#count++
    seqs[at] = seq
    queueNumbers[at] = queueNumber
    sizes[at] = size
    flags[at] = flagsOf({ qos, retain, hasDetails, isShared })
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

function recoverRetained(database: DatabaseSync, damage: Damage[], tell: Tell): void {
  const topics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 65_535 })
  const damaged: Damage[] = []
  let bodies: Uint8Array[] = []
  for (const row of database.prepare('SELECT topic, body FROM retained').iterate()) {
    const key = String(row['topic'])
    const why = retainedDamage(key, row['body'], topics)
    if (why !== undefined) {
      damaged.push({ kind: 'retained', key, why })
      continue
    }
    bodies.push(row['body'] as Uint8Array)
    if (bodies.length === RETAINED_A_PART) {
      tell({ tell: 'retained', bodies })
      bodies = []
    }
  }
  tell({ tell: 'retained', bodies })
  for (const { key, why } of damaged) ifThereIsRoom(() => setAside(database, 'retained', key, why))
  for (const one of damaged) damage.push(one)
}

export function retainedDamage(topic: string, column: unknown, topics: TopicTable): string | undefined {
  const body = blobOf(column)
  if (body === undefined) return 'the message is missing'
  let found = ''
  const why = damageOf(() => {
    found = decodeBody(body, topics).topic.name
  })
  if (why !== undefined) return why
  return found === topic ? undefined : 'it belongs to another topic'
}
