// Writes a store that no broker has open as lines of JSON, in the memory of one message at a time.

import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../protocol/message.ts'
import { TopicTable } from '../../protocol/topic.ts'
import { damageOf, decodeBody } from '../records.ts'
import type { SessionRecord, StoredWill } from '../store.ts'
import type { Damage } from './messages.ts'
import type { EndLine, PortableLine, PortableMessage, SessionLine } from './portable.ts'
import { blobOf, readReceivers } from './recover.ts'
import { type Cursor, cursorOf, isOwed, returnedOf } from './recover-sessions.ts'
import { readTombstones, TakenOut } from './recover-tombstones.ts'
import { decodeSession, sessionDamage, subscriptionOf } from './session-record.ts'

export interface ExportOptions {
  /** Only this session, and no retained messages; undefined: everything. */
  readonly clientId: string | undefined
  readonly write: (line: PortableLine) => void
  /** A record that is left out. */
  readonly damaged: (damage: Damage) => void
}

const NOT_BURIED = "number NOT IN (SELECT number FROM tombstone WHERE what = 'session')"

/**
 * Writes everything behind the header; returns what it counted. What was buried is not written: whoever takes the
 * file in would find it alive, or a grave that nobody there has dug.
 */
export function exportStore(database: DatabaseSync, options: ExportOptions): EndLine {
  const run = new Export(database, options)
  const end = run.write()
  options.write(end)
  return end
}

/** Sessions and messages of queues that were taken away and could be brought back. */
export function countBuried(database: DatabaseSync): number {
  return Number(database.prepare('SELECT count(*) AS count FROM tombstone').get()?.['count'])
}

interface Details {
  readonly subscriptionIdentifiers?: readonly number[] | undefined
  readonly sharedFilter?: string | undefined
}

class Export {
  readonly #database: DatabaseSync
  readonly #options: ExportOptions
  readonly #topics = new TopicTable({ topicBytesMax: 65_535, topicLevelsMax: 65_535 })
  #messages = 0

  constructor(database: DatabaseSync, options: ExportOptions) {
    this.#database = database
    this.#options = options
  }

  write(): EndLine {
    this.#gatherEntries()
    let sessions = 0
    const { clientId } = this.#options
    const where = clientId === undefined ? '' : 'AND client_id = ?'
    const rows = this.#database.prepare(`SELECT * FROM session WHERE ${NOT_BURIED} ${where} ORDER BY number`)
    for (const row of clientId === undefined ? rows.iterate() : rows.iterate(clientId)) {
      const record = this.#sessionOf(row)
      if (record === undefined) continue
      sessions++
      const number = Number(row['number'])
      this.#options.write(this.#sessionLine(record, number))
      this.#writeMessages(number)
    }
    const retained = clientId === undefined ? this.#writeRetained() : 0
    return { kind: 'end', sessions, messages: this.#messages, retained }
  }

  /**
   * Messages lie in the order of their arrival, lines in the order of sessions: a temporary table on disk turns
   * one into the other.
   */
  #gatherEntries(): void {
    const database = this.#database
    database.exec('PRAGMA temp_store = FILE')
    database.exec(`CREATE TEMP TABLE entry (
      number INTEGER, seq INTEGER, qos INTEGER, retain INTEGER, receivers INTEGER, details TEXT,
      PRIMARY KEY (number, seq)) WITHOUT ROWID`)
    const cursors = this.#cursors()
    const takenOut = new TakenOut(readTombstones(database).sound)
    const insert = database.prepare('INSERT OR REPLACE INTO temp.entry VALUES (?, ?, ?, ?, ?, ?)')
    database.exec('BEGIN')
    for (const row of database.prepare('SELECT seq, receivers FROM message ORDER BY seq').iterate()) {
      const seq = Number(row['seq'])
      const receivers = readReceivers(row['receivers'])
      if (typeof receivers === 'string') {
        this.#options.damaged({ kind: 'message', key: String(seq), why: receivers })
        continue
      }
      const live = receivers.filter(
        ({ queueNumber }) =>
          takenOut.find(queueNumber, seq) === undefined && isOwed(cursors.get(queueNumber), seq),
      )
      for (const { queueNumber, qos, retain, subscriptionIdentifiers, sharedFilter } of live) {
        const details: Details = { subscriptionIdentifiers, sharedFilter }
        insert.run(queueNumber, seq, qos, retain ? 1 : 0, live.length, JSON.stringify(details))
      }
    }
    database.exec('COMMIT')
  }

  #cursors(): Map<number, Cursor> {
    const cursors = new Map<number, Cursor>()
    const returned = returnedOf(this.#database)
    const rows = this.#database.prepare(`SELECT number, acked, exceptions FROM session WHERE ${NOT_BURIED}`)
    for (const row of rows.iterate()) {
      const number = Number(row['number'])
      cursors.set(number, cursorOf(row, returned.get(number) ?? []))
    }
    return cursors
  }

  #sessionOf(row: Readonly<Record<string, unknown>>): SessionRecord | undefined {
    const clientId = String(row['client_id'])
    const text = String(row['record'])
    const why = sessionDamage(text, clientId)
    if (why !== undefined) {
      this.#options.damaged({ kind: 'session', key: clientId, why })
      return undefined
    }
    const subscriptions = this.#database
      .prepare('SELECT topic_filter, options, identifier FROM subscription WHERE number = ?')
      .all(Number(row['number']))
      .map(one =>
        subscriptionOf(String(one['topic_filter']), Number(one['options']), Number(one['identifier'])),
      )
    return decodeSession(clientId, text, subscriptions, this.#topics).record
  }

  #sessionLine(record: SessionRecord, number: number): SessionLine {
    const { clientId, owner, generation, expirySeconds, subscriptions, will } = record
    return {
      kind: 'session',
      clientId,
      owner,
      generation,
      createdAt: timeText(record.createdAt),
      version: record.version,
      connection: record.connection?.toJSON(),
      expirySeconds: expirySeconds === Number.POSITIVE_INFINITY ? 'never' : expirySeconds,
      expirySource: record.expirySource,
      expiryPinned: record.expiryPinned,
      disconnectedAt: optionalTime(record.disconnectedAt),
      expiresAt: optionalTime(record.expiresAt),
      subscriptions: subscriptions.map(({ subscriptionIdentifier, ...one }) => ({
        ...one,
        subscriptionIdentifier: subscriptionIdentifier === 0 ? undefined : subscriptionIdentifier,
      })),
      will: will === undefined ? undefined : willOf(will),
      willDueAt: optionalTime(record.willDueAt),
      sending: this.#sendingOf(number),
      receiving: this.#database
        .prepare('SELECT packet_id FROM receiving WHERE number = ? ORDER BY packet_id')
        .all(number)
        .map(row => Number(row['packet_id'])),
    }
  }

  /** Without those whose message is left out: a line that is not there must not be named. */
  #sendingOf(number: number): SessionLine['sending'] {
    const rows = this.#database.prepare(
      `SELECT packet_id, seq, released, body FROM sending JOIN temp.entry USING (number, seq)
       JOIN message USING (seq) WHERE sending.number = ? ORDER BY seq`,
    )
    const sending: SessionLine['sending'][number][] = []
    for (const row of rows.iterate(number)) {
      if (damageOf(() => void decodeBody(blobOf(row['body'])!, this.#topics)) !== undefined) continue
      const at = row['released'] === 1 ? 'released' : 'published'
      sending.push({ packetId: Number(row['packet_id']), message: Number(row['seq']), at })
    }
    return sending
  }

  #writeMessages(number: number): void {
    const rows = this.#database.prepare(
      `SELECT entry.*, body FROM temp.entry JOIN message USING (seq) WHERE entry.number = ? ORDER BY seq`,
    )
    for (const row of rows.iterate(number)) {
      const seq = Number(row['seq'])
      const message = this.#decode(row['body'], 'message', String(seq))
      if (message === undefined) continue
      this.#messages++
      const details = JSON.parse(String(row['details'])) as Details
      this.#options.write({
        kind: 'message',
        number: seq,
        receivers: Number(row['receivers']),
        ...portableOf(message),
        deliverQos: Number(row['qos']),
        deliverRetain: row['retain'] === 1,
        ...details,
      })
    }
  }

  #writeRetained(): number {
    let retained = 0
    for (const row of this.#database.prepare('SELECT topic, body FROM retained ORDER BY topic').iterate()) {
      const message = this.#decode(row['body'], 'retained', String(row['topic']))
      if (message === undefined) continue
      retained++
      this.#options.write({ kind: 'retained', ...portableOf(message) })
    }
    return retained
  }

  #decode(column: unknown, kind: 'message' | 'retained', key: string): Message | undefined {
    let message: Message | undefined
    const why = damageOf(() => {
      message = decodeBody(blobOf(column) ?? Buffer.alloc(0), this.#topics)
    })
    if (why !== undefined) this.#options.damaged({ kind, key, why })
    return message
  }
}

function willOf({ message, delaySeconds, messageExpirySeconds }: StoredWill): SessionLine['will'] {
  return { ...portableOf(message), delaySeconds, messageExpirySeconds }
}

function portableOf(message: Message): PortableMessage {
  return {
    topic: message.topic.name,
    qos: message.qos,
    retain: message.retain,
    properties: message.properties?.toString('base64'),
    payload: message.payload.toString('base64'),
    publisher: message.publisher,
    receivedAt: timeText(message.receivedAt),
    expiresAt: message.expiresAt === Number.POSITIVE_INFINITY ? undefined : timeText(message.expiresAt),
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}

function optionalTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : timeText(time)
}
