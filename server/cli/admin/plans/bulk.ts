// An act on many: a plan is made, shown and confirmed, then executed and followed to its end.

import type { Operation } from '../../../../shared/operation.ts'
import { numberInWords } from '../../../../shared/plain-words.ts'
import { type Plan, type PlanRequest, planActions } from '../../../../shared/plan.ts'
import { CliProblem } from '../cli-problem.ts'
import { confirmCount, confirmFlags } from '../confirm.ts'
import { reasonFlag, reasonOf } from '../flags.ts'
import type { AdminRun, Flag } from '../spec.ts'
import { follow } from './follow.ts'
import { planInWords, showPlan, whatOf } from './plan-text.ts'

export const executeFlags: readonly Flag[] = [
  ...confirmFlags,
  reasonFlag,
  { name: '--no-wait', meaning: 'Do not follow it to its end: print what to ask for instead.' },
]

export async function actOnMany(given: AdminRun, request: PlanRequest): Promise<void> {
  const { api } = given
  const reason = await reasonFor(given)
  const { body } = await api.send('POST', '/plans', { body: request })
  await execute(given, body as Plan, reason)
}

export async function executePlan(given: AdminRun, id: string): Promise<void> {
  const reason = await reasonFor(given)
  const { body } = await given.api.get(`/plans/${id}`)
  await execute(given, body as Plan, reason)
}

/** Every act on many has one: asked for before anything is made, if somebody is there. */
async function reasonFor({ options, context }: AdminRun): Promise<string> {
  const reason = reasonOf({ options }) ?? (await context.terminal?.ask('Why (for the audit): '))?.trim()
  if (reason !== undefined && reason !== '') return reason
  throw new CliProblem('wrongUsage', 'An act on many needs a reason for the audit: --reason TEXT.')
}

async function execute(given: AdminRun, plan: Plan, reason: string): Promise<void> {
  const { api, print, switches, options, context } = given
  if (!print.isJson) showPlan(print, plan)
  if (plan.count === 0 && !options.has('--count')) {
    if (print.isJson) print.json(plan)
    else print.line(`There is nothing to ${plan.action}.`)
    return
  }
  await confirmCount({ switches, options }, context, plan.count, whatOf(plan))
  const body = { reason, confirmCount: plan.count }
  const answer = await api.send('POST', `/plans/${plan.id}/execute`, { body, ifMatch: `"${plan.digest}"` })
  const operation = answer.body as Operation
  if (!switches.has('--no-wait')) return follow(given, operation.id, planInWords(plan))
  if (print.isJson) print.json(operation)
  else print.line(`It runs: holdfast operations show ${operation.id} (${numberInWords(plan.count)} items)`)
}

export function isPlanAction(word: string): word is PlanRequest['action'] {
  return planActions.some(action => action === word)
}
