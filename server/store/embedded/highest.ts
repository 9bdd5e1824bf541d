// The highest numbers that a store names anywhere: what is added must be numbered above them.

import type { DatabaseSync } from 'node:sqlite'
import { PART_TABLES } from './database.ts'
import { readReceivers } from './recover.ts'
import { cursorOf, type Highest } from './recover-sessions.ts'
import { decodeSeqs } from './seqs.ts'
import { numbersSetAside } from './set-aside.ts'

export function highestOf(database: DatabaseSync): Highest {
  const highest = { seq: 0, number: 0 }
  const raise = (what: keyof Highest, to: number): void => {
    if (to > highest[what]) highest[what] = to
  }
  for (const number of numbersSetAside(database)) raise('number', number)
  for (const table of ['session', 'tombstone', ...PART_TABLES])
    raise(
      'number',
      Number(database.prepare(`SELECT max(number) AS highest FROM ${table}`).get()?.['highest']),
    )
  for (const table of ['sending', 'returned'])
    raise('seq', Number(database.prepare(`SELECT max(seq) AS highest FROM ${table}`).get()?.['highest']))
  for (const row of database.prepare('SELECT seqs FROM tombstone').iterate())
    for (const seq of decodeSeqs(row['seqs'])) raise('seq', seq)
  for (const row of database.prepare('SELECT acked, exceptions FROM session').iterate()) {
    const { acked, exceptions } = cursorOf(row, [])
    raise('seq', acked)
    for (const seq of exceptions) raise('seq', seq)
  }
  for (const row of database.prepare('SELECT seq, receivers FROM message').iterate()) {
    raise('seq', Number(row['seq']))
    const receivers = readReceivers(row['receivers'])
    if (typeof receivers === 'string') continue
    for (const { queueNumber } of receivers) raise('number', queueNumber)
  }
  return highest
}
