// The audit: an append-only list of acts in which each record seals the one before.

import type { AuditEntry, AuditRecord, AuditVerification } from '../../../shared/audit.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow, SideStatement } from '../../store/side/side-messages.ts'
import { CHAIN_START, chained } from './audit-chain.ts'
import { type AuditSearch, auditSteps, insertion, recordOf, searchSql } from './audit-table.ts'
import { type Place, verifyChain } from './verify-chain.ts'

/** What is read at a time to export. */
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
  #last: Place = { sequence: 0, hash: CHAIN_START }

  constructor(side: SideDatabase) {
    this.#side = side
  }

  async open(): Promise<void> {
    await this.#side.define('audit', auditSteps)
    const [newest] = await this.search({}, 1)
    const [head] = await this.#side.read('SELECT * FROM audit_head')
    const found = newest ?? (await this.#anchor())
    const told = head === undefined ? found : placeOf(head)
    // What is missing at the end keeps its numbers, so that it stays missed.
    this.#last = told.sequence > found.sequence ? told : found
  }

  /** The newest record. */
  get last(): Place {
    return this.#last
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
        await this.#side.write([...records.map(insertion), headStatement(last)])
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
    return verifyChain(this.#side, await this.#anchor(), this.#last)
  }

  /** The newest record that need not be kept any longer, if there is one. */
  async beyond(limits: {
    readonly olderThan: string | undefined
    readonly recordsMax: number
  }): Promise<AuditRecord | undefined> {
    const { olderThan, recordsMax } = limits
    const old = olderThan === undefined ? [] : await this.search({ to: olderThan }, 1)
    const many = await this.search({ before: this.#last.sequence - recordsMax + 1 }, 1)
    return [...old, ...many].sort((one, other) => other.sequence - one.sequence)[0]
  }

  /** Removes it and all before; the chain then begins behind it, which a record of the chain must tell. */
  cut(through: Place): Promise<void> {
    return this.#side.write([
      ['INSERT OR REPLACE INTO audit_anchor VALUES (1, ?, ?)', through.sequence, through.hash],
      ['DELETE FROM audit WHERE sequence <= ?', through.sequence],
    ])
  }

  async #anchor(): Promise<Place> {
    const [row] = await this.#side.read('SELECT * FROM audit_anchor')
    if (row === undefined) return { sequence: 0, hash: CHAIN_START }
    return placeOf(row)
  }
}

/** Where the chain ends stands apart, so that it is noticed when its newest records are gone. */
function headStatement({ sequence, hash }: Place): SideStatement {
  return ['INSERT OR REPLACE INTO audit_head VALUES (1, ?, ?)', sequence, hash]
}

function placeOf(row: SideRow): Place {
  return { sequence: Number(row['sequence']), hash: String(row['hash']) }
}
