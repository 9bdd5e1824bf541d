// The rows of the audit: how a record is written, read and searched for.

import type { AuditRecord } from '../../../shared/audit.ts'
import type { SideRow, SideStatement, SideValue } from '../../store/side/side-messages.ts'

export const auditSteps = [
  `CREATE TABLE audit (
     sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL, role TEXT,
     address TEXT NOT NULL, request_id TEXT NOT NULL, verb TEXT NOT NULL, target TEXT NOT NULL, reason TEXT,
     result TEXT NOT NULL, detail TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL);
   CREATE INDEX audit_target ON audit (target, sequence);
   CREATE INDEX audit_actor ON audit (actor, sequence);
   CREATE TABLE audit_anchor (
     one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash TEXT NOT NULL);`,
  `CREATE TABLE audit_head (
     one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash TEXT NOT NULL);`,
]

export function insertion(record: AuditRecord): SideStatement {
  return [
    'INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    record.sequence,
    record.at,
    record.actor.kind,
    record.actor.name,
    record.actor.role,
    record.address,
    record.requestId,
    record.verb,
    record.target,
    record.reason,
    record.result,
    JSON.stringify(record.detail),
    record.previousHash,
    record.hash,
  ]
}

export function recordOf(row: SideRow): AuditRecord {
  const text = (name: string): string => String(row[name])
  const {
    actor_kind: kind,
    role,
    result,
    reason,
  } = row as unknown as {
    actor_kind: AuditRecord['actor']['kind']
    role: AuditRecord['actor']['role']
    result: AuditRecord['result']
    reason: AuditRecord['reason']
  }
  return {
    sequence: Number(row['sequence']),
    at: text('at'),
    actor: { kind, name: text('actor'), role },
    address: text('address'),
    requestId: text('request_id'),
    verb: text('verb'),
    target: text('target'),
    reason,
    result,
    detail: JSON.parse(text('detail')),
    previousHash: text('previous_hash'),
    hash: text('hash'),
  }
}

export interface AuditSearch {
  readonly actor?: string | undefined
  /** The whole verb, or its part before the dot. */
  readonly verb?: string | undefined
  readonly target?: string | undefined
  readonly result?: string | undefined
  /** ISO 8601, both included. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Only records before this one. */
  readonly before?: number | undefined
}

/** The newest first. */
export function searchSql(search: AuditSearch, limit: number): readonly [string, ...SideValue[]] {
  const conditions: string[] = []
  const values: SideValue[] = []
  const where = (condition: string, ...parameters: SideValue[]): void => {
    conditions.push(condition)
    values.push(...parameters)
  }
  if (search.actor !== undefined) where('actor = ?', search.actor)
  if (search.verb !== undefined)
    where('(verb = ? OR substr(verb, 1, ?) = ?)', search.verb, search.verb.length + 1, `${search.verb}.`)
  if (search.target !== undefined) where('target = ?', search.target)
  if (search.result !== undefined) where('result = ?', search.result)
  if (search.from !== undefined) where('at >= ?', search.from)
  if (search.to !== undefined) where('at <= ?', search.to)
  if (search.before !== undefined) where('sequence < ?', search.before)
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')} `
  return [`SELECT * FROM audit ${filter}ORDER BY sequence DESC LIMIT ?`, ...values, limit]
}
