// What the store commands have in common: their own flags among the settings, and a store that is open to nobody else.

import type { DatabaseSync } from 'node:sqlite'
import { loadSettings } from '../config/load.ts'
import { keyOfName, type Settings, settingOf } from '../config/schema.ts'
import { openDatabase, StoreProblem } from '../store/embedded/database.ts'
import { type CliContext, exitCodes } from './command.ts'
import { refuseSettings } from './config.ts'

/** What a command takes besides settings. */
export interface OwnArguments {
  /** Flags that stand alone. */
  readonly switches?: readonly string[]
  /** Flags with a value. */
  readonly options?: readonly string[]
  /** The one argument without a flag, as the usage names it. */
  readonly operand?: string
}

export interface StoreArguments {
  readonly settings: Settings
  readonly switches: ReadonlySet<string>
  readonly options: ReadonlyMap<string, string>
  readonly operand: string
}

/** Which store is meant; every store command's help ends with it. */
export const whichStore = `The store is the one that \`holdfast start\` would use: --data-dir DIR, --config FILE, or their
environment variables HOLDFAST_DATA_DIR and HOLDFAST_CONFIG.`

export const alone = 'No broker may have the store open.'

/** Reads the arguments and runs the command; resolves with the exit code, whatever goes wrong in a foreseen way. */
export async function runStoreCommand(
  args: readonly string[],
  own: OwnArguments,
  context: CliContext,
  run: (given: StoreArguments) => number | Promise<number>,
): Promise<number> {
  const taken = takeOwn(args, own)
  if (typeof taken === 'string') {
    context.err(`${taken}\n`)
    return exitCodes.wrongUsage
  }
  const loaded = loadSettings({ ...context, argv: taken.rest })
  if (!loaded.ok) return refuseSettings(loaded.problems, context)
  try {
    return await run({ ...taken, settings: loaded.settings })
  } catch (error) {
    if (!(error instanceof StoreProblem)) throw error
    context.err(`${error.message}\n`)
    return exitCodes.failed
  }
}

/** Opens the store for `use` alone, and closes it again. */
export function withStore<T>(settings: Settings, use: (database: DatabaseSync) => T): T {
  const database = openDatabase(settings.dataDir, {
    durability: 'sync',
    access: 'read-write',
    purpose: 'tool',
  })
  try {
    return use(database)
  } finally {
    database.close()
  }
}

interface Taken extends Omit<StoreArguments, 'settings'> {
  /** The settings among the arguments. */
  readonly rest: readonly string[]
}

/** A sentence when the arguments are wrong. */
function takeOwn(args: readonly string[], own: OwnArguments): Taken | string {
  const switches = new Set<string>()
  const options = new Map<string, string>()
  const rest: string[] = []
  const operands: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!
    const [name, inline] = splitFlag(argument)
    if (own.switches?.includes(name)) switches.add(name)
    else if (own.options?.includes(name)) {
      const value = inline ?? args[++index]
      if (value === undefined || value === '') return `${name} needs a value.`
      options.set(name, value)
    } else if (!argument.startsWith('-')) operands.push(argument)
    else {
      rest.push(argument)
      if (inline === undefined && takesNext(name, args[index + 1])) rest.push(args[++index]!)
    }
  }
  const [operand = '', tooMany] = operands
  if (own.operand !== undefined && operand === '') return `Name the ${own.operand}.`
  const unwanted = own.operand === undefined ? operands[0] : tooMany
  if (unwanted !== undefined) return `There is one argument too many: ${JSON.stringify(unwanted)}.`
  return { switches, options, rest, operand }
}

function splitFlag(argument: string): readonly [name: string, inline: string | undefined] {
  const equals = argument.indexOf('=')
  return equals < 0 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)]
}

/** As the settings' own flags are read: a boolean takes only `true` or `false`, others whatever is no flag. */
function takesNext(name: string, next: string | undefined): boolean {
  if (next === undefined || next.startsWith('--')) return false
  const key = keyOfName(name.slice(2))
  const isBoolean = key !== undefined && settingOf(key).kind.kind === 'boolean'
  return isBoolean ? next === 'true' || next === 'false' : true
}
