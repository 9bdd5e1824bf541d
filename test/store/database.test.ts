// The database file of the embedded engine: its versions, its lock, and what is no store of ours.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  DATABASE_FILE,
  DATABASE_VERSION,
  openDatabase,
  StoreProblem,
  type StoreVersions,
} from '../../server/store/embedded/database.ts'
import { temporaryDirectory, withTables } from '../harness/store-files.ts'

const options = { durability: 'os', access: 'read-write' } as const

function opening(directory: string, more: Parameters<typeof openDatabase>[1] | object = {}) {
  return () => openDatabase(directory, { ...options, ...more }).close()
}

function refuses(act: () => void, pattern: RegExp): void {
  assert.throws(act, (error: unknown) => error instanceof StoreProblem && pattern.test(error.message))
}

/** A store as it was two versions ago: retained messages had another table, and sessions knew no colour. */
function makeOldStore(directory: string): void {
  opening(directory)()
  withTables(directory, database => {
    database.exec('ALTER TABLE retained RENAME TO kept')
    database.exec("INSERT INTO session (number, client_id, record) VALUES (7, 'a', 'as it was')")
    database.exec("UPDATE meta SET value = '0' WHERE key = 'version'")
  })
}

const versions: StoreVersions = {
  current: 2,
  steps: {
    0: database => database.exec('ALTER TABLE session ADD COLUMN colour TEXT'),
    1: database => database.exec('ALTER TABLE kept RENAME TO retained'),
  },
}

function contentOf(directory: string) {
  return withTables(directory, database => ({
    version: database.prepare("SELECT value FROM meta WHERE key = 'version'").get()?.['value'],
    tables: database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('kept', 'retained')")
      .all()
      .map(row => row['name']),
    sessions: database.prepare('SELECT number, client_id, record FROM session').all().map(Object.values),
  }))
}

test('a new store has the version of this broker, and is private', () => {
  const directory = join(temporaryDirectory(), 'deep', 'data')
  opening(directory)()
  assert.equal(contentOf(directory).version, String(DATABASE_VERSION))
  assert.equal(statSync(join(directory, DATABASE_FILE)).mode & 0o777, 0o600)
  assert.equal(statSync(directory).mode & 0o777, 0o700)
  const database = openDatabase(directory, options)
  database.exec("INSERT INTO meta VALUES ('a', 'b')")
  assert.equal(statSync(`${join(directory, DATABASE_FILE)}-wal`).mode & 0o777, 0o600)
  database.close()
})

test('an older store is brought to the version of this broker, step by step', () => {
  const directory = temporaryDirectory()
  makeOldStore(directory)
  opening(directory, { versions })()
  const sessions = [[7, 'a', 'as it was']]
  assert.deepEqual(contentOf(directory), { version: '2', tables: ['retained'], sessions })
  opening(directory, { versions })()
  assert.deepEqual(contentOf(directory), { version: '2', tables: ['retained'], sessions })
})

test('a step that fails leaves the store as it was, steps before it included', () => {
  const directory = temporaryDirectory()
  makeOldStore(directory)
  const before = contentOf(directory)
  const failing = {
    ...versions,
    steps: {
      ...versions.steps,
      1: () => {
        throw new StoreProblem('no further')
      },
    },
  }
  refuses(opening(directory, { versions: failing }), /no further/)
  assert.deepEqual(contentOf(directory), before)
  opening(directory, { versions })()
  assert.equal(contentOf(directory).version, '2')
})

test('a store whose version no step leads on from is refused and left alone', () => {
  const directory = temporaryDirectory()
  makeOldStore(directory)
  refuses(
    opening(directory, { versions: { current: 2, steps: {} } }),
    /version 0, which no step leads on from/,
  )
  assert.equal(contentOf(directory).version, '0')
})

test('a tool brings no store to a newer version: the broker that wrote it may still be wanted', () => {
  const directory = temporaryDirectory()
  makeOldStore(directory)
  refuses(opening(directory, { versions, purpose: 'tool' }), /version 0: start a broker on it once/)
  assert.equal(contentOf(directory).version, '0')
})

test('a store of a newer broker is refused with both versions, and not written to', () => {
  const directory = temporaryDirectory()
  opening(directory)()
  withTables(directory, database => database.exec("UPDATE meta SET value = '99' WHERE key = 'version'"))
  const before = readFileSync(join(directory, DATABASE_FILE))
  refuses(opening(directory), /written by a newer Holdfast \(store version 99; this one knows \d+\)/)
  assert.deepEqual(readFileSync(join(directory, DATABASE_FILE)), before)
})

test('a file that is no database, and a database of another program, are refused and left alone', () => {
  const directory = temporaryDirectory()
  const file = join(directory, DATABASE_FILE)
  writeFileSync(file, 'a shopping list that somebody has put here, long enough to be a header\n'.repeat(9))
  const before = readFileSync(file)
  refuses(opening(directory), /not a Holdfast store, or its first page is destroyed/)
  assert.deepEqual(readFileSync(file), before)

  const other = temporaryDirectory()
  withTables(other, database => database.exec('CREATE TABLE recipe (name TEXT); PRAGMA user_version = 3'))
  const recipes = readFileSync(join(other, DATABASE_FILE))
  refuses(opening(other), /is not a Holdfast store$/)
  assert.deepEqual(readFileSync(join(other, DATABASE_FILE)), recipes)
})

test('an empty file, as a crash at the very start leaves it, becomes a store', () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, DATABASE_FILE), '')
  opening(directory)()
  assert.equal(contentOf(directory).version, String(DATABASE_VERSION))
})

test('a tool makes no store where there is none', () => {
  const directory = join(temporaryDirectory(), 'nothing')
  refuses(opening(directory, { purpose: 'tool' }), /there is no store at/)
  assert.throws(() => statSync(directory), /ENOENT/)
})

test('a data directory that cannot be made or written is refused with its path', () => {
  const parent = temporaryDirectory()
  writeFileSync(join(parent, 'file'), '')
  refuses(opening(join(parent, 'file', 'data')), /file\/data\/holdfast.db cannot be created \(ENOTDIR/)
  refuses(opening(join(parent, 'file')), /cannot be created \(EEXIST/)
  const closed = join(parent, 'closed')
  mkdirSync(closed, { mode: 0o555 })
  asNobody(parent, () => {
    refuses(opening(closed), /closed\/holdfast.db cannot be read or written/)
    refuses(opening(join(closed, 'data')), /cannot be created \(EACCES/)
  })
})

/** Root may write everywhere, so whoever runs the tests as root is somebody else meanwhile. */
function asNobody(directory: string, act: () => void): void {
  if (process.geteuid?.() !== 0) {
    act()
    return
  }
  chmodSync(directory, 0o755)
  process.seteuid?.(65_534)
  try {
    act()
  } finally {
    process.seteuid?.(0)
  }
}
