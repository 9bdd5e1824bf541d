// Adds up what a plan would do: what a person reads before confirming.

import {
  type BlockedReason,
  blockedReasons,
  OPERATOR_ITEMS_MAX,
  type Plan,
  type PlanAction,
  TYPED_COUNT_ITEMS,
  TYPED_COUNT_MESSAGES,
} from '../../../shared/plan.ts'
import type { Millis } from '../../clock.ts'
import { TOMBSTONE_BYTES, TOMBSTONE_SUBSCRIPTION_BYTES } from '../../limits.ts'
import { actFacts, PASSING } from './act-facts.ts'
import { itemOf, type Member } from './member.ts'

const BIGGEST_SHOWN = 5
const SAMPLE_SHOWN = 20
const BLOCKED_SHOWN = 20
const PREFIXES_SHOWN = 20
/** Different prefixes that are counted: identifiers that clients draw by lot may have one each. */
const PREFIXES_MAX = 10_000

/** What an undo may cost at the moment. */
export interface UndoRoom {
  /** Undefined: nothing can be undone. */
  readonly windowMs: Millis | undefined
  readonly bytesFree: number
}

export type PlanTotals = Pick<
  Plan,
  | 'count'
  | 'breakdown'
  | 'messagesLost'
  | 'bytesLost'
  | 'wills'
  | 'undoable'
  | 'undo'
  | 'undoUntil'
  | 'blockedCount'
  | 'blockedReasons'
  | 'blocked'
  | 'biggest'
  | 'prefixes'
  | 'sample'
  | 'needs'
>

interface Numbered {
  readonly member: Member
  readonly number: number
}

export class Totals {
  readonly #action: PlanAction
  readonly #prefixOf: (key: string) => string
  readonly #prefixes = new Map<string, number>()
  readonly #blockedReasons = new Map<BlockedReason, number>()
  readonly #blocked: Numbered[] = []
  readonly #sample: Numbered[] = []
  /** Most bytes first. */
  readonly #biggest: Numbered[] = []
  #count = 0
  #online = 0
  #messages = 0
  #bytes = 0
  #wills = 0
  #blockedCount = 0
  /** Items that end with their connection. */
  #passing = 0
  #undoBytes = 0

  constructor(action: PlanAction, prefixOf: (key: string) => string) {
    this.#action = action
    this.#prefixOf = prefixOf
  }

  add(member: Member, number: number): void {
    if (member.blocked !== undefined) {
      this.#blockedCount++
      this.#blockedReasons.set(member.blocked, (this.#blockedReasons.get(member.blocked) ?? 0) + 1)
      if (this.#blocked.length < BLOCKED_SHOWN) this.#blocked.push({ member, number })
      return
    }
    this.#count++
    this.#messages += member.messages
    this.#bytes += member.bytes
    if (member.connected) this.#online++
    if (member.will) this.#wills++
    if (member.particulars === PASSING) this.#passing++
    else this.#undoBytes += undoBytesOf(this.#action, member)
    if (this.#sample.length < SAMPLE_SHOWN) this.#sample.push({ member, number })
    this.#rank({ member, number })
    this.#countPrefix(member.key)
  }

  result(undo: UndoRoom, now: Millis): PlanTotals {
    const { kind } = actFacts[this.#action]
    const item = ({ member, number }: Numbered) => itemOf(member, number, kind)
    const undoFacts = this.#undo(undo)
    const { windowMs } = undo
    const until = undoFacts.items > 0 && windowMs !== undefined ? now + windowMs : undefined
    return {
      count: this.#count,
      breakdown: { offline: kind === 'client' ? this.#count - this.#online : 0, online: this.#online },
      messagesLost: this.#messages,
      bytesLost: this.#bytes,
      wills: this.#wills,
      undoable: undoFacts.why === null,
      undo: undoFacts,
      undoUntil: until === undefined ? null : new Date(until).toISOString(),
      blockedCount: this.#blockedCount,
      blockedReasons: blockedReasons.flatMap(reason => {
        const count = this.#blockedReasons.get(reason)
        return count === undefined ? [] : [{ reason, count }]
      }),
      blocked: this.#blocked.map(item),
      biggest: this.#biggest.map(item),
      prefixes: this.#largestPrefixes(),
      sample: this.#sample.map(item),
      needs: {
        typedCount:
          this.#count > TYPED_COUNT_ITEMS || this.#messages > TYPED_COUNT_MESSAGES || this.#online > 0,
        role: this.#count > OPERATOR_ITEMS_MAX ? 'admin' : 'operator',
      },
    }
  }

  #undo({ windowMs, bytesFree }: UndoRoom): Plan['undo'] {
    const bytes = this.#undoBytes
    const common = { bytes, bytesFree }
    switch (actFacts[this.#action].undo) {
      case 'never':
        return { items: 0, why: 'no-undo', ...common }
      case 'back':
        return { items: this.#count, why: null, ...common }
      case 'tombstone': {
        const items = this.#count - this.#passing
        if (windowMs === undefined) return { items: 0, why: 'off', ...common }
        // Which of them would fit depends on what else is taken away meanwhile: none is promised.
        if (bytes > bytesFree) return { items: 0, why: 'over-budget', ...common }
        return { items, why: this.#passing === 0 ? null : 'ends-with-connection', ...common }
      }
    }
  }

  #rank(candidate: Numbered): void {
    const { bytes } = candidate.member
    if (this.#biggest.length === BIGGEST_SHOWN && this.#biggest.at(-1)!.member.bytes >= bytes) return
    const before = this.#biggest.findIndex(({ member }) => member.bytes < bytes)
    this.#biggest.splice(before === -1 ? this.#biggest.length : before, 0, candidate)
    if (this.#biggest.length > BIGGEST_SHOWN) this.#biggest.pop()
  }

  #countPrefix(key: string): void {
    const prefix = this.#prefixOf(key)
    const count = this.#prefixes.get(prefix)
    if (count === undefined && this.#prefixes.size >= PREFIXES_MAX) return
    this.#prefixes.set(prefix, (count ?? 0) + 1)
  }

  #largestPrefixes(): Plan['prefixes'] {
    return [...this.#prefixes]
      .map(([prefix, count]) => ({ prefix, count }))
      .sort((a, b) => b.count - a.count || (a.prefix < b.prefix ? -1 : 1))
      .slice(0, PREFIXES_SHOWN)
  }
}

function undoBytesOf(action: PlanAction, { bytes, subscriptions }: Member): number {
  if (actFacts[action].undo !== 'tombstone') return 0
  const takesSession = action === 'clean' || action === 'expire'
  return TOMBSTONE_BYTES + bytes + (takesSession ? subscriptions * TOMBSTONE_SUBSCRIPTION_BYTES : 0)
}
