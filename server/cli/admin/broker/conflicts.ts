// `conflicts`: client ids that several clients fight over, who they are, and what helps.

import type { Conflict, Contender } from '../../../../shared/conflict.ts'
import { pathSegment } from '../../../../shared/path-segment.ts'
import { countInWords, numberInWords, spanInWords } from '../../../../shared/plain-words.ts'
import { parseDurationMs } from '../../../../shared/units.ts'
import { CliProblem } from '../cli-problem.ts'
import { limitFlag, limitOf } from '../flags.ts'
import type { Printer } from '../printer.ts'
import type { AdminRun, AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import { brokerGroup } from './event-commands.ts'

const LIMIT_MAX = 1_000

interface ConflictList {
  readonly data: readonly Conflict[]
  readonly total: number
}

export const conflictCommands: readonly AdminSpec[] = [
  {
    name: 'conflicts',
    group: brokerGroup,
    summary: 'Show client ids that several clients take from each other, or who fights over one of them.',
    operands: [{ name: 'CLIENT-ID', times: 'optional' }],
    flags: [
      {
        name: '--window',
        value: 'SPAN',
        meaning: 'Only takeovers of the last `10m`, `1h`, ... (default 1d).',
      },
      limitFlag,
    ],
    run: async given => {
      const [clientId] = given.operands
      if (clientId === undefined) return list(given)
      const { body } = await given.api.get(`/conflicts/${pathSegment(clientId)}`)
      if (given.print.isJson) given.print.json(body)
      else showConflict(given.print, body as Conflict)
    },
  },
]

async function list(given: AdminRun): Promise<void> {
  const { api, print } = given
  const limit = Math.min(LIMIT_MAX, limitOf(given))
  const { body } = await api.get('/conflicts', { window: windowOf(given), limit })
  const { data, total } = body as ConflictList
  if (print.isJson) for (const conflict of data) print.json(conflict)
  else if (data.length === 0) print.note('No conflict.')
  else print.table(columnsOf(print), data)
  if (total > data.length)
    print.note(`These are ${data.length} of ${countInWords(total, 'conflict')}; --limit N shows more.`)
}

function windowOf({ options }: AdminRun): number | undefined {
  const text = options.get('--window')
  if (text === undefined) return undefined
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms >= 1_000 && ms <= 86_400_000) return Math.ceil(ms / 1_000)
  throw new CliProblem('wrongUsage', `--window must be from 1s to 1d, not ${JSON.stringify(text)}.`)
}

function columnsOf(print: Printer): readonly Column<Conflict>[] {
  return [
    { title: 'Client id', text: ({ clientId }) => clientId, shrinksTo: 12 },
    { title: 'Goes on', text: ({ isActive }) => (isActive ? 'yes' : 'no') },
    { title: 'A minute', text: ({ perMinute }) => `${perMinute}`, align: 'right' },
    { title: 'Takeovers', text: ({ takeovers }) => numberInWords(takeovers), align: 'right' },
    { title: 'Since', text: ({ since }) => print.time(since) },
    { title: 'Last', text: ({ lastAt }) => print.time(lastAt) },
    { title: 'What', text: ({ sentence }) => sentence, shrinksTo: 16 },
  ]
}

function showConflict(print: Printer, conflict: Conflict): void {
  const { takeovers, perMinute, isActive, heldMs, redelivered } = conflict
  print.line(conflict.sentence)
  print.line()
  print.facts([
    ['Client id', conflict.clientId],
    [
      'Takeovers',
      `${numberInWords(takeovers)} since ${print.time(conflict.since)}, last ${print.time(conflict.lastAt)}`,
    ],
    ['Goes on', isActive ? `yes, ${perMinute} a minute` : 'no'],
    ['Held for', heldMs < 2_000 ? `${Math.round(heldMs)} ms` : spanInWords(heldMs)],
    ['Sent again', redelivered === 0 ? undefined : countInWords(redelivered, 'message')],
  ])
  print.line()
  print.table(contenderColumns(print), conflict.contenders)
  for (const { title, text, code } of conflict.advice) {
    print.line()
    print.line(`${title}: ${text}`)
    for (const line of code?.split('\n') ?? []) print.line(`    ${line}`)
  }
}

function contenderColumns(print: Printer): readonly Column<Contender>[] {
  return [
    {
      title: 'From',
      text: ({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`,
    },
    { title: 'Over', text: ({ transport }) => transport },
    { title: 'Wins', text: ({ wins }) => numberInWords(wins), align: 'right' },
    { title: 'Last', text: ({ lastAt }) => print.time(lastAt) },
    { title: 'Origin', text: ({ origin }) => origin ?? '-', shrinksTo: 8 },
    { title: 'Path', text: ({ path }) => path ?? '-', shrinksTo: 5 },
    { title: 'Browser', text: ({ userAgent }) => userAgent ?? '-', shrinksTo: 8 },
  ]
}
