// `sessions list`, `count` and `export`: the same sessions, as a table, a number or a file.

import { numberInWords } from '../../../../shared/plain-words.ts'
import { type Facet, facetKeys } from '../../../../shared/session-facets.ts'
import { parseSort, sortKeys } from '../../../../shared/session-sort.ts'
import type { SessionSummary } from '../../../../shared/session-summary.ts'
import { oneOfWords } from '../arguments.ts'
import { CliProblem } from '../cli-problem.ts'
import { filterFlag, filterOf, limitFlag, limitOf } from '../flags.ts'
import { printList } from '../print-list.ts'
import type { AdminSpec, Arguments } from '../spec.ts'
import { sessionColumns } from './session-columns.ts'

export const sessionsGroup = 'Sessions of a running broker'

const filterHelp = `A filter is written as in the dashboard: 'id:web-* state:stuck', 'queued>=100 full>=90%', 'bytes>1MiB',
'expires<1h', 'seen>7d', 'proto:4', 'ip:10.0.0.0/8', 'sub:orders/+/status', with a minus in front for not.
Alternatives stand between commas. docs/FILTERS.md has all of it.`

const sortFlag = {
  name: '--sort',
  value: 'COLUMN',
  meaning: `By ${sortKeys.slice(0, 8).join(', ')}, ...; a minus in front turns it around.`,
} as const

export const sessionListCommands: readonly AdminSpec[] = [
  {
    name: 'sessions list',
    group: sessionsGroup,
    summary: 'List sessions, all or those that a filter finds.',
    explanation: filterHelp,
    flags: [filterFlag, sortFlag, limitFlag],
    run: async given => {
      const query = { filter: filterOf(given), sort: sortOf(given) }
      const columns = sessionColumns(given.print)
      await printList<SessionSummary>(given, { path: '/sessions', query, columns, what: 'session' })
    },
  },
  {
    name: 'sessions count',
    group: sessionsGroup,
    summary: 'Count sessions, in all or by one fact.',
    explanation: filterHelp,
    flags: [
      filterFlag,
      { name: '--by', value: 'FACT', meaning: `One of ${facetKeys.join(', ')}.` },
      limitFlag,
    ],
    run: async given => {
      const { api, print } = given
      const filter = filterOf(given)
      const by = oneOfWords(given, '--by', facetKeys)
      if (by === undefined) {
        const { body } = await api.get('/sessions:count', { filter })
        if (print.isJson) print.json(body)
        else print.line(`${(body as { readonly count: number }).count}`)
        return
      }
      const limit = Math.min(limitOf(given), 1_000)
      const { body } = await api.get('/sessions:facets', { filter, by, limit })
      if (print.isJson) {
        print.json(body)
        return
      }
      const { data, other } = body as { readonly data: readonly Facet[]; readonly other: number }
      print.table<Facet>(
        [
          { title: by, text: ({ value }) => value ?? '(none)', shrinksTo: 12 },
          { title: 'Sessions', text: ({ count }) => numberInWords(count), align: 'right' },
          { title: 'Filter', text: facet => facet.filter, shrinksTo: 12 },
        ],
        data,
      )
      if (other > 0) print.note(`${numberInWords(other)} more sessions are in none of these.`)
    },
  },
  {
    name: 'sessions export',
    group: sessionsGroup,
    summary: 'Write sessions to the output, all that a filter finds, as they are at one moment.',
    explanation: filterHelp,
    flags: [
      filterFlag,
      { name: '--format', value: 'FORMAT', meaning: 'csv, or ndjson (the default): one JSON object a line.' },
      { name: '--fields', value: 'LIST', meaning: 'Only these members of each, with commas between.' },
    ],
    run: async given => {
      const { api, options, context } = given
      const format = oneOfWords(given, '--format', ['csv', 'ndjson']) ?? 'ndjson'
      const query = { filter: filterOf(given), format, fields: options.get('--fields') }
      for await (const text of api.download('/sessions:export', query)) context.out(text)
    },
  },
]

function sortOf({ options }: Pick<Arguments, 'options'>): string | undefined {
  const text = options.get('--sort')
  if (text === undefined) return undefined
  const sort = parseSort(text)
  if (!('at' in sort)) return text
  const hint = sort.suggestion === undefined ? '' : ` Did you mean ${sort.suggestion}?`
  throw new CliProblem('wrongUsage', `--sort is wrong: ${sort.detail}.${hint}`)
}
