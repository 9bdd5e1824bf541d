// The entry: hands this process's arguments, environment and streams to the command line.

import { readFileSync } from 'node:fs'
import { runCli } from './cli.ts'

const exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: process.env,
  readFile: path => readFileSync(path, 'utf8'),
  workingDirectory: process.cwd(),
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  stdoutIsTerminal: process.stdout.isTTY === true,
  loadBroker: () => import('./start.ts'),
})

// What is still in the pipe must leave before the process does.
await new Promise(resolve => process.stdout.write('', resolve))
process.exit(exitCode)
