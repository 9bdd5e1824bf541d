// `store backup`: copies a store, also while its broker runs, and checks the copy.

import { join, resolve } from 'node:path'
import { askControlSocket, CONTROL_SOCKET_FILE, SOCKET_PATH_BYTES_MAX } from '../admin/control-socket.ts'
import type { Settings } from '../config/schema.ts'
import { checkStore, type Finding } from '../store/embedded/check.ts'
import { copyStore, discardBackup, prepareBackup } from '../store/embedded/copy.ts'
import { openDatabase, StoreProblem } from '../store/embedded/database.ts'
import { type CliContext, type Command, exitCodes } from './command.ts'
import { runStoreCommand, whichStore } from './store-command.ts'
import { countsText, findingText } from './store-report.ts'

export const storeBackup: Command = {
  name: 'store backup',
  group: 'Store',
  usage: 'store backup DIR',
  summary: 'Copy the store into a directory, also while the broker runs, and check the copy.',
  takesSettings: false,
  explanation: `Everything that was acknowledged before the backup began is in it. A running broker is asked through
${CONTROL_SOCKET_FILE} in its data directory; without one the file is copied directly. DIR is made; one that
holds a store already is refused. Each record of the copy is checked.

To restore, start a broker on the copy (or on a copy of it): holdfast start --data-dir DIR

Exit code 1: there is no backup in DIR, or it has damaged records.

${whichStore}`,
  run: (args, context) =>
    runStoreCommand(args, { operand: 'DIRECTORY for the backup' }, context, ({ settings, operand }) =>
      backUp(settings, resolve(context.workingDirectory, operand), context),
    ),
}

async function backUp(settings: Settings, directory: string, context: CliContext): Promise<number> {
  prepareBackup(directory)
  let source: 'broker' | 'file'
  try {
    source = await copy(settings, directory)
  } catch (error) {
    discardBackup(directory)
    throw error
  }
  const findings: Finding[] = []
  const database = openDatabase(directory, { durability: 'sync', access: 'read-write', purpose: 'tool' })
  try {
    const counts = checkStore(database, finding => findings.push(finding))
    const how = source === 'broker' ? 'by its running broker' : 'while no broker ran'
    context.out(`Backup of ${settings.dataDir} in ${directory}, made ${how}:\n${countsText(counts)}`)
  } finally {
    database.close()
  }
  const damaged = findings.filter(one => one.severity === 'damaged')
  for (const finding of damaged) context.err(findingText(finding))
  if (damaged.length > 0) {
    context.err('The store that was copied is damaged: run `holdfast store check` on it.\n')
    return exitCodes.failed
  }
  context.out(`Checked: nothing is damaged. To restore it: holdfast start --data-dir ${directory}\n`)
  return exitCodes.done
}

async function copy(settings: Settings, directory: string): Promise<'broker' | 'file'> {
  const { dataDir } = settings
  const answer = await askControlSocket(dataDir, { do: 'backup', directory }).catch((error: Error) => {
    throw new StoreProblem(error.message)
  })
  if (answer?.ok === false) throw new StoreProblem(answer.reason)
  if (answer?.ok === true) return 'broker'
  try {
    await copyStore(dataDir, directory)
  } catch (error) {
    throw withoutSocket(error, dataDir)
  }
  return 'file'
}

/** The store is in use, yet nobody answered. */
function withoutSocket(error: unknown, dataDirectory: string): unknown {
  if (!(error instanceof StoreProblem) || !error.message.includes('is in use')) return error
  const path = join(dataDirectory, CONTROL_SOCKET_FILE)
  const isTooLong = Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX
  const why = isTooLong ? 'the path of its data-dir is too long for a socket' : `nobody answers at ${path}`
  return new StoreProblem(
    `a broker has the store open, and cannot be asked for a backup (${why}): stop it first, or use a shorter path`,
  )
}
