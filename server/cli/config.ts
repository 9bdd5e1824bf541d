// `config check` and `config show`: what the settings are and where each came from, without a start.

import type { Loaded } from '../config/load.ts'
import { loadSettings } from '../config/load.ts'
import { formatValue, settingKeys, settingOf } from '../config/schema.ts'
import type { Problem } from '../config/source.ts'
import { describeProblem, describeSource } from '../config/source.ts'
import type { CliContext, Command } from './command.ts'
import { exitCodes } from './command.ts'

export const configCheck: Command = {
  name: 'config check',
  group: 'Broker',
  usage: 'config check [--config FILE] [SETTINGS]',
  summary: 'Check the settings that `start` would use, without starting.',
  takesSettings: true,
  run: async (args, context) => {
    const loaded = loadSettings({ ...context, argv: args })
    if (!loaded.ok) return refuseSettings(loaded.problems, context)
    context.out('The settings are valid.\n')
    return exitCodes.done
  },
}

export const configShow: Command = {
  name: 'config show',
  group: 'Broker',
  usage: 'config show [--json] [--config FILE] [SETTINGS]',
  summary: 'Show each setting, its value and where that came from.',
  takesSettings: true,
  run: async (args, context) => {
    const loaded = loadSettings({ ...context, argv: args.filter(argument => argument !== '--json') })
    if (!loaded.ok) return refuseSettings(loaded.problems, context)
    context.out(args.includes('--json') ? asJson(loaded) : asTable(loaded))
    return exitCodes.done
  },
}

/** Tells all problems, one a line. */
export function refuseSettings(problems: readonly Problem[], context: CliContext): number {
  const lines = problems.map(problem => `  ${describeProblem(problem)}\n`)
  context.err(
    `${problems.length === 1 ? 'A setting is' : `${problems.length} settings are`} wrong:\n${lines.join('')}`,
  )
  return exitCodes.wrongUsage
}

function rowsOf(loaded: Extract<Loaded, { ok: true }>) {
  return settingKeys.map(key => ({
    name: settingOf(key).name,
    value: formatValue(loaded.settings, key),
    source: describeSource(loaded.sources[key]),
  }))
}

function asTable(loaded: Extract<Loaded, { ok: true }>): string {
  const rows = rowsOf(loaded)
  const nameWidth = Math.max(...rows.map(row => row.name.length))
  const valueWidth = Math.max(...rows.map(row => row.value.length))
  return rows
    .map(row => `${row.name.padEnd(nameWidth)}  ${row.value.padEnd(valueWidth)}  ${row.source}\n`)
    .join('')
}

/** Values are written as a user would write them: `7d`, `1MiB`, `never`. */
function asJson(loaded: Extract<Loaded, { ok: true }>): string {
  return `${JSON.stringify(rowsOf(loaded), undefined, 2)}\n`
}
