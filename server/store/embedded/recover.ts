// Reads everything back when the broker starts, in one scan; runs in the thread that owns the database.

import type { DatabaseSync } from 'node:sqlite'
import type { Millis } from '../../clock.ts'
import { TopicTable } from '../../protocol/topic.ts'
import { damageOf, decodeBody, decodeReceivers, type StoredReceiver } from '../records.ts'
import { failureKind } from './database.ts'
import { giveBackMemory } from './give-back-memory.ts'
import type { Answer, Damage, RecoveredEntries } from './messages.ts'
import { type Cursor, type Highest, isOwed, recoverSessions } from './recover-sessions.ts'
import { numbersSetAside, setAside } from './set-aside.ts'

/** Entries sent over at a time: 2 MiB, so that neither thread holds all of them twice. */
const PART_ENTRIES = 65_536
const RETAINED_A_PART = 10_000
const RETAIN = 4
const HAS_DETAILS = 8

type Tell = (answer: Answer) => void

export function recover(database: DatabaseSync, tell: Tell): void {
  const damage: Damage[] = []
  const highest = { seq: 0, number: 0 }
  const cursors = recoverSessions(database, highest, damage, tell)
  const messages = recoverMessages(database, cursors, highest, damage, tell)
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

/** Returns how many messages it has read. */
function recoverMessages(
  database: DatabaseSync,
  cursors: ReadonlyMap<number, Cursor>,
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
    const live = receivers.filter(receiver => isOwed(cursors.get(receiver.queueNumber), seq))
    if (live.length === 0 && !receivers.some(one => held.has(one.queueNumber))) orphans.push(seq)
    const expiresAt = row['expires_at'] === null ? Number.POSITIVE_INFINITY : Number(row['expires_at'])
    for (const receiver of live) part.add(seq, receiver, Number(row['size']), expiresAt)
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
