// The audit: an append-only list of acts in which each record seals the one before.

import type { AuditEntry, AuditRecord, AuditVerification } from '../../../shared/audit.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { CHAIN_START, chained, problemOf } from './audit-chain.ts'
import { type AuditSearch, auditSteps, insertion, recordOf, searchSql } from './audit-table.ts'

/** What is read at a time to verify, to export or to cut. */
const PAGE = 1_000
/** Acts that wait to be written; beyond it whoever acts is refused, before anything is done. */
const WAITING_MAX = 10_000

interface Waiting {
  readonly entry: AuditEntry
  readonly resolve: (record: AuditRecord) => void
  readonly reject: (error: unknown) => void
}

export class AuditLog {
  readonly #side: SideDatabase
  /** Acts while records are being written go together into the next transaction. */
  #waiting: Waiting[] = []
  #writing = false
  #last = { sequence: 0, hash: CHAIN_START }

  constructor(side: SideDatabase) {
    this.#side = side
  }

  async open(): Promise<void> {
    await this.#side.define('audit', auditSteps)
    const [newest] = await this.search({}, 1)
    this.#last = newest ?? (await this.#anchor())
  }

  get isFull(): boolean {
    return this.#waiting.length >= WAITING_MAX
  }

  /** Resolves when it is on the disk; rejects when it is not. */
  append(entry: AuditEntry): Promise<AuditRecord> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
      if (!this.#writing) void this.#write()
    })
  }

  async #write(): Promise<void> {
    this.#writing = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      const records: AuditRecord[] = []
      let last = this.#last
      for (const { entry } of batch) {
        const record = chained(entry, last.sequence + 1, last.hash)
        records.push(record)
        last = record
      }
      try {
        await this.#side.write(records.map(insertion))
        this.#last = last
        for (const [index, { resolve }] of batch.entries()) resolve(records[index]!)
      } catch (error) {
        // Nothing of it was written: the chain goes on from where it was.
        for (const { reject } of batch) reject(error)
      }
    }
    this.#writing = false
  }

  /** The newest first. */
  async search(search: AuditSearch, limit: number): Promise<readonly AuditRecord[]> {
    return (await this.#side.read(...searchSql(search, limit))).map(recordOf)
  }

  /** All that match, the newest first, a page at a time. */
  async *each(search: AuditSearch): AsyncGenerator<readonly AuditRecord[]> {
    let before = search.before
    for (;;) {
      const page = await this.search({ ...search, before }, PAGE)
      if (page.length > 0) yield page
      if (page.length < PAGE) return
      before = page.at(-1)!.sequence
    }
  }

  /** Reads every record and compares it with the one before. */
  async verify(): Promise<AuditVerification> {
    let last = await this.#anchor()
    const first = last.sequence + 1
    const verified = (brokenAt: number | null, why: string | null): AuditVerification => {
      const records = last.sequence + 1 - first
      const any = records > 0
      return {
        intact: why === null,
        records,
        firstSequence: any ? first : null,
        lastSequence: any ? last.sequence : null,
        lastHash: any ? last.hash : null,
        brokenAt,
        why,
      }
    }
    const until = this.#last.sequence
    while (last.sequence < until) {
      const rows = await this.#side.read(
        'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?',
        last.sequence,
        PAGE,
      )
      if (rows.length === 0) return verified(last.sequence + 1, 'the newest records are missing')
      for (const record of rows.map(recordOf)) {
        const why = problemOf(record, last.sequence + 1, last.hash)
        if (why !== undefined) return verified(record.sequence, why)
        last = record
      }
    }
    return verified(null, null)
  }

  /** Removes what is older; the chain then begins behind the newest of what was removed. */
  async cut(olderThan: string): Promise<number> {
    const [newest] = await this.search({ to: olderThan }, 1)
    if (newest === undefined) return 0
    const before = await this.#anchor()
    await this.#side.write([
      ['INSERT OR REPLACE INTO audit_anchor VALUES (1, ?, ?)', newest.sequence, newest.hash],
      ['DELETE FROM audit WHERE sequence <= ?', newest.sequence],
    ])
    return newest.sequence - before.sequence
  }

  async #anchor(): Promise<{ readonly sequence: number; readonly hash: string }> {
    const [row] = await this.#side.read('SELECT * FROM audit_anchor')
    if (row === undefined) return { sequence: 0, hash: CHAIN_START }
    return { sequence: Number(row['sequence']), hash: String(row['hash']) }
  }
}
