// Reads settings from HOLDFAST_* variables; one that is not known is a problem, for it would silently do nothing.

import { nearest } from '../../shared/nearest.ts'
import { configName } from './read-flags.ts'
import { settingKeys, settingOf } from './schema.ts'
import { environmentPrefix, variableOf } from './setting.ts'
import type { Given, Problem } from './source.ts'

export type Environment = Readonly<Record<string, string | undefined>>

interface EnvironmentRead {
  readonly given: readonly Given[]
  readonly configPath: string | undefined
  readonly problems: readonly Problem[]
}

const configVariable = variableOf({ name: configName })

/** Read by the command line as a client of the admin API; a shell that has them may start a broker too. */
const clientVariables: readonly string[] = ['HOLDFAST_URL', 'HOLDFAST_API_KEY', 'HOLDFAST_PROFILE']

export function readEnvironment(environment: Environment): EnvironmentRead {
  const given: Given[] = []
  const problems: Problem[] = []
  const nameOfVariable = new Map(
    settingKeys.map(key => [variableOf(settingOf(key)), settingOf(key).name] as const),
  )
  const known = [...nameOfVariable.keys(), configVariable]
  for (const variable of Object.keys(environment).sort()) {
    if (clientVariables.includes(variable)) continue
    const text = environment[variable]
    if (!variable.startsWith(environmentPrefix) || variable === configVariable || text === undefined) continue
    const source = { from: 'environment', variable } as const
    const name = nameOfVariable.get(variable)
    if (name !== undefined) {
      given.push({ name, text, source })
      continue
    }
    const meant = nearest(variable, known)
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    problems.push({ source, detail: `There is no such setting${hint}` })
  }
  return { given, configPath: environment[configVariable], problems }
}
