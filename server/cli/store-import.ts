// `store import`: takes sessions, queues and retained messages from an exported file into a store.

import { isUtf8 } from 'node:buffer'
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { printable } from '../../shared/printable.ts'
import { DATABASE_FILE, openDatabase, StoreProblem } from '../store/embedded/database.ts'
import { writeImport } from '../store/embedded/import.ts'
import { checkImport, type ImportProblem, type TextLine } from '../store/embedded/import-check.ts'
import { type Command, exitCodes } from './command.ts'
import { alone, runStoreCommand, whichStore } from './store-command.ts'

const CHUNK_BYTES = 1_048_576
/** The base64 of the largest MQTT packet, and room for the rest. */
const LINE_BYTES_MAX = 400_000_000
const LINE_FEED = 0x0a

export const storeImport: Command = {
  name: 'store import',
  group: 'Store',
  usage: 'store import FILE [--overwrite]',
  summary: 'Take what `store export` wrote into a store, which is made if there is none.',
  takesSettings: false,
  explanation: `All lines are checked before anything is written; what is wrong is told with its line and field, and
then nothing is imported. It is written as one transaction: all of it or, if the disk fills, nothing.
A session or a retained message that is there already is left alone, and the import refused.
${alone}

  --overwrite  Replace such sessions with all their messages, and such retained messages.

${whichStore}`,
  run: (args, context) =>
    runStoreCommand(
      args,
      { switches: ['--overwrite'], operand: 'FILE to import' },
      context,
      ({ settings, switches, operand }) => {
        const file = resolve(context.workingDirectory, operand)
        const open = (purpose: 'tool' | 'serve') =>
          openDatabase(settings.dataDir, { durability: 'sync', access: 'read-write', purpose })
        const existing = existsSync(join(settings.dataDir, DATABASE_FILE)) ? open('tool') : undefined
        let database = existing
        const conflicts = switches.has('--overwrite') ? 'replace' : 'refuse'
        try {
          const plan = checkImport(linesOf(file), existing, conflicts)
          try {
            if (plan.problems.length > 0) {
              context.err(problemsText(plan.problems))
              return exitCodes.failed
            }
            database ??= open('serve')
            const { sessions, messages, retained } = writeImport(database, linesOf(file), plan)
            context.out(
              `Imported ${sessions} sessions, ${messages} messages, ${retained} retained messages.\n`,
            )
            return exitCodes.done
          } finally {
            plan.close()
          }
        } finally {
          database?.close()
        }
      },
    ),
}

function problemsText(problems: readonly ImportProblem[]): string {
  const lines = problems.map(({ line, field, problem }) =>
    printable(`line ${line}: ${field === '' ? 'it' : field} ${problem}`),
  )
  return `Nothing was imported:\n${lines.map(line => `  ${line}\n`).join('')}`
}

/** Reads the file a line at a time, as often as it is iterated. */
function* linesOf(file: string): Generator<TextLine> {
  const descriptor = openFile(file)
  try {
    let number = 0
    let parts: Buffer[] = []
    let bytes = 0
    for (;;) {
      const buffer = Buffer.alloc(CHUNK_BYTES)
      const chunk = buffer.subarray(0, readSync(descriptor, buffer))
      if (chunk.length === 0) break
      let start = 0
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        yield lineOf(++number, Buffer.concat([...parts, chunk.subarray(start, end)]))
        parts = []
        bytes = 0
        start = end + 1
      }
      parts.push(chunk.subarray(start))
      bytes += chunk.length - start
      if (bytes > LINE_BYTES_MAX) throw new StoreProblem(`${file}: line ${number + 1} is too long`)
    }
    if (bytes > 0) yield lineOf(++number, Buffer.concat(parts))
  } finally {
    closeSync(descriptor)
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw new StoreProblem(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function lineOf(number: number, bytes: Buffer): TextLine {
  return { number, text: isUtf8(bytes) ? bytes.toString('utf8') : undefined }
}
