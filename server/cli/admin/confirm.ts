// Acts on many go on only when somebody has said that they shall.

import { countInWords } from '../../../shared/plain-words.ts'
import type { CliContext } from '../command.ts'
import { wholeNumber } from './arguments.ts'
import { CliProblem } from './cli-problem.ts'
import type { Arguments, Flag } from './spec.ts'

export const confirmFlags: readonly Flag[] = [
  { name: '--yes', meaning: 'Do not ask; needs --count.' },
  { name: '--count', value: 'N', meaning: 'How many you expect: with another number nothing is done.' },
]

/** Returns when it may be done; throws CliProblem when not. What is about to be done has been shown before. */
export async function confirmCount(
  { switches, options }: Pick<Arguments, 'switches' | 'options'>,
  context: CliContext,
  count: number,
  what: string,
): Promise<void> {
  const expected = wholeNumber({ options }, '--count', { min: 0, max: Number.MAX_SAFE_INTEGER })
  const counted = countInWords(count, what)
  if (expected !== undefined && expected !== count)
    throw new CliProblem('refused', `There are ${counted}, not ${expected}: nothing was done.`)
  if (switches.has('--yes')) {
    if (expected !== undefined) return
    throw new CliProblem('wrongUsage', '--yes needs --count N, the number that you expect.')
  }
  const { terminal } = context
  if (terminal === undefined) {
    throw new CliProblem(
      'refused',
      `Nobody is there to be asked, so nothing was done. To do it without being asked: --yes --count ${count}`,
    )
  }
  const typed = await terminal.ask(`Type the number of ${what}s to go on: `)
  if (typed?.trim() !== String(count))
    throw new CliProblem('refused', `That is not ${count}: nothing was done.`)
}

export const yesFlag: Flag = { name: '--yes', meaning: 'Do not ask.' }

/** For what is known to be of that many, as the undo of an operation is; of one item nobody is asked. */
export async function confirmUndo(
  { switches }: Pick<Arguments, 'switches'>,
  { terminal }: CliContext,
  count: number,
): Promise<void> {
  if (count <= 1 || switches.has('--yes')) return
  const what = countInWords(count, 'item')
  if (terminal === undefined)
    throw new CliProblem(
      'refused',
      `Nobody is there to be asked about ${what}, so nothing was done: give --yes.`,
    )
  const typed = await terminal.ask(`Take back ${what}? Type yes to go on: `)
  if (typed?.trim().toLowerCase() !== 'yes') throw new CliProblem('refused', 'Nothing was done.')
}
