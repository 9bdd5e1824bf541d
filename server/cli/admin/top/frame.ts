// One picture of `top`: totals and rates above, the sessions that matter most below, within the terminal.

import { bytesInWords, numberInWords } from '../../../../shared/plain-words.ts'
import { printable } from '../../../../shared/printable.ts'
import type { SessionSummary } from '../../../../shared/session-summary.ts'
import { cutTo } from '../display-width.ts'
import type { Printer } from '../printer.ts'
import { sessionColumns } from '../sessions/session-columns.ts'
import { tableText } from '../table.ts'
import { timeText } from '../times.ts'
import type { Figures } from './figures.ts'

/** What `s` goes through. */
export const topSorts = ['-queued', '-bytes', '-full', '-dropped', '-inflight', 'expires', '-seen'] as const

export interface TopView {
  readonly url: string
  readonly sort: (typeof topSorts)[number]
  readonly filter: string | undefined
  readonly now: number
  readonly overview: Figures
  readonly sessions: readonly SessionSummary[]
  /** Why what is shown is not from now. */
  readonly trouble: string | undefined
}

/** Totals, rates, store, an empty line and the head of the table; below it the keys. */
const OTHER_LINES = 8

export function rowsOfTable(rows: number): number {
  return Math.max(1, rows - OTHER_LINES)
}

/** As many lines as there are rows, none wider than the terminal. */
export function frameLines(view: TopView, print: Printer, columns: number, rows: number): readonly string[] {
  const table = tableText(sessionColumns(print), view.sessions, columns).trimEnd().split('\n')
  const lines = [...headLines(view), '', ...table]
  const shown = lines.slice(0, Math.max(1, rows - 1)).map(line => cutTo(line, columns))
  while (shown.length < rows - 1) shown.push('')
  return [...shown, cutTo('q quit   s sort by the next column   space draw now', columns)]
}

function headLines({ url, sort, filter, now, overview, trouble }: TopView): readonly string[] {
  const time = timeText(new Date(now).toISOString(), now, 'utc').slice(11)
  const { sessions, online, offline, stuck, conflicts, queued, retained, subscriptions, rates } = overview
  const [all, up, away, bad, fought] = [sessions, online, offline, stuck, conflicts].map(numberInWords)
  const [into, out, dropped, connects] = [
    rates.messagesIn,
    rates.messagesOut,
    rates.dropped,
    rates.connects,
  ].map(numberInWords)
  return [
    `${printable(url)}  ${time}  by ${sort}${filter === undefined ? '' : `, ${printable(filter)}`}`,
    `Sessions  ${all}: ${up} online, ${away} offline, ${bad} stuck, ${fought} in conflict`,
    `Queued    ${numberInWords(queued.count)} messages, ${bytesInWords(queued.bytes)}; ${numberInWords(retained)} retained, ${numberInWords(subscriptions)} subscriptions`,
    `A second  ${into} in, ${out} out, ${dropped} dropped, ${connects} connects`,
    printable(trouble ?? storeText(overview.store)),
  ]
}

function storeText({ engine, durability, bytes, bytesMax, problem }: Figures['store']): string {
  return `Store     ${problem ?? `${engine}, ${durability}: ${bytesInWords(bytes)} of ${bytesInWords(bytesMax)}`}`
}
