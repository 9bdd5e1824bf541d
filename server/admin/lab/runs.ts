// The runs of the Lab that have not ended: known on the disk, so that each is cleaned up whatever happens meanwhile.

import type { BrokerParts } from '../../broker/parts.ts'
import type { Log } from '../../log.ts'
import { ulid } from '../../random.ts'
import { Timer } from '../../session/timer-wheel.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow, SideStatement } from '../../store/side/side-messages.ts'
import type { Actor } from '../auth/actor.ts'
import { type CleanedUp, cleanUp } from './clean-up.ts'
import type { LabRunRecord } from './run.ts'

const LAB_RUN_MS = 15 * 60_000
/** A person with a few tabs; the oldest run gives way to another. */
const RUNS_PER_OWNER_MAX = 3
/** Each at most two client ids and one topic for each test there is. */
export const LAB_RUNS_MAX = 40
/** After which a clean-up that failed is tried again. */
const AGAIN_MS = 60_000

const steps = [
  `CREATE TABLE lab_run (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, owner_name TEXT NOT NULL, tests TEXT NOT NULL,
     started_at REAL NOT NULL, expires_at REAL NOT NULL);`,
]

export interface LabRunsGiven {
  readonly parts: BrokerParts
  readonly side: SideDatabase
  readonly log: Log
}

interface Line {
  readonly run: LabRunRecord
  readonly timer: Timer
}

export class LabRuns {
  readonly #given: LabRunsGiven
  readonly #lines = new Map<string, Line>()
  #isClosed = false

  constructor(given: LabRunsGiven) {
    this.#given = given
  }

  /** Takes up the runs of an earlier process; rejects with SideProblem. */
  async open(): Promise<void> {
    const { side } = this.#given
    await side.define('lab-runs', steps)
    const rows = await side.read('SELECT * FROM lab_run ORDER BY id')
    for (const run of rows.map(runOf)) this.#enter(run)
  }

  /** What is not ended by then, another process ends. */
  close(): void {
    this.#isClosed = true
    for (const { timer } of this.#lines.values()) this.#given.parts.wheel.cancel(timer)
    this.#lines.clear()
  }

  find(id: string): LabRunRecord | undefined {
    return this.#lines.get(id)?.run
  }

  /** Whose browser went away without a word begins again: the oldest run of many ends. */
  async begin(actor: Actor, tests: readonly string[]): Promise<LabRunRecord | 'too-many'> {
    const own = [...this.#lines.values()].filter(({ run }) => run.owner === actor.key)
    for (const { run } of own.slice(0, Math.max(0, own.length - RUNS_PER_OWNER_MAX + 1))) await this.end(run)
    if (this.#lines.size >= LAB_RUNS_MAX) return 'too-many'
    const { parts, side } = this.#given
    const startedAt = parts.clock.now()
    const run: LabRunRecord = {
      id: ulid(startedAt),
      owner: actor.key,
      ownerName: actor.facts.name,
      tests,
      startedAt,
      expiresAt: startedAt + LAB_RUN_MS,
    }
    this.#enter(run)
    try {
      await side.write([insertOf(run)])
    } catch (error) {
      // Nobody learns of it, so nobody would end it.
      this.#leave(run)
      throw error
    }
    return run
  }

  /** Resolves when nothing of it is left. */
  async end(run: LabRunRecord): Promise<CleanedUp> {
    const { parts, side } = this.#given
    const cleaned = await cleanUp(parts, run)
    this.#leave(run)
    await side.write([['DELETE FROM lab_run WHERE id = ?', run.id]])
    return cleaned
  }

  #enter(run: LabRunRecord): void {
    const timer = new Timer(() => void this.#expire(run, timer))
    this.#lines.set(run.id, { run, timer })
    this.#given.parts.wheel.schedule(timer, run.expiresAt)
  }

  #leave(run: LabRunRecord): void {
    const line = this.#lines.get(run.id)
    if (line !== undefined) this.#given.parts.wheel.cancel(line.timer)
    this.#lines.delete(run.id)
  }

  async #expire(run: LabRunRecord, timer: Timer): Promise<void> {
    const { parts, log } = this.#given
    try {
      const cleaned = await this.end(run)
      log.info('a run of the Lab was not ended by its page', { run: run.id, by: run.ownerName, ...cleaned })
    } catch (error) {
      // The store and the side database say themselves what is the matter with them.
      log.warn('a run of the Lab could not be cleaned up', { run: run.id, reason: String(error) })
      if (this.#isClosed) return
      this.#lines.set(run.id, { run, timer })
      parts.wheel.schedule(timer, parts.clock.now() + AGAIN_MS)
    }
  }
}

function insertOf({ id, owner, ownerName, tests, startedAt, expiresAt }: LabRunRecord): SideStatement {
  return [
    'INSERT INTO lab_run (id, owner, owner_name, tests, started_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[id, owner, ownerName, JSON.stringify(tests), startedAt, expiresAt],
  ]
}

function runOf(row: SideRow): LabRunRecord {
  return {
    id: String(row['id']),
    owner: String(row['owner']),
    ownerName: String(row['owner_name']),
    tests: JSON.parse(String(row['tests'])),
    startedAt: Number(row['started_at']),
    expiresAt: Number(row['expires_at']),
  }
}
