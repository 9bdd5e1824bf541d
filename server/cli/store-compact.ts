// `store compact`: removes what nobody waits for and makes the file as small as what is left.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compactStore } from '../store/embedded/compact.ts'
import { DATABASE_FILE } from '../store/embedded/database.ts'
import { type Command, exitCodes } from './command.ts'
import { alone, runStoreCommand, whichStore, withStore } from './store-command.ts'
import { counted, sizeText } from './store-report.ts'

export const storeCompact: Command = {
  name: 'store compact',
  group: 'Store',
  usage: 'store compact',
  summary: 'Remove what no session waits for, and give unused room back to the disk.',
  takesSettings: false,
  explanation: `A running store uses freed room again, so this is needed only when it was much larger once.
Messages kept for sessions that were set aside as damaged are removed, too. For a moment the disk needs
room for a second copy. ${alone}

${whichStore}`,
  run: (args, context) =>
    runStoreCommand(args, {}, context, ({ settings }) => {
      const { dataDir } = settings
      const before = sizeOf(dataDir)
      const { removed, damaged } = withStore(settings, compactStore)
      context.out(
        `${sizeText(before)} before, ${sizeText(sizeOf(dataDir))} now; ${counted(removed, 'record')} removed.\n`,
      )
      if (damaged > 0)
        context.err(`${counted(damaged, 'finding')} of damage: run \`holdfast store check\`.\n`)
      return exitCodes.done
    }),
}

function sizeOf(dataDirectory: string): number {
  const file = join(dataDirectory, DATABASE_FILE)
  const files = [file, `${file}-wal`].filter(path => existsSync(path))
  return files.reduce((sum, path) => sum + statSync(path).size, 0)
}
