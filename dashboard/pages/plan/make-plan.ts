// Asks the broker for a plan, and remembers what was asked: whoever leaves items out, or comes too late, asks again.

import type { Plan, PlanRequest } from '../../../shared/plan.ts'
import { ask } from '../../app/api.ts'

const KEY = 'holdfast.plan.'
/** Requests may name thousands of client ids, and a browser keeps some megabytes for all of them. */
const REMEMBERED_MAX = 3

/** Rejects with ApiProblem. */
export async function makePlan(request: PlanRequest): Promise<Plan> {
  const { data } = await ask<Plan>('POST', '/plans', { body: request })
  remember(data.id, request)
  return data
}

/** Undefined in another tab or browser than the one in which it was made. */
export function requestOf(planId: string): PlanRequest | undefined {
  const text = sessionStorage.getItem(KEY + planId)
  return text === null ? undefined : (JSON.parse(text) as PlanRequest)
}

function remember(planId: string, request: PlanRequest): void {
  const earlier = Object.keys(sessionStorage).filter(key => key.startsWith(KEY))
  for (const key of earlier.sort().slice(0, -REMEMBERED_MAX)) sessionStorage.removeItem(key)
  try {
    sessionStorage.setItem(KEY + planId, JSON.stringify(request))
  } catch (error) {
    // Full: the plan is there all the same, and only items cannot be left out of it here.
    if (!(error instanceof DOMException)) throw error
  }
}
