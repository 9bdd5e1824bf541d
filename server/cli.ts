// The command line: finds the command that was named and runs it.

import { nearest } from '../shared/nearest.ts'
import { adminCommands } from './cli/admin/commands.ts'
import { type CliContext, type Command, exitCodes } from './cli/command.ts'
import { configCheck, configShow } from './cli/config.ts'
import { commandHelp, overview } from './cli/help.ts'
import { setupLink } from './cli/setup-link.ts'
import { start } from './cli/start.ts'
import { storeBackup } from './cli/store-backup.ts'
import { storeCheck } from './cli/store-check.ts'
import { storeCompact } from './cli/store-compact.ts'
import { storeExport } from './cli/store-export.ts'
import { storeImport } from './cli/store-import.ts'
import { readVersion } from './version.ts'

const help: Command = {
  name: 'help',
  group: 'Broker',
  usage: 'help [COMMAND]',
  summary: 'Explain a command.',
  takesSettings: false,
  run: async (args, context) => showHelp(args, context),
}

const commands: readonly Command[] = [
  start,
  configCheck,
  configShow,
  setupLink,
  storeCheck,
  storeCompact,
  storeExport,
  storeImport,
  storeBackup,
  ...adminCommands,
  help,
]

/** Resolves with the exit code. */
export async function runCli(context: CliContext): Promise<number> {
  const [first, ...rest] = context.argv
  if (first === undefined || first === '--help' || first === '-h') return showHelp([], context)
  if (first === '--version' || first === '-V') {
    context.out(`${readVersion()}\n`)
    return exitCodes.done
  }
  const found = findCommand([first, ...rest])
  if (found === undefined) return refuseCommand([first, ...rest], context)
  if (found.args.includes('--help') || found.args.includes('-h')) {
    context.out(commandHelp(found.command))
    return exitCodes.done
  }
  return found.command.run(found.args, context)
}

function showHelp(words: readonly string[], context: CliContext): number {
  const found = findCommand(words)
  if (words.length > 0 && found === undefined) return refuseCommand(words, context)
  context.out(found === undefined ? overview(commands) : commandHelp(found.command))
  return exitCodes.done
}

function findCommand(
  words: readonly string[],
): { readonly command: Command; readonly args: readonly string[] } | undefined {
  for (const command of commands) {
    const name = command.name.split(' ')
    if (name.every((word, index) => words[index] === word)) return { command, args: words.slice(name.length) }
  }
  return undefined
}

function refuseCommand(words: readonly string[], context: CliContext): number {
  context.err(`${reasonToRefuse(words)}\nRun \`holdfast --help\` for the list of commands.\n`)
  return exitCodes.wrongUsage
}

function reasonToRefuse(words: readonly string[]): string {
  const first = words[0] ?? ''
  if (first.startsWith('-'))
    return `Name a command before ${JSON.stringify(first)}, such as \`holdfast start\`.`
  const under = commands.filter(command => command.name.startsWith(`${first} `))
  const second = words[1]
  if (under.length > 0 && (second === undefined || second.startsWith('-'))) {
    return `${first} needs one of: ${under.map(command => command.name).join(', ')}.`
  }
  const typed = under.length > 0 ? `${first} ${second}` : first
  const meant = nearest(
    typed,
    commands.map(command => command.name),
  )
  const hint = meant === undefined ? '.' : `; did you mean \`holdfast ${meant}\`?`
  return `There is no command ${JSON.stringify(typed)}${hint}`
}
