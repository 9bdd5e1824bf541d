// What a command of the command line is, what it is given, and which exit codes there are.

import type { LoadOptions, Sources } from '../config/load.ts'
import type { Settings } from '../config/schema.ts'
import type { Log } from '../log.ts'

/** Documented in the overview that `holdfast --help` prints. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  notFound: 3,
  /** It changed meanwhile, or needs a confirmation that was not given. */
  refused: 4,
  notAllowed: 5,
  unreachable: 6,
} as const

export interface Listener {
  /** `tcp`, `http`, ... */
  readonly listener: string
  readonly url: string
  /** Where MQTT clients connect, if that is not `url` itself. */
  readonly mqttUrl?: string
}

export interface RunningBroker {
  readonly listeners: readonly Listener[]
  /** Where the first admin is made, once; a secret. */
  readonly setupLink: string | undefined
  /** Says goodbye to clients, flushes, closes the store; within the shutdown timeout. */
  stop(): Promise<void>
}

export interface BrokerModule {
  startBroker(settings: Settings, log: Log, options?: { readonly sources?: Sources }): Promise<RunningBroker>
}

/** Somebody sits at it: stdin and stdout are one. */
export interface Terminal {
  readonly columns: number
  readonly rows: number
  /** One line, without its end; undefined when the input ends instead. */
  ask(question: string): Promise<string | undefined>
  /** The same, and what is typed does not show; undefined also on Ctrl-C. */
  askUnseen(question: string): Promise<string | undefined>
  /** Hands over each key as it is pressed, Ctrl-C among them, until the returned function is called. */
  keys(heard: (key: string) => void): () => void
  resized(heard: () => void): () => void
}

export interface CliContext extends LoadOptions {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly stdoutIsTerminal: boolean
  readonly terminal?: Terminal
  /** Called by `start` alone: the other commands need no broker in memory. */
  readonly loadBroker: () => Promise<BrokerModule>
}

export interface Command {
  /** One or two words. */
  readonly name: string
  /** The heading that the overview has it under. */
  readonly group: string
  readonly usage: string
  readonly summary: string
  /** What its help says beyond the summary: lines of at most 100 characters. */
  readonly explanation?: string
  /** Whether it takes every setting as a flag; its help then lists them. */
  readonly takesSettings: boolean
  run(args: readonly string[], context: CliContext): Promise<number>
}
