// The entry: hands this process's arguments, environment and streams to the command line.

import { readFileSync } from 'node:fs'
import { exitCodes } from './cli/command.ts'
import { terminalOf } from './cli/terminal.ts'
import { runCli } from './cli.ts'

const { stdin, stdout, stderr } = process
const isAttended = stdin.isTTY === true && stdout.isTTY === true

// Whoever read along has gone, or the disk of a log is full: a broker goes on without it, while a command ends, quietly when its
// reader has seen enough, as `head` has.
const isBroker = process.argv[2] === 'start'
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!isBroker) process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.failed)
})
stderr.on('error', () => undefined)

const exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: process.env,
  readFile: path => readFileSync(path, 'utf8'),
  workingDirectory: process.cwd(),
  out: text => void stdout.write(text),
  err: text => void stderr.write(text),
  stdoutIsTerminal: stdout.isTTY === true,
  ...(isAttended ? { terminal: terminalOf(stdin, stdout, stderr) } : {}),
  loadBroker: () => import('./start.ts'),
})

// What is still in the pipe must leave before the process does.
await new Promise(resolve => stdout.write('', resolve))
process.exit(exitCode)
