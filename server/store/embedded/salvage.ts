// Builds a damaged database file anew from every row of it that can still be read.

import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { PART_TABLES } from './database.ts'

/** Keys tried one by one between two that could be read; each costs a few microseconds. */
const PROBES_MAX = 2_000_000
/** Beyond the last key that could be read, when what follows it is damaged: where nothing says how far it went. */
const PROBES_BEYOND_MAX = 100_000

type Row = Record<string, SQLInputValue>

export interface Salvaged {
  readonly table: string
  readonly rows: number
  /** Whether some of the table could not be read. */
  readonly outcome: 'whole' | 'parts'
}

/** Tables found by an integer key of their own, with its name. */
const numbered = [
  ['session', 'number'],
  ['message', 'seq'],
  ['tombstone', 'rowid'],
  ['retained', 'rowid'],
  ['damaged', 'rowid'],
] as const

/** `to` is a store without records. Records are copied as they are: a check of `to` then finds the damaged ones. */
export function salvage(from: DatabaseSync, to: DatabaseSync): Salvaged[] {
  to.exec('BEGIN')
  const done: Salvaged[] = numbered.map(([table, key]) => salvageNumbered(from, to, table, key))
  const numbers = to.prepare('SELECT number FROM session').all()
  for (const table of PART_TABLES) {
    done.push(
      salvageGrouped(
        from,
        to,
        table,
        numbers.map(row => Number(row['number'])),
      ),
    )
  }
  to.exec('COMMIT')
  return done
}

function salvageNumbered(from: DatabaseSync, to: DatabaseSync, table: string, key: string): Salvaged {
  const put = copier(to, table)
  let rows = 0
  const copy = ({ salvageKey: _key, ...row }: Row): void => {
    rows += put(row)
  }
  const select = `SELECT ${key} AS salvageKey, * FROM ${table}`
  const forward = scan(from, `${select} ORDER BY ${key}`, copy, (key, last) => key > last, -1)
  if (forward.end === 'reached') return { table, rows, outcome: 'whole' }
  const backward = scan(
    from,
    `${select} ORDER BY ${key} DESC`,
    copy,
    (key, last) => key < last && key > forward.last,
    Number.POSITIVE_INFINITY,
  )
  const first = forward.last + 1
  const last = Math.min(backward.last, forward.last + PROBES_BEYOND_MAX)
  const end = Number.isFinite(backward.last) ? Math.min(backward.last, first + PROBES_MAX) : last
  const probe = from.prepare(`${select} WHERE ${key} = ?`)
  for (let key = first; key < end; key++) {
    attempt(() => {
      const row = probe.get(key) as Row | undefined
      if (row !== undefined) copy(row)
    })
  }
  return { table, rows, outcome: 'parts' }
}

function salvageGrouped(
  from: DatabaseSync,
  to: DatabaseSync,
  table: string,
  numbers: readonly number[],
): Salvaged {
  const put = copier(to, table)
  let rows = 0
  const copy = ({ salvageKey: _key, ...row }: Row): void => {
    rows += put(row)
  }
  const select = `SELECT number AS salvageKey, * FROM ${table}`
  const all = scan(from, `${select} ORDER BY number`, copy, (key, last) => key >= last, -1)
  if (all.end === 'reached') return { table, rows, outcome: 'whole' }
  for (const number of numbers.filter(number => number >= all.last)) {
    attempt(() => {
      for (const row of from.prepare(`${select} WHERE number = ?`).iterate(number)) copy(row as Row)
    })
  }
  return { table, rows, outcome: 'parts' }
}

/** Reads until the end, or until the pages contradict each other: keys out of order would lead round in circles. */
function scan(
  database: DatabaseSync,
  sql: string,
  copy: (row: Row) => void,
  follows: (key: number, last: number) => boolean,
  start: number,
): { readonly last: number; readonly end: 'reached' | 'damaged' } {
  let last = start
  let end: 'reached' | 'damaged' = 'reached'
  const outcome = attempt(() => {
    for (const row of database.prepare(sql).iterate()) {
      const key = Number(row['salvageKey'])
      if (!follows(key, last)) {
        end = 'damaged'
        return
      }
      copy(row as Row)
      last = key
    }
  })
  return { last, end: outcome === 'failed' ? 'damaged' : end }
}

function copier(to: DatabaseSync, table: string): (row: Row) => number {
  const columns = to.prepare(`SELECT * FROM ${table}`).columns()
  const marks = columns.map(() => '?').join(', ')
  const insert = to.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${marks})`)
  return row => {
    try {
      return Number(insert.run(...columns.map(column => row[String(column.name)] ?? null)).changes)
    } catch (error) {
      // A value of a kind that the table does not take: what was read is no row of ours.
      if (isSqlite(error)) return 0
      throw error
    }
  }
}

function attempt(act: () => void): 'done' | 'failed' {
  try {
    act()
    return 'done'
  } catch (error) {
    if (isSqlite(error)) return 'failed'
    throw error
  }
}

function isSqlite(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR'
}
