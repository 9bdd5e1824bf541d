// Plans in the side database, without their lists.

import type { Plan } from '../../../shared/plan.ts'
import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow, SideStatement } from '../../store/side/side-messages.ts'

export const plansModule = 'plans'
export const plansSteps: readonly string[] = [
  `CREATE TABLE plan (
    id TEXT PRIMARY KEY,
    actor TEXT NOT NULL,
    madeAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL,
    items INTEGER NOT NULL,
    operation TEXT,
    record TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX plan_made ON plan (madeAt);`,
]

/** What never changes, apart from what stands in columns. */
interface Kept {
  readonly plan: Omit<Plan, 'state' | 'operation' | 'expiresAt'>
  readonly exclude: readonly string[]
  readonly override: readonly string[]
}

export interface PlanRecord extends Kept {
  /** `key` of the actor who made it. */
  readonly actor: string
  readonly madeAt: Millis
  readonly expiresAt: Millis
  /** Of its list, blocked ones included. */
  readonly items: number
  readonly operation: string | undefined
}

export function insertPlan(record: PlanRecord): SideStatement {
  const { plan, exclude, override, actor, madeAt, expiresAt, items } = record
  const kept: Kept = { plan, exclude, override }
  return [
    'INSERT INTO plan (id, actor, madeAt, expiresAt, items, operation, record) VALUES (?, ?, ?, ?, ?, NULL, ?)',
    plan.id,
    actor,
    madeAt,
    expiresAt,
    items,
    JSON.stringify(kept),
  ]
}

/** Fails as 'constraint' when another operation has it: the operation's own row must name it as unique. */
export function planTaken(id: string, operation: string): SideStatement {
  return ['UPDATE plan SET operation = ? WHERE id = ? AND operation IS NULL', operation, id]
}

export function planExpires(id: string, at: Millis): SideStatement {
  return ['UPDATE plan SET expiresAt = ? WHERE id = ? AND expiresAt > ?', at, id, at]
}

export function deletePlan(id: string): SideStatement {
  return ['DELETE FROM plan WHERE id = ?', id]
}

export async function readPlan(side: SideDatabase, id: string): Promise<PlanRecord | undefined> {
  const [row] = await side.read('SELECT * FROM plan WHERE id = ?', id)
  return row === undefined ? undefined : recordOf(row)
}

export interface PlanLine {
  readonly id: string
  readonly actor: string
  readonly expiresAt: Millis
  readonly items: number
}

/** Plans that nobody has executed, oldest first. */
export async function readIdlePlans(side: SideDatabase): Promise<readonly PlanLine[]> {
  const rows = await side.read(
    'SELECT id, actor, expiresAt, items FROM plan WHERE operation IS NULL ORDER BY madeAt',
  )
  return rows.map(row => ({
    id: String(row['id']),
    actor: String(row['actor']),
    expiresAt: Number(row['expiresAt']),
    items: Number(row['items']),
  }))
}

function recordOf(row: SideRow): PlanRecord {
  const kept = JSON.parse(String(row['record'])) as Kept
  const operation = row['operation']
  return {
    ...kept,
    actor: String(row['actor']),
    madeAt: Number(row['madeAt']),
    expiresAt: Number(row['expiresAt']),
    items: Number(row['items']),
    operation: operation === null || operation === undefined ? undefined : String(operation),
  }
}
