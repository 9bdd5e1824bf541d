// Puts a salvaged file in the place of a damaged one, which is kept beside it.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '../../clock.ts'
import { DATABASE_FILE, openDatabase } from './database.ts'
import { type Salvaged, salvage } from './salvage.ts'

export interface FileRebuilt {
  readonly tables: readonly Salvaged[]
  /** Where the damaged file is now. */
  readonly kept: string
}

/** Throws StoreProblem when not even the first page can be read. */
export function rebuildFile(dataDirectory: string, now: Millis): FileRebuilt {
  const scratch = join(dataDirectory, 'salvaging')
  rmSync(scratch, { recursive: true, force: true })
  const from = openDatabase(dataDirectory, {
    durability: 'sync',
    access: 'read-write',
    purpose: 'tool',
    structure: 'unchecked',
  })
  let tables: readonly Salvaged[]
  try {
    const to = openDatabase(scratch, { durability: 'sync', access: 'read-write' })
    try {
      tables = salvage(from, to)
    } finally {
      to.close()
    }
  } finally {
    from.close()
  }
  const file = join(dataDirectory, DATABASE_FILE)
  const kept = `${file}.damaged-${new Date(now).toISOString().replaceAll(':', '')}`
  for (const suffix of ['-wal', '-journal']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix)
  }
  renameSync(file, kept)
  renameSync(join(scratch, DATABASE_FILE), file)
  rmSync(scratch, { recursive: true, force: true })
  return { tables, kept }
}
