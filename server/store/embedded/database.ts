// The database file of the embedded engine: its tables, its versions, and how it is opened and locked.

import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export const DATABASE_VERSION = 1
export const DATABASE_FILE = 'holdfast.db'

/** What each commit waits for: the disk, the operating system, or nothing. */
export type Durability = 'sync' | 'os' | 'memory'

/**
 * A message is one record however many queues refer to it; `receivers` stands last, so that draining one queue
 * of a message to 10,000 does not read the list. What a queue has settled of a message that others still wait
 * for is its cursor (`acked`, everything up to it) with exceptions above.
 */
const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE session (
    number INTEGER PRIMARY KEY, client_id TEXT NOT NULL, record TEXT NOT NULL,
    acked INTEGER NOT NULL DEFAULT 0, exceptions BLOB, buried_until REAL);
  CREATE TABLE subscription (
    number INTEGER NOT NULL, topic_filter TEXT NOT NULL, options INTEGER NOT NULL, identifier INTEGER NOT NULL,
    PRIMARY KEY (number, topic_filter)) WITHOUT ROWID;
  CREATE TABLE message (
    seq INTEGER PRIMARY KEY, expires_at REAL, size INTEGER NOT NULL, body BLOB NOT NULL, receivers BLOB NOT NULL);
  CREATE TABLE sending (
    number INTEGER NOT NULL, packet_id INTEGER NOT NULL, seq INTEGER NOT NULL, released INTEGER NOT NULL,
    PRIMARY KEY (number, packet_id)) WITHOUT ROWID;
  CREATE TABLE receiving (
    number INTEGER NOT NULL, packet_id INTEGER NOT NULL, PRIMARY KEY (number, packet_id)) WITHOUT ROWID;
  CREATE TABLE retained (topic TEXT PRIMARY KEY, body BLOB NOT NULL);
  CREATE TABLE damaged (
    found_at REAL NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, why TEXT NOT NULL, content BLOB);
`

/** Steps from one version to the next, by the version they start from; run in one transaction at the start. */
const migrations: Readonly<Record<number, (database: DatabaseSync) => void>> = {}

/** What a person can act on: shown as it is, without a stack. */
export class StoreProblem extends Error {}

export interface OpenOptions {
  readonly durability: Durability
  readonly access: 'read-write' | 'read-only'
}

/**
 * Opens the database of a data directory and holds it alone until it is closed. Throws StoreProblem when another
 * process has it, when a newer broker wrote it, or when it is no database.
 */
export function openDatabase(dataDirectory: string, options: OpenOptions): DatabaseSync {
  const path = join(dataDirectory, DATABASE_FILE)
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(path, { readOnly: options.access === 'read-only' })
  try {
    if (options.access === 'read-write') prepare(database, path, options.durability)
    requireVersion(database, path)
  } catch (error) {
    database.close()
    throw explain(error, path)
  }
  return database
}

function prepare(database: DatabaseSync, path: string, durability: Durability): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec('PRAGMA page_size = 8192')
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${durability === 'sync' ? 'FULL' : 'NORMAL'}`)
  // The log is folded into the file at 32 MiB: seldom enough to cost little, often enough to start fast.
  database.exec('PRAGMA wal_autocheckpoint = 4096')
  database.exec('PRAGMA cache_size = -16384')
  database.exec('PRAGMA temp_store = MEMORY')
  // Takes the lock, which is kept until the database is closed.
  database.exec('BEGIN EXCLUSIVE')
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_master WHERE type = 'table'").get()
  if (Number(tables?.['count']) === 0) {
    database.exec(schema)
    database.prepare('INSERT INTO meta VALUES (?, ?)').run('version', String(DATABASE_VERSION))
  } else {
    migrate(database, path)
  }
  database.exec('COMMIT')
  chmodSync(path, 0o600)
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get('version')
  return Number(row?.['value'])
}

function migrate(database: DatabaseSync, path: string): void {
  requireKnown(versionOf(database), path)
  for (let version = versionOf(database); version < DATABASE_VERSION; version++) {
    const step = migrations[version]
    if (step === undefined)
      throw new StoreProblem(`${path} has version ${version}, which no step leads on from`)
    step(database)
    database.prepare('UPDATE meta SET value = ? WHERE key = ?').run(String(version + 1), 'version')
  }
}

function requireVersion(database: DatabaseSync, path: string): void {
  requireKnown(versionOf(database), path)
}

function requireKnown(version: number, path: string): void {
  if (version > DATABASE_VERSION) {
    throw new StoreProblem(
      `${path} was written by a newer Holdfast (store version ${version}; this one knows ${DATABASE_VERSION}): start that one`,
    )
  }
  if (!(version >= 1)) throw new StoreProblem(`${path} is not a Holdfast store`)
}

/** SQLite's result codes (its C API). */
const BUSY = 5
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26
const READONLY = 8
const IOERR = 10

export type FailureKind = 'full' | 'io' | 'damaged' | 'busy' | 'other'

/** What a SQLite error means for whoever waits on the write. */
export function failureKind(error: unknown): FailureKind {
  const code = sqliteCode(error)
  if (code === FULL) return 'full'
  if (code === IOERR || code === READONLY || code === CANTOPEN) return 'io'
  if (code === CORRUPT || code === NOTADB) return 'damaged'
  return code === BUSY ? 'busy' : 'other'
}

function sqliteCode(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: number }
  return errcode === undefined ? undefined : errcode & 0xff
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof StoreProblem) return error
  const message = error instanceof Error ? error.message : String(error)
  switch (failureKind(error)) {
    case 'busy':
      return new StoreProblem(
        `${path} is in use by another Holdfast: stop that one, or choose another data-dir`,
      )
    case 'damaged':
      return new StoreProblem(`${path} is damaged (${message}): run \`holdfast store check\``)
    case 'full':
      return new StoreProblem(`there is no room on the disk of ${path}`)
    case 'io':
      return new StoreProblem(`${path} cannot be read or written (${message})`)
    default:
      return error
  }
}
