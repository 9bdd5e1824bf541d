// What a running operation does with one item, by its kind and action.

import { type Filter, parseFilter } from '../../../shared/filter-grammar.ts'
import type { PlanAction } from '../../../shared/plan.ts'
import { planActions } from '../../../shared/plan.ts'
import { assert } from '../../assert.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import type { Session } from '../../session/session.ts'
import { blockedByName } from '../plans/blocked.ts'
import type { Member } from '../plans/member.ts'
import type { PlanWorld } from '../plans/world.ts'
import { actOnRetained } from './act-on-retained.ts'
import { actOnSession, type SessionActGiven } from './act-on-session.ts'
import { type ItemResult, skipped } from './item-result.ts'
import { knownAgain } from './known-again.ts'
import type { OperationFacts } from './operation-records.ts'
import type { RetainedUndo } from './retained-undo.ts'
import { undoItem } from './undo-item.ts'

export interface ItemActGiven {
  readonly parts: BrokerParts
  readonly world: PlanWorld
  readonly retainedUndo: RetainedUndo
}

export type ItemAct = (member: Member, number: number, mayBeDone: boolean) => Promise<ItemResult>

/** The tombstone of an item has its name from the operation, which knows it again by that after a crash. */
export function tombstoneOf(operation: string, item: number): string {
  return `${operation}-${item}`
}

/** Undefined for a tombstone of nobody's operation. */
export function itemOfTombstone(
  id: string,
): { readonly operation: string; readonly item: number } | undefined {
  const match = /^(op_[0-9A-Z]{26})-(\d{1,7})$/.exec(id)
  return match === null ? undefined : { operation: match[1]!, item: Number(match[2]) }
}

export function itemAct(facts: OperationFacts, given: ItemActGiven): ItemAct {
  const { id, kind, action, options, actor, reason } = facts
  const { parts, retainedUndo } = given
  const by = { actor, reason: reason ?? undefined }
  if (kind === 'undo') return (member, _number, mayBeDone) => undoItem(member, mayBeDone, { ...given, by })
  assert(isPlanAction(action), 'only acts of plans have a list')
  if (action === 'retained.delete') {
    return (member, number, mayBeDone) =>
      actOnRetained(member, tombstoneOf(id, number), mayBeDone, { parts, retainedUndo })
  }
  const act: SessionActGiven = { parts, action, options, by, objection: objectionOf(facts, given.world) }
  return async (member, number, mayBeDone) => {
    const tombstone = tombstoneOf(id, number)
    const known = mayBeDone ? knownAgain(member, tombstone, act) : undefined
    return known ?? actOnSession(member, tombstone, act)
  }
}

function objectionOf(
  { filter, override }: OperationFacts,
  world: PlanWorld,
): (session: Session) => ItemResult | undefined {
  const meant = new Set(override)
  const parsed = filter === null ? undefined : parsedFilter(filter)
  return ({ clientId }) => {
    const rules = { mayTouch: () => true, protectedPrefixes: world.protectedPrefixes(), override: meant }
    if (blockedByName(clientId, rules) !== undefined) return skipped('protected')
    return parsed === undefined || world.matcher(parsed)(clientId) ? undefined : skipped('no-longer-matches')
  }
}

function parsedFilter(text: string): Filter {
  const parsed = parseFilter(text)
  assert(parsed.at === 'filter', 'what was a filter once is one still')
  return parsed
}

function isPlanAction(action: string): action is PlanAction {
  return (planActions as readonly string[]).includes(action)
}
