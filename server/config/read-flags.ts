// Reads settings from the command line: `--name value`, `--name=value`, and `--name` alone for a boolean.

import { nearest } from '../../shared/nearest.ts'
import { keyOfName, settingNames, settingOf } from './schema.ts'
import type { Given, Problem } from './source.ts'

/** Not a setting: it says where settings are read from. */
export const configName = 'config'

interface FlagsRead {
  readonly given: readonly Given[]
  readonly configPath: string | undefined
  readonly problems: readonly Problem[]
}

export function readFlags(argv: readonly string[]): FlagsRead {
  const given: Given[] = []
  const problems: Problem[] = []
  const seen = new Set<string>()
  let configPath: string | undefined
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]!
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(argument)
    if (match === null) {
      problems.push({ source: { from: 'flag', flag: argument }, detail: 'This argument is not a flag' })
      continue
    }
    const name = match[1]!
    const source = { from: 'flag', flag: `--${name}` } as const
    const taken = takeValue(name, match[2], argv[index + 1])
    if (taken.usesNext) index++
    if (name !== configName && keyOfName(name) === undefined) {
      problems.push({ source, detail: unknownFlag(name) })
    } else if (seen.has(name)) {
      problems.push({ source, setting: name, detail: 'is given twice' })
    } else if (taken.text === undefined) {
      problems.push({ source, setting: name, detail: 'needs a value' })
    } else if (name === configName) {
      configPath = taken.text
    } else {
      given.push({ name, text: taken.text, source })
    }
    seen.add(name)
  }
  return { given, configPath, problems }
}

/** A boolean takes the next argument only if that is its value, so that `--allow-anonymous --host H` reads well. */
function takeValue(
  name: string,
  inline: string | undefined,
  next: string | undefined,
): { readonly text: string | undefined; readonly usesNext: boolean } {
  if (inline !== undefined) return { text: inline, usesNext: false }
  const key = keyOfName(name)
  if (key !== undefined && settingOf(key).kind.kind === 'boolean') {
    return next === 'true' || next === 'false'
      ? { text: next, usesNext: true }
      : { text: 'true', usesNext: false }
  }
  return next === undefined || next.startsWith('--')
    ? { text: undefined, usesNext: false }
    : { text: next, usesNext: true }
}

function unknownFlag(name: string): string {
  const meant = nearest(name, [...settingNames, configName])
  return `There is no such flag${meant === undefined ? '' : `; did you mean --${meant}?`}`
}
