// The command line of `npm run torture`.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type Durability, durabilities, type PeerName, peers } from './subjects.ts'

export interface Options {
  readonly kills: number
  readonly cuts: number
  readonly seed: number
  readonly peer: PeerName
  readonly durability: Durability
  /** Infinity: until all kills and cuts are done. */
  readonly minutes: number
  readonly jsonFile: string | undefined
}

export type Asked =
  | { at: 'help' }
  | { at: 'wrong'; readonly why: string }
  | { at: 'run'; readonly options: Options }

export const helpText = `Kills a broker under load again and again, or cuts its power, and counts what it has lost.

Usage: npm run torture -- [--kills 20] [--cuts 0] [--seed N] [--durability sync] [--peer holdfast] [--minutes N] [--json FILE]

  --kills N        kill -9 at random moments, one in ten while it starts (default 20, or 0 with --cuts)
  --cuts N         power cuts: only what was synced survives, in half of them also some torn sectors
  --seed N         repeats the same choices; what the processes do meanwhile is theirs
  --durability D   ${durabilities.join(', ')}; of holdfast
  --peer NAME      ${peers.join(', ')}
  --minutes N      begins to drain after so long, however many crashes are left
  --json FILE      writes all figures there

Ends with 0 when nothing was lost, 1 when something was, 2 for a wrong command line.
`

export function readOptions(args: readonly string[]): Asked {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kills: { type: 'string' },
        cuts: { type: 'string', default: '0' },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
        durability: { type: 'string', default: 'sync' },
        peer: { type: 'string', default: 'holdfast' },
        minutes: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return { at: 'help' }
    const cuts = wholeNumber('cuts', values.cuts)
    const kills = wholeNumber('kills', values.kills ?? (cuts > 0 ? '0' : '20'))
    return {
      at: 'run',
      options: {
        kills,
        cuts,
        seed: wholeNumber('seed', values.seed),
        peer: oneOf('peer', peers, values.peer),
        durability: oneOf('durability', durabilities, values.durability),
        minutes:
          values.minutes === undefined ? Number.POSITIVE_INFINITY : wholeNumber('minutes', values.minutes),
        jsonFile: values.json,
      },
    }
  } catch (error) {
    return { at: 'wrong', why: error instanceof Error ? error.message : String(error) }
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} must be a whole number`)
  return Number(text)
}

function oneOf<T extends string>(name: string, values: readonly T[], text: string): T {
  const found = values.find(value => value === text)
  if (found === undefined) throw new Error(`--${name} must be one of ${values.join(', ')}`)
  return found
}
