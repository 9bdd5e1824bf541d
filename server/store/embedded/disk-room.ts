// Keeps so much room on the disk that messages can always be deleted: what is full can then become empty again.

import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { StoreStatistics } from '../store.ts'
import { DATABASE_FILE, failureKind } from './database.ts'

/** Kept free for changes that are not messages: an eighth of a small disk, and no more than this of a large one. */
const RESERVE_BYTES_MAX = 16 * 1024 * 1024
const RESERVE_PART = 8
/** Pages of the indexes that a batch touches, and what a body leaves unused on its last page. */
const BATCH_PAGES_BYTES = 65_536
const PAGE_WASTE = 2

interface Disk {
  readonly size: number
  readonly free: number
  /** Kept free for changes that are not messages. */
  readonly reserve: number
}

export class DiskRoom {
  readonly #database: DatabaseSync
  readonly #directory: string
  readonly #log: string
  readonly #pageBytes: number
  #seen: Disk | undefined = undefined

  constructor(database: DatabaseSync, directory: string) {
    this.#database = database
    this.#directory = directory
    this.#log = join(directory, `${DATABASE_FILE}-wal`)
    this.#pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
  }

  /** As it was when last asked for room: what is kept free for other changes is no part of it. */
  get forMessages(): StoreStatistics['disk'] {
    if (this.#seen === undefined) return undefined
    const { size, free, reserve } = this.#seen
    return { bytes: size - reserve, freeBytes: Math.max(0, free - reserve) }
  }

  /**
   * Whether messages of so many bytes fit twice: into the log, and when that is folded into the file. Space that
   * deleted messages have left in the file counts, for no system call gives it back to the disk.
   */
  hasRoomFor(messageBytes: number): boolean {
    const bytes = messageBytes === 0 ? 0 : messageBytes * PAGE_WASTE + BATCH_PAGES_BYTES
    let disk = this.#disk()
    if (disk.free < this.#logBytes() + 2 * bytes + disk.reserve) {
      this.fold()
      disk = this.#disk()
    }
    if (messageBytes === 0) return true
    const reusable = Number(this.#database.prepare('PRAGMA freelist_count').get()?.['freelist_count'])
    if (reusable * this.#pageBytes >= bytes) return disk.free >= bytes + disk.reserve / 2
    return disk.free >= 2 * bytes + disk.reserve
  }

  /** Writes what stands in the log into the file and gives the log's space back, as far as there is room for it. */
  fold(): void {
    if (this.#logBytes() === 0) return
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      if (failureKind(error) !== 'full') throw error
    }
  }

  #disk(): Disk {
    const { bavail, bfree, blocks, bsize } = statfsSync(this.#directory)
    // What only root may use is no part of what we may, as `df` has it.
    const size = (blocks - bfree + bavail) * bsize
    this.#seen = { size, free: bavail * bsize, reserve: Math.min(RESERVE_BYTES_MAX, size / RESERVE_PART) }
    return this.#seen
  }

  #logBytes(): number {
    return statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0
  }
}
