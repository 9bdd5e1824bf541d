// `store export`: writes sessions, their queues and retained messages as lines of JSON.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { escapeInvisible, printable } from '../../shared/printable.ts'
import { SystemClock } from '../clock.ts'
import { StoreProblem } from '../store/embedded/database.ts'
import { countBuried, exportStore } from '../store/embedded/export.ts'
import { PORTABLE_FORMAT, type PortableLine } from '../store/embedded/portable.ts'
import { readVersion } from '../version.ts'
import { type CliContext, type Command, exitCodes } from './command.ts'
import { alone, runStoreCommand, whichStore, withStore } from './store-command.ts'
import { counted } from './store-report.ts'

export const storeExport: Command = {
  name: 'store export',
  group: 'Store',
  usage: 'store export [--session ID] [--output FILE]',
  summary: 'Write sessions, their messages and retained messages as lines of JSON.',
  takesSettings: false,
  explanation: `First a header, then each session with its subscriptions, will and QoS 2 state, followed by the
messages that wait for it in their order; then retained messages, then a line that says how many there
were. A message that several sessions wait for stands once for each, with the same number. Payloads and
properties are base64. What an operator has taken away and could still bring back is left out. Passwords
are not part of a store, payloads are: keep the file as safe.
${alone}

  --session ID   Only the session of this client identifier, without retained messages.
  --output FILE  Write to a file that only you can read, instead of standard output.

Exit code 1: something was left out because it is damaged, or there is no such session.

${whichStore}`,
  run: (args, context) =>
    runStoreCommand(args, { options: ['--session', '--output'] }, context, ({ settings, options }) => {
      const clientId = options.get('--session')
      const output = openOutput(options.get('--output'), context)
      let damaged = 0
      try {
        const now = new SystemClock().now()
        output.write(headerLine(now))
        const { end, buried } = withStore(settings, database => ({
          buried: clientId === undefined ? countBuried(database) : 0,
          end: exportStore(database, {
            clientId,
            write: output.write,
            damaged: ({ kind, key, why }) => {
              damaged++
              context.err(`Left out, because it is damaged: ${kind} ${printable(key)}: ${why}\n`)
            },
          }),
        }))
        const { sessions, messages, retained } = end
        if (clientId !== undefined && sessions === 0)
          throw new StoreProblem(`there is no session of ${printable(JSON.stringify(clientId))}`)
        output.keep()
        context.err(`Exported ${sessions} sessions, ${messages} messages, ${retained} retained messages.\n`)
        if (buried > 0)
          context.err(`Left out, because an operator has taken it away: ${counted(buried, 'tombstone')}.\n`)
      } finally {
        output.close()
      }
      return damaged === 0 ? exitCodes.done : exitCodes.failed
    }),
}

function headerLine(now: number): PortableLine {
  return {
    kind: 'header',
    format: PORTABLE_FORMAT,
    exportedAt: new Date(now).toISOString(),
    brokerVersion: readVersion(),
  }
}

interface Output {
  write(line: PortableLine): void
  /** Everything was written: the file takes its name. */
  keep(): void
  close(): void
}

function openOutput(path: string | undefined, context: CliContext): Output {
  if (path === undefined) {
    // Whoever read it has gone, as `head` does.
    process.stdout.once('error', () => process.exit(exitCodes.failed))
    return { write: line => context.out(textOf(line)), keep: () => undefined, close: () => undefined }
  }
  const file = resolve(context.workingDirectory, path)
  const partial = `${file}.partial`
  let descriptor: number
  try {
    descriptor = openSync(partial, 'w', 0o600)
  } catch (error) {
    throw new StoreProblem(`${path} cannot be written: ${(error as Error).message}`)
  }
  return {
    write: line => {
      const bytes = Buffer.from(textOf(line))
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    },
    keep: () => {
      fsyncSync(descriptor)
      renameSync(partial, file)
    },
    close: () => {
      closeSync(descriptor)
      rmSync(partial, { force: true })
    },
  }
}

function textOf(line: PortableLine): string {
  return `${escapeInvisible(JSON.stringify(line))}\n`
}
