// Replays the journal of journal.c: which bytes and names of a directory are on the disk for sure, and which are not.

import type { SeededRandom } from '../../../fuzz/seeded-random.ts'

const HEADER_BYTES = 24
const SECTOR_BYTES = 512

/** `enum kind` of journal.c, from 1 on. */
const kinds = ['create', 'write', 'truncate', 'sync', 'sync-directory', 'rename', 'unlink', 'unseen'] as const

interface JournalRecord {
  readonly kind: (typeof kinds)[number]
  readonly inode: number
  /** Of a write; the size after a truncation; how far into the journal a sync reaches. */
  readonly offset: number
  readonly bytes: Buffer
  /** Where the record begins in the journal. */
  readonly at: number
}

/** The last record may be cut short: its process was killed while it wrote. */
function* recordsOf(journal: Buffer): Generator<JournalRecord> {
  for (let at = 0; at + HEADER_BYTES <= journal.length; ) {
    const length = journal.readUInt32LE(at + 4)
    const end = at + HEADER_BYTES + length
    if (end > journal.length) return
    const kind = kinds[journal.readUInt32LE(at) - 1]
    if (kind === undefined) throw new Error(`the journal is broken at ${at}`)
    yield {
      kind,
      inode: Number(journal.readBigUInt64LE(at + 8)),
      offset: Number(journal.readBigUInt64LE(at + 16)),
      bytes: journal.subarray(at + HEADER_BYTES, end),
      at,
    }
    at = end
  }
}

/** How much of a journal is whole records. */
export function wholeLength(journal: Buffer): number {
  let length = 0
  for (const { at, bytes } of recordsOf(journal)) length = at + HEADER_BYTES + bytes.length
  return length
}

/** A file's bytes as they are on the disk, and what has been done to it since. */
export class ReplayedFile {
  #bytes: Buffer
  #size: number
  #pending: JournalRecord[] = []

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = Buffer.from(bytes)
    this.#size = bytes.length
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  add(record: JournalRecord): void {
    this.#pending.push(record)
  }

  sync(reach: number): void {
    for (const record of this.#pending) if (record.at < reach) this.#apply(record)
    this.#pending = this.#pending.filter(record => record.at >= reach)
  }

  /** Some sectors of what was not synced were written early, in no order: disks do that. */
  tear(random: SeededRandom, percent: number): void {
    for (const record of this.#pending) {
      for (const piece of record.kind === 'write' ? sectorsOf(record) : [record]) {
        if (random.below(100) < percent) this.#apply(piece)
      }
    }
    this.#pending = []
  }

  #apply(record: JournalRecord): void {
    if (record.kind === 'truncate') {
      this.#resize(record.offset)
      return
    }
    const end = record.offset + record.bytes.length
    if (end > this.#size) this.#resize(end)
    record.bytes.copy(this.#bytes, record.offset)
  }

  #resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    }
    if (size < this.#size) this.#bytes.fill(0, size, this.#size)
    this.#size = size
  }
}

function* sectorsOf(record: JournalRecord): Generator<JournalRecord> {
  for (let from = 0; from < record.bytes.length; ) {
    const offset = record.offset + from
    const to = Math.min(record.bytes.length, from + SECTOR_BYTES - (offset % SECTOR_BYTES))
    yield { ...record, offset, bytes: record.bytes.subarray(from, to) }
    from = to
  }
}

/** What a directory held when the journal began; all of it on the disk. */
export type Snapshot = ReadonlyMap<string, { readonly inode: number; readonly bytes: Buffer }>

export class Replay {
  /** Names that are on the disk. */
  readonly #entries = new Map<string, ReplayedFile>()
  /** Names as the process last saw them. */
  readonly #names = new Map<string, ReplayedFile>()
  readonly #byInode = new Map<number, ReplayedFile>()
  #pendingNames: { readonly at: number; readonly apply: () => void }[] = []
  /** What was done in ways that the journal does not show; nothing can be concluded then. */
  readonly unseen: string[] = []

  constructor(before: Snapshot, journal: Buffer) {
    for (const [name, { inode, bytes }] of before) {
      const file = new ReplayedFile(bytes)
      this.#entries.set(name, file)
      this.#names.set(name, file)
      this.#byInode.set(inode, file)
    }
    for (const record of recordsOf(journal)) this.#replay(record)
  }

  /** The directory after a power cut: what was synced, and the given share of what was not. */
  cut(random: SeededRandom, tornPercent: number): ReadonlyMap<string, Buffer> {
    if (tornPercent > 0) {
      // Names change in order on journaling file systems, so the cut leaves the first of them.
      const kept = random.below(this.#pendingNames.length + 1)
      for (const { apply } of this.#pendingNames.slice(0, kept)) apply()
    }
    for (const file of this.#byInode.values()) file.tear(random, tornPercent)
    return contentsOf(this.#entries)
  }

  /** The directory as the process left it, to be compared with the true one. */
  asLeft(random: SeededRandom): ReadonlyMap<string, Buffer> {
    for (const file of this.#byInode.values()) file.tear(random, 100)
    return contentsOf(this.#names)
  }

  #replay(record: JournalRecord): void {
    switch (record.kind) {
      case 'create': {
        const file = new ReplayedFile()
        this.#byInode.set(record.inode, file)
        this.#rename(record, names => names.set(String(record.bytes), file))
        return
      }
      case 'write':
      case 'truncate':
        this.#byInode.get(record.inode)?.add(record)
        return
      case 'sync':
        this.#byInode.get(record.inode)?.sync(record.offset)
        return
      case 'sync-directory':
        for (const { at, apply } of this.#pendingNames) if (at < record.offset) apply()
        this.#pendingNames = this.#pendingNames.filter(({ at }) => at >= record.offset)
        return
      case 'unlink':
        this.#rename(record, names => names.delete(String(record.bytes)))
        return
      case 'rename': {
        const [from = '', to = ''] = String(record.bytes).split('\0')
        const file = this.#names.get(from)
        if (file === undefined) throw new Error(`${from} was renamed, but is not known`)
        this.#rename(record, names => {
          names.delete(from)
          names.set(to, file)
        })
        return
      }
      case 'unseen':
        this.unseen.push(String(record.bytes))
    }
  }

  /** At once for the process, later for the disk. */
  #rename(record: JournalRecord, change: (names: Map<string, ReplayedFile>) => void): void {
    change(this.#names)
    this.#pendingNames.push({ at: record.at, apply: () => change(this.#entries) })
  }
}

function contentsOf(names: ReadonlyMap<string, ReplayedFile>): ReadonlyMap<string, Buffer> {
  return new Map([...names].map(([name, file]) => [name, file.bytes]))
}
