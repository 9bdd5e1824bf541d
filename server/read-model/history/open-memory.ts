// Takes up what an earlier process has left in the side database: losses, conflicts, readings, when it ended.

import type { Millis } from '../../clock.ts'
import { ConnectionFacts } from '../../events/connection-facts.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { Conflicts } from './conflicts.ts'
import { CONFLICT_KEPT_MS, SAMPLE_MS, SERIES_SAMPLES_MAX } from './limits.ts'
import { LossCount, type Losses } from './losses.ts'
import type { Series } from './series.ts'
import type { FindSession } from './session-of.ts'
import { dropCountStatements } from './statements.ts'
import { HISTORY_MODULE, historySteps, kindNumbers } from './tables.ts'

/** Counts read at a time. */
const COUNTS_PER_READ = 5_000
/** Takeovers read back to know the conflicts of the last day. */
const TAKEOVERS_MAX = 10_000

export interface MemoryGiven {
  readonly now: Millis
  readonly find: FindSession
  readonly losses: Losses
  readonly conflicts: Conflicts
  readonly series: Series
}

export interface Memory {
  /** The highest id of a row that is there. */
  readonly behind: number
  /** What the row of the restart says. */
  readonly restart: Readonly<Record<string, unknown>>
}

export async function openMemory(side: SideDatabase, given: MemoryGiven): Promise<Memory> {
  await side.define(HISTORY_MODULE, historySteps)
  await readCounts(side, given)
  await readTakeovers(side, given)
  await readReadings(side, given)
  const [last] = await side.read('SELECT max(id) AS id FROM history_event')
  return { behind: Number(last?.['id'] ?? 0), restart: await readRestart(side, given.now) }
}

/** Of sessions that are still the same; the others ended in the last second of an earlier process. */
async function readCounts(side: SideDatabase, { find, losses }: MemoryGiven): Promise<void> {
  const ended: [string, string][] = []
  let after: readonly [clientId: string, reason: string] = ['', '']
  for (;;) {
    const rows = await side.read(
      `SELECT * FROM history_loss_count WHERE (clientId, reason) > (?, ?)
        ORDER BY clientId, reason LIMIT ${COUNTS_PER_READ}`,
      ...after,
    )
    for (const row of rows) {
      const [clientId, reason, generation] = ['clientId', 'reason', 'generation'].map(name =>
        String(row[name]),
      )
      after = [clientId!, reason!]
      if (find(clientId!)?.generation === generation) {
        const [count, bytes, lastAt] = ['count', 'bytes', 'lastAt'].map(name => Number(row[name]))
        losses.restore(clientId!, new LossCount(reason!, count, bytes, lastAt))
      } else {
        ended.push([clientId!, generation!])
      }
    }
    if (rows.length < COUNTS_PER_READ) break
  }
  await side.write(dropCountStatements(ended))
}

async function readTakeovers(side: SideDatabase, { now, conflicts }: MemoryGiven): Promise<void> {
  const rows = await side.read(
    `SELECT * FROM (
      SELECT e.id, e.at, e.data, c.clientId FROM history_event e JOIN history_client c ON c.id = e.client
      WHERE e.kind = ${kindNumbers.takeover} AND e.at > ? ORDER BY e.id DESC LIMIT ${TAKEOVERS_MAX}
    ) ORDER BY id`,
    now - CONFLICT_KEPT_MS,
  )
  for (const row of rows) {
    const at = Number(row['at'])
    const data: StoredTakeover = JSON.parse(String(row['data']))
    conflicts.learn({
      at,
      clientId: String(row['clientId']),
      from: new ConnectionFacts(data.from),
      by: new ConnectionFacts(data.by),
      since: at - data.heldMs,
    })
  }
  conflicts.settle(now)
}

interface StoredTakeover {
  readonly from: ReturnType<ConnectionFacts['toJSON']>
  readonly by: ReturnType<ConnectionFacts['toJSON']>
  readonly heldMs: number
}

async function readReadings(side: SideDatabase, { now, series }: MemoryGiven): Promise<void> {
  const rows = await side.read(
    'SELECT at, data FROM history_reading WHERE at > ? AND at < ? ORDER BY at',
    now - SERIES_SAMPLES_MAX * SAMPLE_MS,
    now,
  )
  for (const row of rows) series.restore(Number(row['at']), JSON.parse(String(row['data'])))
}

/** A process that was killed is known to have lived until its last write. */
async function readRestart(side: SideDatabase, now: Millis): Promise<Memory['restart']> {
  const rows = await side.read('SELECT name, value FROM history_state')
  const states = new Map(rows.map(row => [String(row['name']), Number(row['value'])]))
  const stoppedAt = states.get('stopped-at')
  const aliveAt = stoppedAt ?? states.get('alive-at')
  if (aliveAt === undefined) return { first: true }
  return { downMs: Math.max(0, now - aliveAt), wasStopped: stoppedAt !== undefined }
}
