// Operations and their items as the API shows them.

import type { Operation, OperationItem } from '../../../shared/operation.ts'
import type { Millis } from '../../clock.ts'
import { actFacts } from '../plans/act-facts.ts'
import type { KeyKind, Member } from '../plans/member.ts'
import type { NumberedResult } from './item-result.ts'
import { undoEnds } from './item-result.ts'
import type { OperationFacts, OperationRecord } from './operation-records.ts'

export function operationShape(
  record: OperationRecord,
  waitsFor: Operation['waitsFor'],
  now: Millis,
): Operation {
  const { facts, state, startedAt, endedAt, count, counts } = record
  const { id, kind, action, of, plan, digest, filter, clientId, topic, options, actor, reason } = facts
  const { ok, skipped, failed, messages, bytes, undoItems, undoUntil } = counts
  const isOver = undoUntil !== undefined && undoUntil <= now
  return {
    id,
    kind,
    action,
    of,
    plan,
    digest,
    filter,
    clientId,
    topic,
    options,
    actor,
    reason,
    state,
    waitsFor,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: timeOf(endedAt),
    count,
    ok,
    skipped,
    failed,
    messages,
    bytes,
    undo: {
      items: isOver ? 0 : Math.max(0, undoItems),
      until: isOver || undoItems <= 0 ? null : timeOf(undoUntil),
    },
  }
}

export function keyKindOf({ action }: OperationFacts): KeyKind {
  return action in actFacts ? actFacts[action as keyof typeof actFacts].kind : 'client'
}

/** `result` is undefined while there is none. */
export function itemShape(
  number: number,
  { key, generation }: Pick<Member, 'key' | 'generation'>,
  result: NumberedResult | undefined,
  kind: KeyKind,
): OperationItem {
  const undo = result?.undo
  return {
    number,
    clientId: kind === 'client' ? key : null,
    topic: kind === 'topic' ? key : null,
    generation: generation === '' ? null : generation,
    status: result?.status ?? 'pending',
    reason: result?.reason ?? null,
    detail: result?.detail ?? null,
    at: timeOf(result?.at),
    messages: result?.messages ?? 0,
    bytes: result?.bytes ?? 0,
    tombstone: undo?.by === 'tombstone' || undo?.by === 'retained' ? undo.id : null,
    undoUntil: undo === undefined ? null : timeOf(undoEnds(undo)),
  }
}

function timeOf(at: Millis | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
