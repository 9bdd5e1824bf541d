// What has changed between a plan that has expired and the one that was made in its place.

import type { Plan, PlanDifference, PlanItem } from '../../../shared/plan.ts'
import type { Page } from '../../../shared/shapes.ts'
import { get } from '../../app/api.ts'

/** Of each side; beyond it only the numbers are compared. */
const COMPARED_MAX = 1_000
const SAMPLE = 10

/** Rejects with ApiProblem. */
export async function differenceOf(before: Plan, after: Plan): Promise<PlanDifference> {
  const grown = after.count - before.count
  if (Math.max(before.count, after.count) > COMPARED_MAX)
    return {
      added: { count: Math.max(0, grown), sample: [] },
      gone: { count: Math.max(0, -grown), sample: [] },
    }
  const [was, is] = await Promise.all([itemsOf(before.id), itemsOf(after.id)])
  return { added: part(is, was), gone: part(was, is) }
}

async function itemsOf(planId: string): Promise<ReadonlySet<string>> {
  const query = { blocked: false, limit: COMPARED_MAX }
  const path = `/plans/${encodeURIComponent(planId)}/items`
  const { data } = await get<{ readonly data: readonly PlanItem[]; readonly page: Page }>(path, query)
  return new Set(data.map(item => item.clientId ?? item.topic ?? ''))
}

function part(of: ReadonlySet<string>, less: ReadonlySet<string>): PlanDifference['added'] {
  const only = [...of].filter(one => !less.has(one))
  return { count: only.length, sample: only.slice(0, SAMPLE) }
}
