// The items of a plan, page by page, searched where that is asked for.

import type { PlanItem } from '../../../shared/plan.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { readMembers } from '../items/pages.ts'
import { actFacts } from './act-facts.ts'
import { SEARCHED_ITEMS_MAX } from './limits.ts'
import { itemOf } from './member.ts'
import type { PlanRecord } from './plan-records.ts'

export interface PlanItemsQuery {
  /** Part of the key. */
  readonly q?: string | undefined
  readonly blocked?: boolean | undefined
  /** From that number on. */
  readonly from: number
  readonly limit: number
}

export interface PlanItemsPage {
  readonly items: readonly PlanItem[]
  /** Where to go on; undefined at the end. A page may be short, or empty, and yet not the last. */
  readonly next: number | undefined
}

const MEMBERS_PER_READ = 1_024

export async function readPlanItems(
  side: SideDatabase,
  { plan, items: count }: PlanRecord,
  { q, blocked, from, limit }: PlanItemsQuery,
): Promise<PlanItemsPage> {
  const { kind } = actFacts[plan.action]
  const items: PlanItem[] = []
  const stop = Math.min(count, from + SEARCHED_ITEMS_MAX)
  for (let at = from; at < stop; at += MEMBERS_PER_READ) {
    const members = await readMembers(side, plan.id, at, Math.min(MEMBERS_PER_READ, stop - at))
    for (const [index, member] of members.entries()) {
      if (q !== undefined && !member.key.includes(q)) continue
      if (blocked !== undefined && (member.blocked !== undefined) !== blocked) continue
      if (items.length === limit) return { items, next: at + index }
      items.push(itemOf(member, at + index, kind))
    }
  }
  return { items, next: stop < count ? stop : undefined }
}
