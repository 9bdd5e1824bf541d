// Writes one batch as one transaction: all of it is on disk when this returns, or none of it.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { APPEND_HEAD_BYTES } from './batch.ts'
import { PART_TABLES } from './database.ts'
import type { Appends, Request, Statement } from './messages.ts'
import { decodeSeqs } from './seqs.ts'

type Batch = Extract<Request, { ask: 'commit' }>
type Value = string | number | null | Uint8Array
type Run = (...parameters: Value[]) => void

/** The statements are prepared once. */
export function createCommitter(database: DatabaseSync): (batch: Batch) => void {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')
  const append = database.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?)')
  const remove = database.prepare('DELETE FROM message WHERE seq = ?')
  const run = createStatements(database)
  return batch => {
    begin.run()
    try {
      appendAll(append, batch.appends)
      for (const seq of batch.deletes) remove.run(seq)
      for (const [name, ...parameters] of batch.statements) run[name](...parameters)
      commit.run()
    } catch (error) {
      // A full disk may have rolled it back already.
      if (database.isTransaction) rollback.run()
      throw error
    }
  }
}

function appendAll(append: StatementSync, appends: Appends): void {
  const numbers = new DataView(appends)
  for (let at = 0; at < appends.byteLength; ) {
    const expiresAt = numbers.getFloat64(at + 8, true)
    const bodyAt = at + APPEND_HEAD_BYTES
    const bodyBytes = numbers.getUint32(at + 20, true)
    const receiversBytes = numbers.getUint32(at + 24, true)
    append.run(
      numbers.getFloat64(at, true),
      expiresAt === Number.POSITIVE_INFINITY ? null : expiresAt,
      numbers.getUint32(at + 16, true),
      new Uint8Array(appends, bodyAt, bodyBytes),
      new Uint8Array(appends, bodyAt + bodyBytes, receiversBytes),
    )
    at = bodyAt + bodyBytes + receiversBytes
  }
}

function createStatements(database: DatabaseSync): Record<Statement[0], Run> {
  const runs = (sql: string): Run => {
    const statement = database.prepare(sql)
    return (...parameters) => void statement.run(...parameters)
  }
  const session = runs(
    'INSERT INTO session (number, client_id, record) VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET record = excluded.record',
  )
  const ends = ['session', ...PART_TABLES].map(table => runs(`DELETE FROM ${table} WHERE number = ?`))
  const putBack = database.prepare('INSERT OR IGNORE INTO returned VALUES (?, ?)')
  return {
    session,
    'end-session': (...parameters) => {
      for (const end of ends) end(...parameters)
    },
    subscribe: runs('INSERT OR REPLACE INTO subscription VALUES (?, ?, ?, ?)'),
    unsubscribe: runs('DELETE FROM subscription WHERE number = ? AND topic_filter = ?'),
    cursor: runs('UPDATE session SET acked = ?2, exceptions = ?3 WHERE number = ?1'),
    send: runs('INSERT OR REPLACE INTO sending VALUES (?, ?, ?, ?)'),
    sent: runs('DELETE FROM sending WHERE number = ? AND packet_id = ?'),
    keep: runs('INSERT OR REPLACE INTO receiving VALUES (?, ?)'),
    forget: runs('DELETE FROM receiving WHERE number = ? AND packet_id = ?'),
    bury: runs('INSERT INTO tombstone (id, number, what, record, seqs) VALUES (?, ?, ?, ?, ?)'),
    unbury: runs('DELETE FROM tombstone WHERE id = ?'),
    return: (number, seqs) => {
      for (const seq of decodeSeqs(seqs)) putBack.run(number!, seq)
    },
    'settle-returned': runs('DELETE FROM returned WHERE number = ? AND seq = ?'),
    retain: runs('INSERT OR REPLACE INTO retained VALUES (?, ?)'),
    clear: runs('DELETE FROM retained WHERE topic = ?'),
    alive: runs("INSERT OR REPLACE INTO meta VALUES ('alive-at', CAST(? AS INTEGER))"),
  }
}
