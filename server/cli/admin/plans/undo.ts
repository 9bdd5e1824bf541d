// `undo` and `tombstones`: what was taken away and can be put back.

import { pathSegment } from '../../../../shared/path-segment.ts'
import { bytesInWords, countInWords, numberInWords } from '../../../../shared/plain-words.ts'
import { yesFlag } from '../confirm.ts'
import { limitFlag, limitOf, reasonFlag, reasonOf } from '../flags.ts'
import type { Printer } from '../printer.ts'
import type { AdminRun, AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import { undoOperation } from './operations.ts'
import { plansGroup } from './plans.ts'

/** Whole operations have such names; what was taken from one of their items has the item's number behind it. */
const operationForm = /^op_[0-9A-HJKMNP-TV-Z]{26}$/

interface TombstoneRow {
  readonly id: string
  readonly what: string
  readonly clientId: string | null
  /** Of a retained message. */
  readonly topic: string | null
  readonly messages: number
  readonly bytes: number
  readonly subscriptions: number
  readonly buriedAt: string
  readonly until: string
}

/** The API gives the latest ones only: an operation has all of its own. */
const TOMBSTONES_MAX = 1_000

export const undoCommands: readonly AdminSpec[] = [
  {
    name: 'undo',
    group: plansGroup,
    summary: 'Take back what was done: all of an operation, or one session or queue that was taken away.',
    explanation: `ID is what the act printed. A session is put back with its subscriptions, its messages in their order and the state of
their packets, unless a session with its client id is there now. What was published meanwhile was never queued for it.
Of more than one item you are asked; in scripts, --yes stands for the answer.`,
    operands: [{ name: 'ID', times: 'once' }],
    flags: [yesFlag, reasonFlag],
    run: async given => {
      const [id = ''] = given.operands
      if (operationForm.test(id)) return undoOperation(given)
      await restore(given, id)
    },
  },
  {
    name: 'tombstones',
    group: plansGroup,
    summary: 'List what was taken away and can be put back, and until when.',
    flags: [
      { name: '--client-id', value: 'CLIENT-ID', meaning: 'Only what was taken from this one.' },
      limitFlag,
    ],
    run: async given => {
      const { api, print, options } = given
      const limit = Math.min(TOMBSTONES_MAX, limitOf(given))
      const { body } = await api.get('/tombstones', { clientId: options.get('--client-id'), limit })
      const { data } = body as { readonly data: readonly TombstoneRow[] }
      if (print.isJson) for (const row of data) print.json(row)
      else if (data.length === 0) print.note('Nothing can be put back.')
      else print.table(columnsOf(print), data)
    },
  },
]

async function restore(given: AdminRun, id: string): Promise<void> {
  const { api, print } = given
  const reason = reasonOf(given)
  const body = reason === undefined ? {} : { reason }
  const answer = await api.send('POST', `/tombstones/${pathSegment(id)}/restore`, { body, reason })
  if (print.isJson) {
    print.json(answer.body)
    return
  }
  const { clientId, messages } = answer.body as {
    readonly clientId: string | null
    readonly messages: number
  }
  const whose = clientId === null ? '' : ` of ${clientId}`
  print.line(`Put back what was taken away${whose}, with ${countInWords(messages, 'message')}.`)
}

function columnsOf(print: Printer): readonly Column<TombstoneRow>[] {
  return [
    { title: 'Id', text: ({ id }) => id },
    { title: 'What', text: ({ what }) => what },
    { title: 'Of', text: one => one.clientId ?? one.topic ?? '-', shrinksTo: 12 },
    { title: 'Messages', text: ({ messages }) => numberInWords(messages), align: 'right' },
    { title: 'Size', text: ({ bytes }) => bytesInWords(bytes), align: 'right' },
    { title: 'Subscriptions', text: one => `${one.subscriptions}`, align: 'right', onlyWide: true },
    { title: 'Taken', text: ({ buriedAt }) => print.time(buriedAt) },
    { title: 'Undo until', text: ({ until }) => print.time(until) },
  ]
}
