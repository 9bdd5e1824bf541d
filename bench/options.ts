// Reads the arguments of `npm run bench`.
import { parseArgs } from 'node:util'
import type { MosquittoChoice } from './peers/mosquitto.ts'

export const brokerNames = ['mosquitto', 'aedes', 'holdfast'] as const
export type BrokerName = (typeof brokerNames)[number]

export type Options = {
  /** Loads whose name begins with one of these; empty for all. */
  loadPrefixes: string[]
  seconds: number
  warmUpSeconds: number
  brokers: BrokerName[]
  store: 'memory' | 'embedded'
  mosquitto: MosquittoChoice
  extraArguments: string[]
  jsonFile: string | null
  profile: 'on' | 'off'
}

export type Asked =
  | { at: 'run'; options: Options }
  | { at: 'help' }
  | { at: 'list' }
  | { at: 'wrong'; why: string }

export const helpText = `Measures holdfast beside mosquitto and aedes.

  npm run bench -- [options]

  --load NAME,...       loads to run, by name or by the beginning of it (default: all; see --list)
  --seconds N           seconds measured per load and broker (default 5)
  --warm-up N           seconds before that (default 1, or half of --seconds if that is less)
  --brokers A,B         of mosquitto, aedes, holdfast (default: all three)
  --store NAME          store of holdfast: memory (default) or embedded
  --holdfast="ARGS"     more arguments for holdfast's start, for instance --holdfast="--durability os"
  --mosquitto WHICH     newest (default: unpacked from the package mirror into node_modules/.cache) or installed
  --profile             run holdfast with --cpu-prof and print the functions that took most time
  --json FILE           write the results there too
  --list                list the loads and what each asks
  --help                this text
`

const defaultSeconds = 5

export function readOptions(args: readonly string[]): Asked {
  try {
    return interpret(parse(args))
  } catch (error) {
    // parseArgs and the checks below throw what is wrong with the arguments, in words for people.
    return { at: 'wrong', why: error instanceof Error ? error.message : String(error) }
  }
}

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      load: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      brokers: { type: 'string' },
      store: { type: 'string' },
      holdfast: { type: 'string' },
      mosquitto: { type: 'string' },
      profile: { type: 'boolean' },
      json: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  return values
}

function interpret(values: ReturnType<typeof parse>): Asked {
  if (values.help === true) return { at: 'help' }
  if (values.list === true) return { at: 'list' }
  const seconds = readSeconds('--seconds', values.seconds, defaultSeconds)
  return {
    at: 'run',
    options: {
      loadPrefixes: (values.load ?? []).flatMap(readList),
      seconds,
      warmUpSeconds: readSeconds('--warm-up', values['warm-up'], Math.min(1, seconds / 2)),
      brokers: values.brokers === undefined ? [...brokerNames] : readList(values.brokers).map(readBrokerName),
      store: readChoice('--store', values.store, ['memory', 'embedded'] as const),
      mosquitto: readChoice('--mosquitto', values.mosquitto, ['newest', 'installed'] as const),
      extraArguments: (values.holdfast ?? '').split(' ').filter(part => part !== ''),
      jsonFile: values.json ?? null,
      profile: values.profile === true ? 'on' : 'off',
    },
  }
}

function readList(text: string): string[] {
  return text.split(',').filter(part => part !== '')
}

function readSeconds(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const seconds = Number(text)
  if (!(seconds > 0 && seconds <= 600)) throw new Error(`${option} wants 0 to 600 seconds, not "${text}"`)
  return seconds
}

function readBrokerName(text: string): BrokerName {
  const name = brokerNames.find(known => known === text)
  if (name === undefined) throw new Error(`--brokers wants ${brokerNames.join(', ')}, not "${text}"`)
  return name
}

/** The first choice is the default. */
function readChoice<Choice extends string>(
  option: string,
  text: string | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (text === undefined) return choices[0]
  const choice = choices.find(known => known === text)
  if (choice === undefined) throw new Error(`${option} wants ${choices.join(' or ')}, not "${text}"`)
  return choice
}
