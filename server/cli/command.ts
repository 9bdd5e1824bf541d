// What a command of the command line is, what it is given, and which exit codes there are.

import type { LoadOptions } from '../config/load.ts'
import type { Settings } from '../config/schema.ts'
import type { Log } from '../log.ts'

/** Documented in the overview that `holdfast --help` prints. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
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
  /** Says goodbye to clients, flushes, closes the store; within the shutdown timeout. */
  stop(): Promise<void>
}

export interface BrokerModule {
  startBroker(settings: Settings, log: Log): Promise<RunningBroker>
}

export interface CliContext extends LoadOptions {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly stdoutIsTerminal: boolean
  /** Called by `start` alone: the other commands need no broker in memory. */
  readonly loadBroker: () => Promise<BrokerModule>
}

export interface Command {
  /** One or two words. */
  readonly name: string
  readonly usage: string
  readonly summary: string
  /** What its help says beyond the summary: lines of at most 100 characters. */
  readonly explanation?: string
  /** Whether it takes every setting as a flag; its help then lists them. */
  readonly takesSettings: boolean
  run(args: readonly string[], context: CliContext): Promise<number>
}
