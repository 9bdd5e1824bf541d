// The texts of --help.

import { areas } from '../config/schema.ts'
import type { Setting } from '../config/setting.ts'
import { flagOf } from '../config/setting.ts'
import type { Command } from './command.ts'
import { exitCodes } from './command.ts'

/** A usage that is longer stands on a line of its own. */
const USAGE_COLUMNS_MAX = 44

export function overview(commands: readonly Command[]): string {
  const groups = Map.groupBy(commands, command => command.group)
  const parts = [...groups].map(([group, members]) => `${group}:\n${members.map(overviewLine).join('')}`)
  return `Holdfast, an MQTT broker that never loses a session.

Usage: holdfast COMMAND [FLAGS]

${parts.join('\n')}
  --help                Show this.
  --version             Show the version.

\`holdfast help COMMAND\` explains one command; \`holdfast help start\` lists every setting.

Exit codes: ${exitCodes.done} done, ${exitCodes.failed} failed, ${exitCodes.wrongUsage} wrong command, flag or setting (nothing was started), ${exitCodes.notFound} not found,
${exitCodes.refused} refused (it changed meanwhile, or needs confirmation), ${exitCodes.notAllowed} not allowed, ${exitCodes.unreachable} no broker can be reached.
`
}

function overviewLine({ usage, summary }: Command): string {
  return usage.length > USAGE_COLUMNS_MAX
    ? `  ${usage}\n  ${' '.repeat(USAGE_COLUMNS_MAX)}  ${summary}\n`
    : `  ${usage.padEnd(USAGE_COLUMNS_MAX)}  ${summary}\n`
}

export function commandHelp(command: Command): string {
  const explanation = command.explanation === undefined ? '' : `\n${command.explanation}\n`
  const head = `Usage: holdfast ${command.usage}\n\n${command.summary}\n${explanation}`
  return command.takesSettings ? `${head}${settingsHelp()}` : head
}

function settingsHelp(): string {
  const parts = areas.map(
    area => `\n${area.title}:\n${Object.values(area.settings).map(settingHelp).join('')}`,
  )
  return `
  --config FILE
      Read settings from a YAML file with one "name: value" a line.

Every setting can be given as a flag, as an environment variable (--mqtt-port is HOLDFAST_MQTT_PORT) or in
the file (mqtt-port: 1883). Flags win over variables, variables over the file, the file over the defaults.
${parts.join('')}`
}

function settingHelp(setting: Setting): string {
  const text = `${setting.meaning} Must be ${setting.kind.allowed}.`
  return `  ${flagOf(setting)} (default ${setting.default})\n${wrap(text)}`
}

function wrap(text: string): string {
  const lines = ['     ']
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > 100) lines.push('     ')
    lines.push(`${lines.pop()} ${word}`)
  }
  return `${lines.join('\n')}\n`
}
