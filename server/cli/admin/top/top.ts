// `top`: the broker at a glance in the terminal, drawn anew every two seconds.

import { setTimeout as wait } from 'node:timers/promises'
import type { SessionSummary } from '../../../../shared/session-summary.ts'
import type { Terminal } from '../../command.ts'
import { wholeNumber } from '../arguments.ts'
import { brokerGroup } from '../broker/event-commands.ts'
import { CliProblem } from '../cli-problem.ts'
import { filterFlag, filterOf } from '../flags.ts'
import type { AdminRun, AdminSpec } from '../spec.ts'
import type { Figures } from './figures.ts'
import { frameLines, rowsOfTable, type TopView, topSorts } from './frame.ts'
import { Screen } from './screen.ts'

const SECONDS_USUAL = 2
const CTRL_C = '\u0003'
const QUITS: ReadonlySet<string> = new Set(['q', 'Q', CTRL_C])

export const topCommand: AdminSpec = {
  name: 'top',
  group: brokerGroup,
  summary: 'Watch totals, rates and the fullest sessions in the terminal; q quits, s sorts.',
  flags: [
    filterFlag,
    { name: '--every', value: 'SECONDS', meaning: `How often it is drawn anew (default ${SECONDS_USUAL}).` },
  ],
  run: async given => {
    const { api, clock, context, print } = given
    const { terminal } = context
    if (terminal === undefined || print.isJson)
      throw new CliProblem(
        'wrongUsage',
        'top draws on a terminal, and there is none: scripts take `holdfast sessions list --sort -queued --json`.',
      )
    const everyMs = 1_000 * (wholeNumber(given, '--every', { min: 1, max: 3_600 }) ?? SECONDS_USUAL)
    const empty = { url: api.url, sort: topSorts[0], filter: filterOf(given), now: clock.now(), sessions: [] }
    // Before the screen is taken: a key that is refused is told in the usual way.
    const overview = await readOverview(given)
    await watch(given, terminal, everyMs, { ...empty, overview, trouble: undefined })
  },
}

async function readOverview({ api }: AdminRun): Promise<Figures> {
  const { body } = await api.get('/overview')
  return (body as { readonly figures: Figures }).figures
}

async function watch(given: AdminRun, terminal: Terminal, everyMs: number, begin: TopView): Promise<void> {
  let view = begin
  let isOver = false
  let wake = (): void => undefined
  const draw = (): void => {
    screen.draw(frameLines(view, given.print, terminal.columns, terminal.rows))
  }
  const key = (pressed: string): void => {
    if (QUITS.has(pressed)) isOver = true
    else if (pressed === 's') view = { ...view, sort: sortAfter(view.sort) }
    else if (pressed !== ' ') return
    wake()
  }
  const screen = new Screen(given.context.out, terminal, { key, resized: draw })
  try {
    while (!isOver) {
      const woken = new Promise<void>(resolve => {
        wake = resolve
      })
      const news = readNews(given, view, rowsOfTable(terminal.rows))
      // Whoever quits does not wait for a broker that does not answer.
      const read = await Promise.race([news, woken])
      if (read === undefined) continue
      view = { ...view, ...read }
      draw()
      await Promise.race([wait(everyMs), woken])
    }
  } finally {
    screen.close()
  }
}

function sortAfter(sort: TopView['sort']): TopView['sort'] {
  return topSorts[(topSorts.indexOf(sort) + 1) % topSorts.length]!
}

/** What cannot be had leaves what was there before, with the reason beside it. */
async function readNews(
  given: AdminRun,
  { sort, filter }: TopView,
  limit: number,
): Promise<Partial<TopView>> {
  const { api, clock } = given
  try {
    const query = { sort, filter, limit: Math.min(limit, 1_000) }
    const [overview, page] = await Promise.all([readOverview(given), api.get('/sessions', query)])
    const { data } = page.body as { readonly data: readonly SessionSummary[] }
    return { now: clock.now(), overview, sessions: data, trouble: undefined }
  } catch (error) {
    if (!(error instanceof CliProblem) || error.exit === 'notAllowed') throw error
    return { now: clock.now(), trouble: `NOT FROM NOW: ${error.message.split('\n', 1)[0]}` }
  }
}
