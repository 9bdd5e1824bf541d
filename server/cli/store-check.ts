// `store check`: reads every record of a store, tells what is damaged, and with --repair takes it out of the way.

import { escapeInvisible } from '../../shared/printable.ts'
import { SystemClock } from '../clock.ts'
import type { Settings } from '../config/schema.ts'
import { checkStore, type Finding, type StoreCounts } from '../store/embedded/check.ts'
import { openDatabase } from '../store/embedded/database.ts'
import { mendStore } from '../store/embedded/mend.ts'
import { type FileRebuilt, rebuildFile } from '../store/embedded/rebuild-file.ts'
import { type CliContext, type Command, exitCodes } from './command.ts'
import { alone, runStoreCommand, whichStore } from './store-command.ts'
import { counted, countsText, findingText, salvagedText } from './store-report.ts'

export const storeCheck: Command = {
  name: 'store check',
  group: 'Store',
  usage: 'store check [--json] [--repair]',
  summary: 'Read every record of the store, and tell what is damaged.',
  takesSettings: false,
  explanation: `Checks the pages of the file, each message, session and retained message against its checksum, and
what they say of each other. Prints counts and each finding with its key.
${alone}

  --json    Print one JSON object instead.
  --repair  Set damaged records aside: they move to the table \`damaged\` of the store, where the broker
            does not see them. A file whose pages are damaged is first built anew from all that can be
            read; the damaged one is kept beside it.

Exit code 1: something is damaged and still there. 0: nothing is, or --repair has taken it away.

${whichStore}`,
  run: (args, context) =>
    runStoreCommand(args, { switches: ['--json', '--repair'] }, context, ({ settings, switches }) => {
      const result = switches.has('--repair') ? repair(settings) : look(settings)
      if (switches.has('--json')) context.out(asJson(result))
      else print(result, settings, context)
      return result.damagedLeft > 0 ? exitCodes.failed : exitCodes.done
    }),
}

interface Looked {
  readonly counts: StoreCounts
  readonly findings: readonly Finding[]
  readonly damagedLeft: number
}

interface Result extends Looked {
  readonly mended?: number
  readonly rebuilt?: FileRebuilt | undefined
}

function look(settings: Settings, then?: (database: Database, findings: readonly Finding[]) => void): Looked {
  const database = openDatabase(settings.dataDir, {
    durability: 'sync',
    access: 'read-write',
    purpose: 'tool',
    structure: 'unchecked',
  })
  try {
    const findings: Finding[] = []
    const counts = checkStore(database, finding => findings.push(finding))
    then?.(database, findings)
    return { counts, findings, damagedLeft: findings.filter(one => one.severity === 'damaged').length }
  } finally {
    database.close()
  }
}

type Database = ReturnType<typeof openDatabase>

function repair(settings: Settings): Result {
  let mended = 0
  let rebuilt: FileRebuilt | undefined
  const before = look(settings, (database, findings) => {
    // Writing into pages that contradict each other could damage more.
    if (findings.every(one => one.kind !== 'file')) mended = mendStore(database, findings)
  })
  if (before.findings.some(one => one.kind === 'file')) {
    rebuilt = rebuildFile(settings.dataDir, new SystemClock().now())
    look(settings, (database, findings) => {
      mended = mendStore(database, findings)
    })
  }
  const after = look(settings)
  return { ...after, findings: before.findings, mended, rebuilt }
}

function print(
  { counts, findings, mended, rebuilt, damagedLeft }: Result,
  settings: Settings,
  context: CliContext,
): void {
  context.out(`Store ${settings.dataDir}\n${countsText(counts)}`)
  for (const finding of findings) context.out(findingText(finding))
  if (rebuilt !== undefined) context.out(salvagedText(rebuilt))
  if (mended !== undefined)
    context.out(
      `${counted(mended, 'finding')} taken away; records that were set aside are in the table \`damaged\`.\n`,
    )
  context.out(damagedLeft === 0 ? 'Nothing is damaged.\n' : `${counted(damagedLeft, 'finding')} of damage.\n`)
}

function asJson({ counts, findings, mended, rebuilt, damagedLeft }: Result): string {
  const shown = findings.map(({ mend: _how, ...finding }) => finding)
  return `${escapeInvisible(JSON.stringify({ counts, findings: shown, mended, rebuilt, damagedLeft }))}\n`
}
