// Operations and the results of their items in the side database.

import type { ItemReason, ItemStatus, Operation, OperationState } from '../../../shared/operation.ts'
import { itemStatuses } from '../../../shared/operation.ts'
import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import type { SideRow, SideStatement, SideValue } from '../../store/side/side-messages.ts'
import { type NumberedResult, type UndoHandle, undoEnds } from './item-result.ts'
import type { RunMark } from './run.ts'

const MODULE = 'operations'

/**
 * `plan` is unique, so that a plan is executed once whoever asks twice. `list` is that of the plan, or one of its own;
 * null for an act on one session. `undoItems` counts results that can be taken back, `undoUntil` is the end of the last of them.
 */
const steps: readonly string[] = [
  `CREATE TABLE operation (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    plan TEXT UNIQUE,
    list TEXT,
    items INTEGER NOT NULL,
    count INTEGER NOT NULL,
    state TEXT NOT NULL,
    startedAt INTEGER NOT NULL,
    endedAt INTEGER,
    settled INTEGER NOT NULL DEFAULT 0,
    begun INTEGER NOT NULL DEFAULT 0,
    ok INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    undoItems INTEGER NOT NULL DEFAULT 0,
    undoUntil INTEGER,
    record TEXT NOT NULL
  );
  CREATE INDEX operation_running ON operation (number) WHERE state = 'running';
  CREATE TABLE operation_result (
    operation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    status INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT,
    detail TEXT,
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    undo TEXT,
    undoUntil INTEGER,
    PRIMARY KEY (operation, number)
  ) WITHOUT ROWID;
  CREATE INDEX operation_result_status ON operation_result (operation, status, number);`,
]

export function openOperations(side: SideDatabase): Promise<void> {
  return side.define(MODULE, steps)
}

/** What never changes. */
export interface OperationFacts
  extends Pick<
    Operation,
    | 'id'
    | 'kind'
    | 'action'
    | 'of'
    | 'plan'
    | 'digest'
    | 'filter'
    | 'clientId'
    | 'topic'
    | 'options'
    | 'actor'
    | 'reason'
  > {
  /** `key` of the actor. */
  readonly actorKey: string
  /** Of an act on one session. */
  readonly generation: string | null
  /** Client identifiers that are meant although they are protected. */
  readonly override: readonly string[]
}

export interface Counts {
  readonly ok: number
  readonly skipped: number
  readonly failed: number
  readonly messages: number
  readonly bytes: number
  readonly undoItems: number
  /** Undefined: none, or they do not end by themselves. */
  readonly undoUntil: Millis | undefined
}

export const NO_COUNTS: Counts = {
  ok: 0,
  skipped: 0,
  failed: 0,
  messages: 0,
  bytes: 0,
  undoItems: 0,
  undoUntil: undefined,
}

export interface OperationRecord {
  /** In the order of their beginning, from 1. */
  readonly number: number
  readonly facts: OperationFacts
  readonly list: string | undefined
  /** Of the list, blocked ones included. */
  readonly items: number
  readonly count: number
  readonly state: OperationState
  readonly startedAt: Millis
  readonly endedAt: Millis | undefined
  readonly mark: RunMark
  readonly counts: Counts
}

export function insertOperation(record: OperationRecord): SideStatement {
  const { number, facts, list, items, count, state, startedAt, endedAt } = record
  return [
    'INSERT INTO operation (number, id, plan, list, items, count, state, startedAt, endedAt, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    number,
    facts.id,
    facts.kind === 'plan' ? facts.plan : null,
    list ?? null,
    items,
    count,
    state,
    startedAt,
    endedAt ?? null,
    JSON.stringify(facts),
  ]
}

/** Absolute numbers, so that to write them twice does no harm. */
export function updateProgress(number: number, mark: RunMark, counts: Counts): SideStatement {
  const { ok, skipped, failed, messages, bytes } = counts
  return [
    'UPDATE operation SET settled = ?, begun = ?, ok = ?, skipped = ?, failed = ?, messages = ?, bytes = ? WHERE number = ?',
    mark.settled,
    mark.begun,
    ok,
    skipped,
    failed,
    messages,
    bytes,
    number,
  ]
}

/** Apart from the rest of the progress: undos of single items change it meanwhile. */
export function addUndo(number: number, results: readonly NumberedResult[]): readonly SideStatement[] {
  const undos = results.flatMap(({ undo }) => (undo === undefined ? [] : [undo]))
  if (undos.length === 0) return []
  const until = Math.max(...undos.map(undo => undoEnds(undo) ?? 0))
  return [
    [
      'UPDATE operation SET undoItems = undoItems + ?, undoUntil = MAX(COALESCE(undoUntil, 0), ?) WHERE number = ?',
      undos.length,
      until,
      number,
    ],
  ]
}

/** An item was taken back: it cannot be a second time. */
export function dropUndo(operation: number, item: number): readonly SideStatement[] {
  return [
    [
      'UPDATE operation SET undoItems = undoItems - 1 WHERE number = ? AND EXISTS (SELECT 1 FROM operation_result WHERE operation = ? AND number = ? AND undo IS NOT NULL)',
      operation,
      operation,
      item,
    ],
    [
      'UPDATE operation_result SET undo = NULL, undoUntil = NULL WHERE operation = ? AND number = ?',
      operation,
      item,
    ],
  ]
}

export function endOperation(number: number, state: OperationState, at: Millis): SideStatement {
  return ['UPDATE operation SET state = ?, endedAt = ? WHERE number = ?', state, at, number]
}

export function insertResult(operation: number, result: NumberedResult): SideStatement {
  const { number, status, at, reason, detail, messages, bytes, undo } = result
  return [
    'INSERT OR REPLACE INTO operation_result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    operation,
    number,
    itemStatuses.indexOf(status),
    at,
    reason ?? null,
    detail ?? null,
    messages,
    bytes,
    undo === undefined ? null : JSON.stringify(undo),
    undo === undefined ? null : (undoEnds(undo) ?? null),
  ]
}

export function operationOf(row: SideRow): OperationRecord {
  const number = (name: string): number => Number(row[name])
  return {
    number: number('number'),
    facts: JSON.parse(String(row['record'])) as OperationFacts,
    list: optional(row['list'], String),
    items: number('items'),
    count: number('count'),
    state: String(row['state']) as OperationState,
    startedAt: number('startedAt'),
    endedAt: optional(row['endedAt'], Number),
    mark: { settled: number('settled'), begun: number('begun') },
    counts: {
      ok: number('ok'),
      skipped: number('skipped'),
      failed: number('failed'),
      messages: number('messages'),
      bytes: number('bytes'),
      undoItems: number('undoItems'),
      undoUntil: optional(row['undoUntil'], Number) || undefined,
    },
  }
}

export function resultOf(row: SideRow): NumberedResult {
  const undo = optional(row['undo'], String)
  return {
    number: Number(row['number']),
    status: itemStatuses[Number(row['status'])] as ItemStatus,
    at: Number(row['at']),
    reason: optional(row['reason'], String) as ItemReason | undefined,
    detail: optional(row['detail'], String),
    messages: Number(row['messages']),
    bytes: Number(row['bytes']),
    undo: undo === undefined ? undefined : (JSON.parse(undo) as UndoHandle),
  }
}

function optional<T>(value: SideValue | undefined, read: (value: SideValue) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value)
}
