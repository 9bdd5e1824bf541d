// Flags that many commands of the admin client take, and how they are read.

import { formatFilter, parseFilter } from '../../../shared/filter-grammar.ts'
import { wholeNumber } from './arguments.ts'
import { CliProblem } from './cli-problem.ts'
import type { Arguments, Flag } from './spec.ts'

type Options = Pick<Arguments, 'options'>

export const reasonFlag: Flag = {
  name: '--reason',
  value: 'TEXT',
  meaning: 'Why: it stands in the audit, and in the timeline of what it was done to.',
}

export function reasonOf({ options }: Options): string | undefined {
  return options.get('--reason')
}

export const filterFlag: Flag = {
  name: '--filter',
  value: 'FILTER',
  meaning: "Which, as 'id:web-* state:offline queued>=100 seen>7d'; all terms must hold.",
}

/** More rows than anybody reads are a mistake unless somebody asks for them. */
const ROWS_USUAL = 100
const ROWS_MAX = 1_000_000_000

export const limitFlag: Flag = {
  name: '--limit',
  value: 'N',
  meaning: `At most so many rows, or all (default ${ROWS_USUAL}).`,
}

export function limitOf({ options }: Options): number {
  if (options.get('--limit') === 'all') return ROWS_MAX
  return wholeNumber({ options }, '--limit', { min: 1, max: ROWS_MAX }) ?? ROWS_USUAL
}

/** Checked here, where it can be shown where it is wrong; undefined when none was given. */
export function filterOf({ options }: Options): string | undefined {
  const text = options.get('--filter')
  if (text === undefined) return undefined
  const filter = parseFilter(text)
  if (filter.at === 'filter') return formatFilter(filter) === '' ? undefined : text
  const { position, length, detail, suggestion } = filter
  const shown = /^[ -~]*$/.test(text) && text.length <= 100
  const marked = shown ? `\n  ${text}\n  ${' '.repeat(position)}${'^'.repeat(Math.max(1, length))}` : ''
  const hint = suggestion === undefined ? '' : `\nDid you mean ${suggestion}?`
  throw new CliProblem('wrongUsage', `The filter is wrong: ${detail}.${marked}${hint}`)
}
