// Why a command of the admin client ends without having done what was asked: one sentence, and the exit code.

import { exitCodes } from '../command.ts'

export type ProblemExit = Exclude<keyof typeof exitCodes, 'done'>

export class CliProblem extends Error {
  readonly exit: ProblemExit

  constructor(exit: ProblemExit, sentence: string) {
    super(sentence)
    this.exit = exit
  }

  get exitCode(): number {
    return exitCodes[this.exit]
  }
}
