// What a command of the admin client takes and does, as a value; help and reading of arguments follow from it.

import type { Clock } from '../../clock.ts'
import type { CliContext } from '../command.ts'
import type { ApiClient } from './api-client.ts'
import type { Printer } from './printer.ts'

export interface Operand {
  /** As the usage names it: `CLIENT-ID`. */
  readonly name: string
  readonly times: 'once' | 'optional' | 'any'
}

export interface Flag {
  /** With its dashes. */
  readonly name: string
  /** What its value is, as the usage names it; undefined: it stands alone. */
  readonly value?: string
  /** A sentence for the help. */
  readonly meaning: string
}

export interface Arguments {
  readonly operands: readonly string[]
  readonly switches: ReadonlySet<string>
  readonly options: ReadonlyMap<string, string>
}

export interface AdminRun extends Arguments {
  readonly api: ApiClient
  readonly print: Printer
  readonly context: CliContext
  readonly clock: Clock
}

export interface AdminSpec {
  readonly name: string
  readonly group: string
  readonly summary: string
  readonly operands?: readonly Operand[]
  readonly flags?: readonly Flag[]
  /** What its help says beyond summary and flags: lines of at most 100 characters. */
  readonly explanation?: string
  /** Throws CliProblem when it cannot be done. */
  run(run: AdminRun): Promise<void>
}

/** What every command of the admin client takes. */
export const commonFlags: readonly Flag[] = [
  {
    name: '--url',
    value: 'URL',
    meaning: 'Which broker (HOLDFAST_URL; default http://127.0.0.1:8080).',
  },
  {
    name: '--profile',
    value: 'NAME',
    meaning: 'Broker and key from ~/.config/holdfast/profiles.yaml (HOLDFAST_PROFILE).',
  },
  {
    name: '--api-key-file',
    value: 'FILE',
    meaning: 'A file with the API key alone in it, instead of HOLDFAST_API_KEY.',
  },
  { name: '--json', meaning: "The API's JSON; one object a line for lists." },
  { name: '--wide', meaning: 'All columns, nothing cut to the width of the terminal.' },
  { name: '--utc', meaning: 'Times as they stand in the calendar, in UTC, instead of how long ago.' },
]
