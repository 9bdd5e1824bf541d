// Answers questions to the side database, one after the other, in the thread that owns it.

import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite'
import { failureKind } from '../embedded/database.ts'
import type { SideAnswer, SideFailure, SideQuestion, SideRow, SideStatement } from './side-messages.ts'

export const SIDE_FILE = 'admin.db'

/** Prepared statements that are kept; callers write a few dozen different ones. */
const STATEMENTS_MAX = 500

/** SQLite's result code for a row that its table does not allow. */
const CONSTRAINT = 19

/** Throws what SQLite throws. */
export function openSideDatabase(dataDirectory: string | undefined): DatabaseSync {
  if (dataDirectory === undefined) return new DatabaseSync(':memory:')
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const path = join(dataDirectory, SIDE_FILE)
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    // Its log takes over the rights of the file when it is made.
    database.exec('BEGIN EXCLUSIVE')
    database.exec('COMMIT')
    chmodSync(path, 0o600)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA temp_store = MEMORY')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Others must not read what only the owner may: a copy is made with the rights that all new files get. */
export async function copySideDatabase(database: DatabaseSync, directory: string): Promise<void> {
  const path = join(directory, SIDE_FILE)
  await backup(database, path)
  chmodSync(path, 0o600)
}

export class SideServer {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
    database.exec('CREATE TABLE IF NOT EXISTS module (name TEXT PRIMARY KEY, version INTEGER NOT NULL)')
  }

  async answer(question: SideQuestion): Promise<SideAnswer> {
    try {
      return { tell: 'done', rows: await this.#answer(question) }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { tell: 'failed', failure: failureOf(error), message }
    }
  }

  async #answer(question: SideQuestion): Promise<readonly SideRow[]> {
    switch (question.ask) {
      case 'define':
        this.#define(question.module, question.steps)
        return []
      case 'write':
        this.#transaction(() => {
          for (const [sql, ...parameters] of question.statements) this.#prepare(sql).run(...parameters)
        })
        return []
      case 'read':
        return this.#read(question.statement)
      case 'backup':
        await copySideDatabase(this.#database, question.directory)
        return []
      case 'close':
        this.#database.close()
        return []
    }
  }

  #define(module: string, steps: readonly string[]): void {
    const [row] = this.#read(['SELECT version FROM module WHERE name = ?', module])
    const version = Number(row?.['version'] ?? 0)
    if (version > steps.length) {
      throw new Error(
        `its part "${module}" was written by a newer Holdfast (version ${version}; this one knows ${steps.length}): use that one`,
      )
    }
    if (version === steps.length) return
    this.#transaction(() => {
      for (const step of steps.slice(version)) this.#database.exec(step)
      this.#database
        .prepare('INSERT OR REPLACE INTO module (name, version) VALUES (?, ?)')
        .run(module, steps.length)
    })
  }

  #read([sql, ...parameters]: SideStatement): readonly SideRow[] {
    return this.#prepare(sql).all(...parameters) as SideRow[]
  }

  #transaction(run: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      run()
      this.#database.exec('COMMIT')
    } catch (error) {
      // A full disk may have rolled it back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #prepare(sql: string): StatementSync {
    const found = this.#statements.get(sql)
    if (found !== undefined) return found
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear()
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

function failureOf(error: unknown): SideFailure {
  const { errcode } = error as { errcode?: number }
  if (errcode !== undefined && (errcode & 0xff) === CONSTRAINT) return 'constraint'
  return failureKind(error) === 'full' ? 'full' : 'failed'
}
