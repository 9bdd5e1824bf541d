// `operations`: acts that run or ran, what became of each item, and how to stop, repeat or undo them.

import { itemFilterStatuses, type Operation, type OperationItem } from '../../../../shared/operation.ts'
import { oneOfWords } from '../arguments.ts'
import { confirmUndo, yesFlag } from '../confirm.ts'
import { limitFlag, reasonFlag, reasonOf } from '../flags.ts'
import { printList } from '../print-list.ts'
import type { AdminRun, AdminSpec } from '../spec.ts'
import { follow } from './follow.ts'
import { operationColumns, operationItemColumns, showOperation } from './operation-text.ts'
import { plansGroup } from './plans.ts'

const operationOperand = [{ name: 'OPERATION', times: 'once' }] as const

export const operationCommands: readonly AdminSpec[] = [
  {
    name: 'operations list',
    group: plansGroup,
    summary: 'List acts that run or ran, the newest first.',
    flags: [limitFlag],
    run: async given => {
      const columns = operationColumns(given.print)
      await printList<Operation>(given, { path: '/operations', query: {}, columns, what: 'operation' })
    },
  },
  {
    name: 'operations show',
    group: plansGroup,
    summary: 'Show one of them.',
    operands: operationOperand,
    run: async ({ api, print, operands }) => {
      const { body } = await api.get(`/operations/${operands[0]}`)
      if (print.isJson) print.json(body)
      else showOperation(print, body as Operation)
    },
  },
  {
    name: 'operations items',
    group: plansGroup,
    summary: 'List what became of each item.',
    operands: operationOperand,
    flags: [
      { name: '--status', value: 'STATUS', meaning: `Only those that are ${itemFilterStatuses.join(', ')}.` },
      limitFlag,
    ],
    run: async given => {
      const query = { status: oneOfWords(given, '--status', itemFilterStatuses) }
      const path = `/operations/${given.operands[0]}/items`
      const columns = operationItemColumns(given.print)
      await printList<OperationItem>(given, { path, query, columns, what: 'item' })
    },
  },
  {
    name: 'operations cancel',
    group: plansGroup,
    summary: 'Stop one that runs; what is done stays done.',
    operands: operationOperand,
    flags: [reasonFlag],
    run: async given => {
      const { api, operands } = given
      await api.send('POST', `/operations/${operands[0]}/cancel`, asked(given))
      await follow(given, operands[0] ?? '', 'Cancelled')
    },
  },
  {
    name: 'operations retry',
    group: plansGroup,
    summary: 'Try once more what failed.',
    operands: operationOperand,
    flags: [reasonFlag],
    run: given => derive(given, 'retry-failed', 'Retry'),
  },
  {
    name: 'operations undo',
    group: plansGroup,
    summary: 'Take back what one has done, as far as it can be.',
    explanation: `What was published meanwhile was queued for nobody and does not come back with it. Of more than one item you are
asked; in scripts, --yes stands for the answer.`,
    operands: operationOperand,
    flags: [yesFlag, reasonFlag],
    run: undoOperation,
  },
]

export async function undoOperation(given: AdminRun): Promise<void> {
  const { api, operands, context } = given
  const { body } = await api.get(`/operations/${operands[0]}`)
  await confirmUndo(given, context, (body as Operation).undo.items)
  await derive(given, 'undo', 'Undo')
}

async function derive(given: AdminRun, what: 'undo' | 'retry-failed', did: string): Promise<void> {
  const { api, operands } = given
  const { body } = await api.send('POST', `/operations/${operands[0]}/${what}`, asked(given))
  await follow(given, (body as Operation).id, did)
}

function asked(given: AdminRun) {
  const reason = reasonOf(given)
  return { body: reason === undefined ? {} : { reason }, reason }
}
