// Operations and what became of their items, as a person reads them.

import type { Operation, OperationItem } from '../../../../shared/operation.ts'
import { bytesInWords, countInWords, numberInWords, spanInWords } from '../../../../shared/plain-words.ts'
import type { Printer } from '../printer.ts'
import type { Column } from '../table.ts'

export function operationColumns(print: Printer): readonly Column<Operation>[] {
  return [
    { title: 'Operation', text: ({ id }) => id },
    { title: 'What', text: actionText },
    { title: 'State', text: stateOf },
    { title: 'Ok', text: ({ ok }) => numberInWords(ok), align: 'right' },
    { title: 'Skipped', text: ({ skipped }) => numberInWords(skipped), align: 'right' },
    { title: 'Failed', text: ({ failed }) => numberInWords(failed), align: 'right' },
    { title: 'Of', text: ({ count }) => numberInWords(count), align: 'right' },
    { title: 'Began', text: ({ startedAt }) => print.time(startedAt) },
    { title: 'By', text: ({ actor }) => actor, shrinksTo: 4 },
    { title: 'Undo until', text: ({ undo }) => print.time(undo.until), onlyWide: true },
    { title: 'Reason', text: ({ reason }) => reason ?? '-', onlyWide: true },
  ]
}

function actionText({ kind, action, clientId, topic }: Operation): string {
  const what = kind === 'plan' || kind === 'single' ? action : `${kind} of ${action}`
  const whose = clientId ?? topic
  return whose === null ? what : `${what} ${whose}`
}

function stateOf({ state, waitsFor }: Operation): string {
  return waitsFor === null ? state : `${state}, waits for ${waitsFor}`
}

export function showOperation(print: Printer, operation: Operation): void {
  const { count, ok, skipped, failed, messages, bytes, endedAt, undo } = operation
  const left = count - ok - skipped - failed
  print.facts([
    ['Operation', `${operation.id}: ${actionText(operation)}`],
    ['State', stateOf(operation)],
    ['Filter', operation.filter ?? undefined],
    ['Of', operation.of ?? undefined],
    ['Plan', operation.plan ?? undefined],
    ['By', operation.actor],
    ['Reason', operation.reason ?? undefined],
    ['Began', print.time(operation.startedAt)],
    ['Took', endedAt === null ? undefined : tookText(operation)],
    [
      'Results',
      `${countsText(operation)} of ${numberInWords(count)}${left > 0 ? `, ${numberInWords(left)} left` : ''}`,
    ],
    ['Messages', messages === 0 ? undefined : `${countInWords(messages, 'message')}, ${bytesInWords(bytes)}`],
    [
      'Undo',
      undo.items === 0
        ? undefined
        : `${countInWords(undo.items, 'item')}, ${undo.until === null ? 'without end' : print.deadline(undo.until)}`,
    ],
  ])
}

/** `29 ok, 1 skipped, 1 failed` */
export function countsText({ ok, skipped, failed }: Pick<Operation, 'ok' | 'skipped' | 'failed'>): string {
  const parts = [`${numberInWords(ok)} ok`]
  if (skipped > 0) parts.push(`${numberInWords(skipped)} skipped`)
  if (failed > 0) parts.push(`${numberInWords(failed)} failed`)
  return parts.join(', ')
}

export function tookText({ startedAt, endedAt }: Pick<Operation, 'startedAt' | 'endedAt'>): string {
  const ms = Math.max(0, Date.parse(endedAt ?? startedAt) - Date.parse(startedAt))
  return ms < 2_000 ? `${ms} ms` : spanInWords(ms)
}

export function operationItemColumns(print: Printer): readonly Column<OperationItem>[] {
  return [
    { title: 'Item', text: ({ clientId, topic }) => clientId ?? topic ?? '-', shrinksTo: 16 },
    { title: 'Result', text: ({ status }) => status },
    {
      title: 'Why',
      text: ({ reason, detail }) => [reason, detail].filter(Boolean).join(': ') || '-',
      shrinksTo: 12,
    },
    { title: 'Messages', text: ({ messages }) => numberInWords(messages), align: 'right' },
    { title: 'Size', text: ({ bytes }) => bytesInWords(bytes), align: 'right' },
    { title: 'When', text: ({ at }) => print.time(at), onlyWide: true },
    { title: 'Undo', text: ({ tombstone }) => tombstone ?? '-', onlyWide: true },
  ]
}
