// Makes a command of the command line from what a command of the admin client takes and does.

import { printable } from '../../../shared/printable.ts'
import { SystemClock } from '../../clock.ts'
import { isLoopback } from '../../config/checks.ts'
import { type CliContext, type Command, exitCodes } from '../command.ts'
import { ApiClient } from './api-client.ts'
import { readArguments, usageOf } from './arguments.ts'
import { CliProblem } from './cli-problem.ts'
import { Printer } from './printer.ts'
import { type Target, targetOf } from './profile.ts'
import { type AdminSpec, commonFlags, type Flag } from './spec.ts'

export function adminCommand(spec: AdminSpec): Command {
  return {
    name: spec.name,
    group: spec.group,
    usage: usageOf(spec),
    summary: spec.summary,
    takesSettings: false,
    explanation: explanationOf(spec),
    run: async (args, context) => {
      try {
        await run(spec, args, context)
        return exitCodes.done
      } catch (error) {
        if (!(error instanceof CliProblem)) throw error
        context.err(`${error.message.split('\n').map(printable).join('\n')}\n`)
        return error.exitCode
      }
    },
  }
}

async function run(spec: AdminSpec, args: readonly string[], context: CliContext): Promise<void> {
  const read = readArguments(spec, args)
  const clock = new SystemClock()
  const print = new Printer(context, read.switches, () => clock.now())
  const target = targetOf(read.options, context)
  if (isReadable(target))
    print.note(
      `The API key goes to ${target.url.host} unencrypted, for whoever listens on the way: use https.`,
    )
  await spec.run({ ...read, api: new ApiClient(target, clock), print, context, clock })
}

function isReadable({ url, apiKey }: Target): boolean {
  return (
    apiKey !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  )
}

const keys = `The API key comes from HOLDFAST_API_KEY, from --api-key-file or from a profile, never from the command line.
~/.config/holdfast/profiles.yaml, mode 0600, has profiles:

  production:
    url: https://mqtt.example:8080
    api-key: bk_...

Exit codes: ${exitCodes.done} done, ${exitCodes.failed} failed, ${exitCodes.wrongUsage} wrong usage, ${exitCodes.notFound} not found, ${exitCodes.refused} refused (it changed meanwhile, or needs
confirmation), ${exitCodes.notAllowed} not allowed, ${exitCodes.unreachable} no broker can be reached.`

function explanationOf({ explanation, flags = [] }: AdminSpec): string {
  const own = flags.length === 0 ? '' : `${flagTexts(flags)}\n\n`
  return `${explanation === undefined ? '' : `${explanation}\n\n`}${own}Every command of the admin client takes:\n\n${flagTexts(commonFlags)}\n\n${keys}`
}

function flagTexts(flags: readonly Flag[]): string {
  const names = flags.map(({ name, value }) => (value === undefined ? name : `${name} ${value}`))
  const width = Math.max(...names.map(name => name.length))
  return flags.map(({ meaning }, index) => `  ${names[index]!.padEnd(width)}  ${meaning}`).join('\n')
}
