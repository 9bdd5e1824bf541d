// `plan`: an act on many, looked at before it is done, by whoever does it or by somebody else.

import { type Plan, type PlanItem, type PlanRequest, planActions } from '../../../../shared/plan.ts'
import { CliProblem } from '../cli-problem.ts'
import { filterFlag, filterOf, limitFlag } from '../flags.ts'
import { printList } from '../print-list.ts'
import type { AdminSpec, Arguments, Flag } from '../spec.ts'
import { executeFlags, executePlan, isPlanAction } from './bulk.ts'
import { expiryFlags, holdFlag, messageFlags, planOptions, rateFlag, willFlag } from './plan-options.ts'
import { planItemColumns, showPlan } from './plan-text.ts'

export const plansGroup = 'Acts on many sessions, and undo'

const planOperand = [{ name: 'PLAN', times: 'once' }] as const

const idsFlags: readonly Flag[] = [
  {
    name: '--exclude',
    value: 'LIST',
    meaning: 'Client ids, or topics, that are left alone, with commas between.',
  },
  {
    name: '--override',
    value: 'LIST',
    meaning: 'Protected client ids that are meant all the same; for admins.',
  },
]

export const planCommands: readonly AdminSpec[] = [
  {
    name: 'plan create',
    group: plansGroup,
    summary: 'Freeze which sessions an act would be done to, and show what would be lost.',
    explanation: `ACTION is one of ${planActions.join(', ')}.
Nothing is done. A plan is good for some minutes; \`plan execute\` skips what has changed since.
Name client ids (for retained.delete: topics) or give --filter (for retained.delete: a topic filter).`,
    operands: [
      { name: 'ACTION', times: 'once' },
      { name: 'ID', times: 'any' },
    ],
    flags: [filterFlag, ...idsFlags, holdFlag, willFlag, rateFlag, ...expiryFlags, ...messageFlags],
    run: async given => {
      const { api, print } = given
      const { body } = await api.send('POST', '/plans', { body: requestOf(given) })
      const plan = body as Plan
      if (print.isJson) {
        print.json(plan)
        return
      }
      showPlan(print, plan)
      if (plan.count > 0) print.line(`To do it: holdfast plan execute ${plan.id}`)
    },
  },
  {
    name: 'plan show',
    group: plansGroup,
    summary: 'Show a plan.',
    operands: planOperand,
    run: async ({ api, print, operands }) => {
      const { body } = await api.get(`/plans/${operands[0]}`)
      if (print.isJson) print.json(body)
      else showPlan(print, body as Plan)
    },
  },
  {
    name: 'plan items',
    group: plansGroup,
    summary: 'List what a plan would be done to, and what it leaves alone.',
    operands: planOperand,
    flags: [limitFlag],
    run: async given => {
      const path = `/plans/${given.operands[0]}/items`
      await printList<PlanItem>(given, {
        path,
        query: {},
        columns: planItemColumns(given.print),
        what: 'item',
      })
    },
  },
  {
    name: 'plan execute',
    group: plansGroup,
    summary: 'Do what a plan says, once its number has been typed; what has changed since is skipped.',
    operands: planOperand,
    flags: executeFlags,
    run: given => executePlan(given, given.operands[0] ?? ''),
  },
]

function requestOf(given: Arguments): PlanRequest {
  const [action = '', ...ids] = given.operands
  if (!isPlanAction(action))
    throw new CliProblem(
      'wrongUsage',
      `${JSON.stringify(action)} is no action; there are ${planActions.join(', ')}.`,
    )
  const exclude = wordsOf(given, '--exclude')
  const override = wordsOf(given, '--override')
  const common = {
    action,
    options: planOptions(given),
    ...(exclude === undefined ? {} : { exclude }),
    ...(override === undefined ? {} : { override }),
  }
  if (given.options.has('--filter')) {
    if (ids.length > 0) throw new CliProblem('wrongUsage', 'Give ids or --filter, not both.')
    const filter = action === 'retained.delete' ? given.options.get('--filter') : filterOf(given)
    return { ...common, filter: filter ?? '' }
  }
  if (ids.length === 0) throw new CliProblem('wrongUsage', 'Name ids, or say with --filter which are meant.')
  return action === 'retained.delete'
    ? { ...common, topics: ids }
    : { ...common, ids: ids.map(clientId => ({ clientId })) }
}

function wordsOf({ options }: Arguments, flag: string): string[] | undefined {
  return options
    .get(flag)
    ?.split(',')
    .filter(word => word !== '')
}
