// A password that is chosen at the terminal, unseen and twice, or that stands in a file; never on the command line.

import { resolve } from 'node:path'
import { CliProblem } from '../cli-problem.ts'
import type { AdminRun, Flag } from '../spec.ts'

export const passwordFileFlag: Flag = {
  name: '--password-file',
  value: 'FILE',
  meaning: 'A file with the password in its first line, instead of being asked.',
}

export async function newPassword(
  { options, context }: Pick<AdminRun, 'options' | 'context'>,
  name: string,
): Promise<string> {
  const file = options.get('--password-file')
  if (file !== undefined) return readPassword(resolve(context.workingDirectory, file), context.readFile)
  const { terminal } = context
  if (terminal === undefined)
    throw new CliProblem(
      'wrongUsage',
      'Nobody is there to be asked for the password: give --password-file FILE.',
    )
  const password = await terminal.askUnseen(`Password of ${name}: `)
  if (password === undefined || password === '')
    throw new CliProblem('refused', 'Without a password nothing was done.')
  if ((await terminal.askUnseen('Once more: ')) !== password)
    throw new CliProblem('refused', 'The two are not the same: nothing was done.')
  return password
}

function readPassword(path: string, readFile: (path: string) => string): string {
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    throw new CliProblem('wrongUsage', `${path} cannot be read: ${(error as Error).message}`)
  }
  const [password = ''] = text.split(/\r?\n/, 1)
  if (password === '') throw new CliProblem('wrongUsage', `${path} has no password in its first line.`)
  return password
}
