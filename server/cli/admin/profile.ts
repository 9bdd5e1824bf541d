// Which broker a command of the admin client talks to, and with which key: flags, environment, or a profile.

import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { nearest } from '../../../shared/nearest.ts'
import type { CliContext } from '../command.ts'
import { CliProblem } from './cli-problem.ts'

export interface Target {
  readonly url: URL
  readonly apiKey: string | undefined
}

const DEFAULT_URL = 'http://127.0.0.1:8080'
/** Bits that let others than the owner read or write a file. */
const OTHERS = 0o077

interface Profile {
  readonly url: string
  readonly apiKey: string | undefined
}

type ProfileContext = Pick<CliContext, 'environment' | 'readFile' | 'workingDirectory'>

/** Throws CliProblem. A key never stands on the command line, where `ps` and the shell's history show it. */
export function targetOf(options: ReadonlyMap<string, string>, context: ProfileContext): Target {
  const { environment } = context
  const keyFile = options.get('--api-key-file')
  const url = options.get('--url')
  const named = options.get('--profile')
  if (named !== undefined && url !== undefined)
    throw wrong(
      '--profile and --url both say which broker: give one of them, or the key of one would go to the other.',
    )
  const profileName =
    named ??
    (url === undefined && environment['HOLDFAST_URL'] === undefined
      ? environment['HOLDFAST_PROFILE']
      : undefined)
  const keyOfFile = keyFile === undefined ? undefined : readKeyFile(keyFile, context)
  if (profileName !== undefined) {
    const profile = readProfile(profileName, context)
    return { url: parseUrl(profile.url, `profile ${profileName}`), apiKey: keyOfFile ?? profile.apiKey }
  }
  const [text, source] =
    url !== undefined ? [url, '--url'] : [environment['HOLDFAST_URL'] ?? DEFAULT_URL, 'HOLDFAST_URL']
  return { url: parseUrl(text, source), apiKey: keyOfFile ?? nonEmpty(environment['HOLDFAST_API_KEY']) }
}

function parseUrl(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw wrong(
      `${source} must be an address such as https://mqtt.example:8080, not ${JSON.stringify(text)}.`,
    )
  if (url.username !== '' || url.password !== '')
    throw wrong(
      `${source} must not have a password in it: use an API key (HOLDFAST_API_KEY or --api-key-file).`,
    )
  return url
}

function readKeyFile(path: string, { readFile, workingDirectory }: ProfileContext): string {
  const whole = resolve(workingDirectory, path)
  const key = reading(whole, () => readFile(whole)).trim()
  if (key === '' || /\s/.test(key)) throw wrong(`${whole} must hold one API key and nothing else.`)
  return key
}

export function profilesPath(environment: ProfileContext['environment']): string {
  const configured = nonEmpty(environment['XDG_CONFIG_HOME'])
  return join(configured ?? join(environment['HOME'] ?? '/', '.config'), 'holdfast', 'profiles.yaml')
}

function readProfile(name: string, { environment, readFile }: ProfileContext): Profile {
  const path = profilesPath(environment)
  const { mode } = reading(path, () => statSync(path))
  if ((mode & OTHERS) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0')
    throw wrong(
      `${path} has keys in it, and others than you may read or change it (mode ${shown}). Mend that: chmod 600 ${path}`,
    )
  }
  const profiles = parseProfiles(
    path,
    reading(path, () => readFile(path)),
  )
  const profile = profiles.get(name)
  if (profile !== undefined) return profile
  const meant = nearest(name, [...profiles.keys()])
  const hint = meant === undefined ? `It has: ${[...profiles.keys()].join(', ')}.` : `Did you mean ${meant}?`
  throw wrong(`There is no profile ${JSON.stringify(name)} in ${path}. ${hint}`)
}

const shape = 'A profile is its name with "url:" and "api-key:" below it.'

function parseProfiles(path: string, text: string): ReadonlyMap<string, Profile> {
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    // The message quotes the line, and the line may hold a key.
    throw wrong(`${path} is no YAML: ${error.code} in line ${error.linePos?.[0].line ?? '?'}. ${shape}`)
  }
  if (typeof content !== 'object' || content === null) throw wrong(`${path} has no profiles. ${shape}`)
  return new Map(Object.entries(content).map(([name, value]) => [name, profileOf(path, name, value)]))
}

function profileOf(path: string, name: string, value: unknown): Profile {
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const url: unknown = fields.get('url')
  const apiKey: unknown = fields.get('api-key')
  const unknown = [...fields.keys()].find(key => key !== 'url' && key !== 'api-key')
  if (
    typeof url !== 'string' ||
    (apiKey !== undefined && typeof apiKey !== 'string') ||
    unknown !== undefined
  ) {
    const what = unknown === undefined ? '' : ` (there is no ${JSON.stringify(unknown)})`
    throw wrong(`The profile ${JSON.stringify(name)} in ${path} is not complete${what}. ${shape}`)
  }
  return { url, apiKey }
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw wrong(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function wrong(sentence: string): CliProblem {
  return new CliProblem('wrongUsage', sentence)
}
