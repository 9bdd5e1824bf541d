// The database file of the embedded engine: its tables, its versions, and how it is opened and locked.

import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export const DATABASE_VERSION = 2
export const DATABASE_FILE = 'holdfast.db'

/** Rows of these belong to the session whose number they have, and end with it. */
export const PART_TABLES = ['subscription', 'sending', 'receiving', 'returned'] as const

/** What each commit waits for: the disk, the operating system, or nothing. */
export type Durability = 'sync' | 'os' | 'memory'

/**
 * A session that was buried keeps its rows, and a tombstone names its number. Messages that were taken out of a queue
 * stand in a tombstone's `seqs`, which goes before what the queue's cursor says of them. When they are back in the
 * queue and its cursor has passed them, they stand in `returned` until they are settled.
 */
const tombstoneSchema = `
  CREATE TABLE tombstone (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL, what TEXT NOT NULL, record TEXT NOT NULL, seqs BLOB);
  CREATE TABLE returned (
    number INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (number, seq)) WITHOUT ROWID;
`

/**
 * A message is one record however many queues refer to it; `receivers` stands last, so that draining one queue
 * of a message to 10,000 does not read the list. What a queue has settled of a message that others still wait
 * for is its cursor (`acked`, everything up to it) with exceptions above.
 */
const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE session (
    number INTEGER PRIMARY KEY, client_id TEXT NOT NULL, record TEXT NOT NULL,
    acked INTEGER NOT NULL DEFAULT 0, exceptions BLOB);
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
  ${tombstoneSchema}
`

/** The version that this broker writes, and the steps to it from older ones. */
export interface StoreVersions {
  readonly current: number
  /** By the version they start from; all that are needed run in one transaction. */
  readonly steps: Readonly<Record<number, (database: DatabaseSync) => void>>
}

const ownVersions: StoreVersions = {
  current: DATABASE_VERSION,
  steps: {
    1: database => {
      database.exec('ALTER TABLE session DROP COLUMN buried_until')
      database.exec(tombstoneSchema)
    },
  },
}

/** What a person can act on: shown as it is, without a stack. */
export class StoreProblem extends Error {}

export interface OpenOptions {
  readonly durability: Durability
  readonly access: 'read-write' | 'read-only'
  /**
   * A tool makes no store where there is none, and brings none to a newer version: whoever only wants to look
   * must not keep the broker that wrote it from starting.
   */
  readonly purpose?: 'serve' | 'tool'
  /** 'unchecked' opens a file whose pages contradict each other, to save from it what can be read. */
  readonly structure?: 'checked' | 'unchecked'
  /** Others in tests. */
  readonly versions?: StoreVersions
}

/**
 * Opens the database of a data directory and holds it alone until it is closed. Throws StoreProblem when another
 * process has it, when a newer broker wrote it, when it is no database, or when its pages are damaged.
 */
export function openDatabase(dataDirectory: string, options: OpenOptions): DatabaseSync {
  const path = join(dataDirectory, DATABASE_FILE)
  if (options.purpose === 'tool' && !existsSync(path)) throw new StoreProblem(`there is no store at ${path}`)
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
    database = new DatabaseSync(path, { readOnly: options.access === 'read-only' })
    if (options.structure === 'unchecked') tolerateMissingPages(database)
    if (options.access === 'read-write') lockAlone(database)
    const version = versionOf(database)
    requireKnown(version, path, options)
    if (options.structure !== 'unchecked') requireStructure(database, path)
    if (options.access === 'read-write') prepare(database, path, version, options)
    return database
  } catch (error) {
    database?.close()
    throw explain(error, path, options)
  }
}

/** Otherwise a file that is cut off is refused as a whole; what is called a writable schema here is only read. */
function tolerateMissingPages(database: DatabaseSync): void {
  // Not there in Node 22, where nothing needs to be switched off.
  if ('enableDefensive' in database) database.enableDefensive(false)
  database.exec('PRAGMA writable_schema = ON')
}

/** Takes the lock, which is kept until the database is closed; nothing is written yet. */
function lockAlone(database: DatabaseSync): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec('PRAGMA page_size = 8192')
  database.exec('BEGIN EXCLUSIVE')
  database.exec('COMMIT')
}

/** 'empty' before the first start; NaN for what is not ours. */
function versionOf(database: DatabaseSync): number | 'empty' {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  if (tables.length === 0) return 'empty'
  if (!tables.some(table => table['name'] === 'meta')) return Number.NaN
  const row = database.prepare("SELECT * FROM meta WHERE key = 'version'").get()
  return Number(row?.['value'])
}

function requireKnown(version: number | 'empty', path: string, options: OpenOptions): void {
  const { current } = options.versions ?? ownVersions
  const { purpose = 'serve', access } = options
  if (version === 'empty') {
    if (purpose === 'serve' && access === 'read-write') return
    throw new StoreProblem(`${path} is empty`)
  }
  if (version > current) {
    throw new StoreProblem(
      `${path} was written by a newer Holdfast (store version ${version}; this one knows ${current}): use that one`,
    )
  }
  if (!(version >= 0)) throw new StoreProblem(`${path} is not a Holdfast store`)
  if (version < current && purpose === 'tool') {
    throw new StoreProblem(
      `${path} has store version ${version}: start a broker on it once, which brings it to version ${current}`,
    )
  }
}

/** A tenth of what reading the messages back takes, and without it the first write could be the end of the process. */
function requireStructure(database: DatabaseSync, path: string): void {
  const found = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})
  const [first] = found
  if (first !== 'ok') throw damagedFile(path, String(first))
}

function prepare(
  database: DatabaseSync,
  path: string,
  version: number | 'empty',
  options: OpenOptions,
): void {
  // Its log takes over the rights of the file when it is made.
  chmodSync(path, 0o600)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${options.durability === 'sync' ? 'FULL' : 'NORMAL'}`)
  // The log is folded into the file at 32 MiB: seldom enough to cost little, often enough to start fast.
  database.exec('PRAGMA wal_autocheckpoint = 4096')
  database.exec('PRAGMA cache_size = -16384')
  database.exec('PRAGMA temp_store = MEMORY')
  const versions = options.versions ?? ownVersions
  if (version === 'empty') create(database, versions.current)
  else migrate(database, path, version, versions)
}

function create(database: DatabaseSync, version: number): void {
  database.exec('BEGIN')
  database.exec(schema)
  database.prepare('INSERT INTO meta VALUES (?, ?)').run('version', String(version))
  database.exec('COMMIT')
}

function migrate(
  database: DatabaseSync,
  path: string,
  from: number,
  { current, steps }: StoreVersions,
): void {
  if (from === current) return
  database.exec('BEGIN')
  for (let version = from; version < current; version++) {
    const step = steps[version]
    if (step === undefined)
      throw new StoreProblem(`${path} has store version ${version}, which no step leads on from`)
    step(database)
    database.prepare('UPDATE meta SET value = ? WHERE key = ?').run(String(version + 1), 'version')
  }
  database.exec('COMMIT')
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

function explain(error: unknown, path: string, options: OpenOptions): unknown {
  if (error instanceof StoreProblem) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = (error as { code?: unknown }).code
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new StoreProblem(
      `${path} cannot be created (${message}): choose another data-dir, or mend its rights`,
    )
  }
  if (sqliteCode(error) === NOTADB) {
    return new StoreProblem(
      `${path} is not a Holdfast store, or its first page is destroyed (${message}): put a backup in its place`,
    )
  }
  switch (failureKind(error)) {
    case 'busy':
      return new StoreProblem(
        `${path} is in use by another Holdfast: stop that one, or choose another data-dir`,
      )
    case 'damaged':
      if (options.structure === 'unchecked')
        return new StoreProblem(`nothing of ${path} can be read (${message}): put a backup in its place`)
      return damagedFile(path, message)
    case 'full':
      return new StoreProblem(`there is no room on the disk of ${path}`)
    case 'io':
      return new StoreProblem(`${path} cannot be read or written (${message})`)
    default:
      return error
  }
}

function damagedFile(path: string, found: string): StoreProblem {
  const [what] = found.replace(/^\*\*\* in database main \*\*\*\n/, '').split('\n')
  return new StoreProblem(
    `${path} is damaged (${what}): restore a backup, or save what can be read with \`holdfast store check --repair\``,
  )
}
