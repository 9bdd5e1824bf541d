// Writes the lines of a checked import into a store that no broker has open, as one transaction.

import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../protocol/message.ts'
import { encodeBody, encodeReceivers } from '../records.ts'
import { PART_TABLES, StoreProblem } from './database.ts'
import { BadLine } from './fields.ts'
import { highestOf } from './highest.ts'
import type { ImportPlan, TextLine } from './import-check.ts'
import { type ImportedMessage, type ImportedSession, readLine } from './import-lines.ts'
import { encodeSession, optionsOf } from './session-record.ts'

export interface Imported {
  sessions: number
  /** Each once, however many sessions wait for it. */
  messages: number
  retained: number
}

/** `lines` are the ones that the plan was made from. */
export function writeImport(database: DatabaseSync, lines: Iterable<TextLine>, plan: ImportPlan): Imported {
  database.exec('BEGIN')
  try {
    const writer = new ImportWriter(database, plan)
    for (const { text = '' } of lines) if (text.trim() !== '') writer.take(text)
    database.exec('COMMIT')
    return writer.imported
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    if (error instanceof BadLine) throw new StoreProblem('the file has changed while it was read')
    throw error
  }
}

class ImportWriter {
  readonly imported: Imported = { sessions: 0, messages: 0, retained: 0 }
  readonly #plan: ImportPlan
  readonly #statements
  /** What is added to the number of a message in the file, and to the ordinal of a session. */
  readonly #seqOffset: number
  readonly #firstNumber: number

  constructor(database: DatabaseSync, plan: ImportPlan) {
    this.#plan = plan
    const highest = highestOf(database)
    this.#seqOffset = highest.seq + 1 - plan.lowestMessage
    this.#firstNumber = highest.number + 1
    for (const table of ['session', ...PART_TABLES]) {
      const remove = database.prepare(`DELETE FROM ${table} WHERE number = ?`)
      for (const number of plan.replaced) remove.run(number)
    }
    const prepare = (sql: string) => database.prepare(sql)
    this.#statements = {
      session: prepare('INSERT INTO session (number, client_id, record) VALUES (?, ?, ?)'),
      subscription: prepare('INSERT INTO subscription VALUES (?, ?, ?, ?)'),
      sending: prepare('INSERT INTO sending VALUES (?, ?, ?, ?)'),
      receiving: prepare('INSERT OR IGNORE INTO receiving VALUES (?, ?)'),
      find: prepare('SELECT 1 FROM message WHERE seq = ?'),
      message: prepare('INSERT INTO message (seq, expires_at, size, body, receivers) VALUES (?, ?, ?, ?, ?)'),
      retained: prepare('INSERT OR REPLACE INTO retained (topic, body) VALUES (?, ?)'),
    }
  }

  take(text: string): void {
    const line = readLine(text)
    if (line.kind === 'session') this.#writeSession(line.session)
    else if (line.kind === 'message') this.#writeMessage(line.entry)
    else if (line.kind === 'retained') this.#writeRetained(line.message)
  }

  #writeSession({ record, sending, receiving }: ImportedSession): void {
    const number = this.#firstNumber + this.imported.sessions++
    const { session, subscription, sending: send, receiving: keep } = this.#statements
    session.run(number, record.clientId, encodeSession(record, 0))
    for (const one of record.subscriptions)
      subscription.run(number, one.topicFilter, optionsOf(one), one.subscriptionIdentifier)
    for (const { packetId, message, released } of sending)
      send.run(number, packetId, message + this.#seqOffset, released)
    for (const packetId of receiving) keep.run(number, packetId)
  }

  /** Written where it stands first, with all its receivers. */
  #writeMessage({ number, message }: ImportedMessage): void {
    const seq = number + this.#seqOffset
    if (this.#statements.find.get(seq) !== undefined) return
    const receivers = this.#plan
      .receiversOf(number)
      .map(({ ordinal, receiver }) => ({ ...receiver, queueNumber: this.#firstNumber + ordinal }))
    const expiresAt = message.expiresAt === Number.POSITIVE_INFINITY ? null : message.expiresAt
    this.#statements.message.run(
      seq,
      expiresAt,
      message.size,
      encodeBody(message),
      encodeReceivers(receivers),
    )
    this.imported.messages++
  }

  #writeRetained(message: Message): void {
    this.#statements.retained.run(message.topic.name, encodeBody(message))
    this.imported.retained++
  }
}
