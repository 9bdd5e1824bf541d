// Reads back what was buried, and sets aside the tombstones that cannot be trusted.

import type { DatabaseSync } from 'node:sqlite'
import type { Damage } from './messages.ts'
import type { Highest } from './recover-sessions.ts'
import { setAside } from './set-aside.ts'
import { readTombstone, type TombstoneRecord } from './tombstone-record.ts'

export interface DamagedTombstone {
  readonly id: string
  readonly number: number
  readonly what: string
  readonly why: string
}

/** Every tombstone, oldest first. */
export function readTombstones(database: DatabaseSync): {
  readonly sound: readonly TombstoneRecord[]
  readonly damaged: readonly DamagedTombstone[]
} {
  const sound: TombstoneRecord[] = []
  const damaged: DamagedTombstone[] = []
  for (const row of database.prepare('SELECT * FROM tombstone ORDER BY rowid').iterate()) {
    const read = readTombstone(row)
    if (typeof read !== 'string') sound.push(read)
    else {
      const id = String(row['id'])
      damaged.push({ id, number: Number(row['number']), what: String(row['what']), why: read })
    }
  }
  return { sound, damaged }
}

/**
 * A session whose tombstone is damaged must not come back by itself: it is set aside with it. Messages that were
 * taken out of a queue do come back, as far as the queue's cursor has not passed them.
 */
export function setTombstoneAside(database: DatabaseSync, { id, number, what, why }: DamagedTombstone): void {
  setAside(database, 'tombstone', id, why)
  if (what === 'session') setAside(database, 'session', number, `its tombstone: ${why}`)
}

export function recoverTombstones(
  database: DatabaseSync,
  highest: Highest,
  damage: Damage[],
): readonly TombstoneRecord[] {
  const { sound, damaged } = readTombstones(database)
  for (const one of damaged) {
    setTombstoneAside(database, one)
    damage.push({ kind: 'tombstone', key: one.id, why: one.why })
  }
  for (const { number, seqs } of sound) {
    highest.number = Math.max(highest.number, number)
    for (const seq of seqs) highest.seq = Math.max(highest.seq, seq)
  }
  return sound
}

/** Which messages were taken out of which queue. */
export class TakenOut {
  readonly #tombstones = new Map<number, Map<number, number>>()

  constructor(tombstones: readonly TombstoneRecord[]) {
    tombstones.forEach(({ number, epitaph, seqs }, index) => {
      if (epitaph.what !== 'queue') return
      const taken = this.#tombstones.get(number) ?? new Map<number, number>()
      this.#tombstones.set(number, taken)
      for (const seq of seqs) taken.set(seq, index)
    })
  }

  /** The place of the tombstone that has it, from 0; undefined when none has. */
  find(queueNumber: number, seq: number): number | undefined {
    return this.#tombstones.size === 0 ? undefined : this.#tombstones.get(queueNumber)?.get(seq)
  }
}
