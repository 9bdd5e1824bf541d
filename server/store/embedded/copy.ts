// Where a backup goes, and the copy of a store that no broker has open.

import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { backup } from 'node:sqlite'
import { copySideDatabase, openSideDatabase, SIDE_FILE } from '../side/side-server.ts'
import { DATABASE_FILE, openDatabase, StoreProblem } from './database.ts'

/** Makes the directory, and refuses one that holds a store: a backup replaces nothing. */
export function prepareBackup(directory: string): void {
  if (existsSync(join(directory, DATABASE_FILE)))
    throw new StoreProblem(`${directory} holds a store already: choose another directory`)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StoreProblem(`${directory} cannot be made: ${(error as Error).message}`)
  }
}

/** Half a backup would look like one. */
export function discardBackup(directory: string): void {
  for (const file of [DATABASE_FILE, SIDE_FILE])
    for (const suffix of ['', '-wal', '-journal']) rmSync(join(directory, file + suffix), { force: true })
}

/** Rejects with StoreProblem when a broker has the store open. */
export async function copyStore(dataDirectory: string, directory: string): Promise<void> {
  const database = openDatabase(dataDirectory, { durability: 'sync', access: 'read-write', purpose: 'tool' })
  try {
    await backup(database, join(directory, DATABASE_FILE))
    await copySide(dataDirectory, directory)
  } catch (error) {
    throw new StoreProblem(`${directory} cannot be written: ${(error as Error).message}`)
  } finally {
    database.close()
  }
}

/** Users, keys, audit and history, where there are any. */
async function copySide(dataDirectory: string, directory: string): Promise<void> {
  if (!existsSync(join(dataDirectory, SIDE_FILE))) return
  const database = openSideDatabase(dataDirectory)
  try {
    await copySideDatabase(database, directory)
  } finally {
    database.close()
  }
}
