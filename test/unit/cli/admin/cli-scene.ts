// The command line with what it prints, whoever sits at it, and an environment of the test's own.

import { readFileSync } from 'node:fs'
import type { CliContext, Command, Terminal } from '../../../../server/cli/command.ts'
import { runCli } from '../../../../server/cli.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface SceneOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** What is typed when something is asked; without it nobody sits there. */
  readonly typed?: readonly string[]
  readonly columns?: number
  /** Run instead of the command that `argv` names; `argv` is then what comes after it. */
  readonly command?: Command
}

export async function cli(argv: readonly string[], options: SceneOptions = {}): Promise<Said> {
  const said = { out: '', err: '' }
  const terminal = terminalOf(options, said)
  const context: CliContext = {
    argv,
    environment: options.environment ?? {},
    readFile: path => readFileSync(path, 'utf8'),
    workingDirectory: process.cwd(),
    out: text => {
      said.out += text
    },
    err: text => {
      said.err += text
    },
    stdoutIsTerminal: terminal !== undefined,
    ...(terminal === undefined ? {} : { terminal }),
    loadBroker: () => Promise.reject(new Error('no test here starts a broker')),
  }
  const code =
    options.command === undefined ? await runCli(context) : await options.command.run(argv, context)
  return { code, ...said }
}

function terminalOf({ typed, columns }: SceneOptions, said: { err: string }): Terminal | undefined {
  if (typed === undefined && columns === undefined) return undefined
  const lines = [...(typed ?? [])]
  return {
    columns: columns ?? 80,
    rows: 24,
    ask: async question => {
      said.err += question
      return lines.shift()
    },
    askUnseen: async question => {
      said.err += question
      return lines.shift()
    },
    keys: () => () => undefined,
    resized: () => () => undefined,
  }
}
