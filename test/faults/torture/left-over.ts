// What lies in Holdfast's database after everybody has got everything and the broker has stopped.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface LeftOver {
  /** Bodies that nobody is owed any more. */
  readonly messages: number
  /** Packet ids of handshakes that have ended. */
  readonly packetIds: number
  /** Records that were found damaged and set aside. */
  readonly damaged: number
  /** `ok`, or what SQLite found wrong. */
  readonly integrity: string
}

/** Undefined where there is no such database: that of another broker is its own business. */
export function leftOverIn(dataDirectory: string): LeftOver | undefined {
  const file = join(dataDirectory, 'holdfast.db')
  if (!existsSync(file)) return undefined
  const database = new DatabaseSync(file, { readOnly: true })
  const count = (table: string): number =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'])
  const leftOver = {
    messages: count('message'),
    packetIds: count('sending') + count('receiving'),
    damaged: count('damaged'),
    integrity: String(database.prepare('PRAGMA integrity_check').get()?.['integrity_check']),
  }
  database.close()
  return leftOver
}
