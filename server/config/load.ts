// Puts the settings together: defaults, then file, then environment, then flags; all problems are told at once.

import { resolve } from 'node:path'
import { checks } from './checks.ts'
import type { Environment } from './read-environment.ts'
import { readEnvironment } from './read-environment.ts'
import { readSettingsFile } from './read-file.ts'
import { configName, readFlags } from './read-flags.ts'
import type { SettingKey, Settings } from './schema.ts'
import { keyOfName, settingKeys, settingOf } from './schema.ts'
import type { Given, Problem, Source } from './source.ts'

export interface LoadOptions {
  /** The arguments after the command. */
  readonly argv: readonly string[]
  readonly environment: Environment
  /** Throws if the file cannot be read. */
  readonly readFile: (path: string) => string
  /** Absolute; relative paths, wherever they are written, are taken from here. */
  readonly workingDirectory: string
}

export type Sources = Readonly<Record<SettingKey, Source>>

export type Loaded =
  | { readonly ok: true; readonly settings: Settings; readonly sources: Sources }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export function loadSettings(options: LoadOptions): Loaded {
  const flags = readFlags(options.argv)
  const environment = readEnvironment(options.environment)
  const file = readConfigFile(flags.configPath ?? environment.configPath, options)
  const problems = [...file.problems, ...environment.problems, ...flags.problems]

  const values = new Map<SettingKey, unknown>()
  const sources = new Map<SettingKey, Source>()
  const refused = new Set<SettingKey>()
  const defaults = settingKeys.map(
    (key): Given => ({
      name: settingOf(key).name,
      text: settingOf(key).default,
      source: { from: 'default' },
    }),
  )
  // A later text for a setting replaces an earlier one; a wrong text is told even where it would be replaced.
  for (const given of [...defaults, ...file.given, ...environment.given, ...flags.given]) {
    const key = keyOfName(given.name)
    if (key === undefined) continue
    const parsed = settingOf(key).kind.parse(given.text, options.workingDirectory)
    if (parsed === 'refused') {
      problems.push(refusal(key, given))
      refused.add(key)
      continue
    }
    values.set(key, parsed.value)
    sources.set(key, given.source)
  }

  const settings = Object.fromEntries(values) as Settings
  const allSources = Object.fromEntries(sources) as Sources
  problems.push(...crossProblems(settings, allSources, refused))
  return problems.length === 0 ? { ok: true, settings, sources: allSources } : { ok: false, problems }
}

function readConfigFile(
  path: string | undefined,
  options: LoadOptions,
): { readonly given: readonly Given[]; readonly problems: readonly Problem[] } {
  if (path === undefined) return { given: [], problems: [] }
  let content: string
  try {
    content = options.readFile(resolve(options.workingDirectory, path))
  } catch (error) {
    const source = { from: 'file', path, line: undefined } as const
    const detail = `cannot be read: ${error instanceof Error ? error.message : String(error)}`
    return { given: [], problems: [{ source, setting: configName, detail }] }
  }
  return readSettingsFile(path, content)
}

function refusal(key: SettingKey, given: Given): Problem {
  const { name, kind } = settingOf(key)
  return { source: given.source, setting: name, value: given.text, detail: `must be ${kind.allowed}` }
}

function crossProblems(
  settings: Settings,
  sources: Sources,
  refused: ReadonlySet<SettingKey>,
): readonly Problem[] {
  return checks.flatMap(check => {
    if (check.settings.some(key => refused.has(key))) return []
    const detail = check.refuse(settings)
    if (detail === undefined) return []
    const decidedBy = check.settings.find(key => sources[key].from !== 'default') ?? check.settings[0]
    return [{ source: sources[decidedBy], detail }]
  })
}
