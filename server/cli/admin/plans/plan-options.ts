// What an act does beside its verb, as flags: holds, wills, pace, when sessions expire, which messages.

import {
  type MessageFilter,
  PLAN_HOLD_SECONDS_MAX,
  PLAN_RATE_MAX,
  type PlanOptions,
} from '../../../../shared/plan.ts'
import { parseBytes, parseDurationMs } from '../../../../shared/units.ts'
import { oneOfWords, wholeNumber } from '../arguments.ts'
import { CliProblem } from '../cli-problem.ts'
import type { Arguments, Flag } from '../spec.ts'

type Given = Pick<Arguments, 'options' | 'switches'>

export const willFlag: Flag = { name: '--no-will', meaning: 'Wills are dropped instead of published.' }

export const holdFlag: Flag = {
  name: '--hold',
  value: 'SPAN',
  meaning: 'Keep the clients out for so long (`30s`, `5m`), so that they are not back at once.',
}

export const rateFlag: Flag = {
  name: '--rate',
  value: 'N',
  meaning: 'At most so many a second (default 200).',
}

export const expiryFlags: readonly Flag[] = [
  {
    name: '--after',
    value: 'SPAN',
    meaning: 'So long after its connection ended, or will end: `1h`, `7d`, never.',
  },
  {
    name: '--at',
    value: 'TIME',
    meaning: 'At that time, such as 2027-01-01T00:00:00Z; of sessions that are offline.',
  },
  { name: '--pin', meaning: 'For later connections, too, whatever they ask for.' },
  { name: '--unpin', meaning: 'Later connections get again what they ask for.' },
]

export const messageFlags: readonly Flag[] = [
  { name: '--topic', value: 'GLOB', meaning: 'Only messages with such a topic; * is anything.' },
  { name: '--older-than', value: 'SPAN', meaning: 'Only messages that came longer ago: `30m`, `2h`, `7d`.' },
  { name: '--qos', value: 'QOS', meaning: 'Only messages of QoS 0, 1 or 2.' },
  { name: '--larger-than', value: 'BYTES', meaning: 'Only messages of so many bytes or more: `64KiB`.' },
  { name: '--publisher', value: 'GLOB', meaning: 'Only messages of such a publisher.' },
]

export function planOptions(given: Given): PlanOptions {
  const holdSeconds = holdSecondsOf(given, '--hold')
  const ratePerSecond = wholeNumber(given, '--rate', { min: 1, max: PLAN_RATE_MAX })
  const expiry = expiryOf(given)
  const pinned = pinnedOf(given)
  const messages = messageFilterOf(given)
  return {
    ...(given.switches.has('--no-will') ? { suppressWill: true } : {}),
    ...(holdSeconds === undefined ? {} : { holdSeconds }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(expiry === undefined ? {} : { expiry }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(messages === undefined ? {} : { messages }),
  }
}

export function holdSecondsOf(given: Given, flag: string): number | undefined {
  const seconds = secondsOf(given, flag)
  if (seconds === undefined || (seconds >= 1 && seconds <= PLAN_HOLD_SECONDS_MAX)) return seconds
  throw wrong(`${flag} must be from 1s to 1d.`)
}

export function expiryOf({ options }: Given): PlanOptions['expiry'] | undefined {
  const after = options.get('--after')
  const at = options.get('--at')
  if (after !== undefined && at !== undefined) throw wrong('Give one of --after and --at.')
  if (after === 'never') return { seconds: null }
  if (after !== undefined) return { seconds: Math.max(1, secondsOf({ options }, '--after') ?? 1) }
  if (at === undefined) return undefined
  const ms = Date.parse(at)
  if (Number.isNaN(ms))
    throw wrong(`--at must be a time such as 2027-01-01T00:00:00Z, not ${JSON.stringify(at)}.`)
  return { at: new Date(ms).toISOString() }
}

export function pinnedOf({ switches }: Given): boolean | undefined {
  if (switches.has('--pin') && switches.has('--unpin')) throw wrong('Give one of --pin and --unpin.')
  if (switches.has('--pin')) return true
  return switches.has('--unpin') ? false : undefined
}

/** Undefined when no flag says which: then all of them are meant. */
export function messageFilterOf({ options }: Given): MessageFilter | undefined {
  const topic = options.get('--topic')
  const publisher = options.get('--publisher')
  const olderThanSeconds = secondsOf({ options }, '--older-than')
  const qos = oneOfWords({ options }, '--qos', ['0', '1', '2'])
  const size = options.get('--larger-than')
  const bytesMin = size === undefined ? undefined : parseBytes(size)
  if (size !== undefined && bytesMin === undefined)
    throw wrong(`--larger-than must be bytes such as 64KiB, not ${JSON.stringify(size)}.`)
  const filter = {
    ...(topic === undefined ? {} : { topic }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(olderThanSeconds === undefined ? {} : { olderThanSeconds }),
    ...(qos === undefined ? {} : { qos: Number(qos) }),
    ...(bytesMin === undefined ? {} : { bytesMin }),
  }
  return Object.keys(filter).length === 0 ? undefined : filter
}

function secondsOf({ options }: Pick<Given, 'options'>, flag: string): number | undefined {
  const text = options.get(flag)
  if (text === undefined) return undefined
  const ms = parseDurationMs(text)
  if (ms !== undefined) return Math.ceil(ms / 1000)
  throw wrong(`${flag} must be a span such as 30s, 2h or 7d, not ${JSON.stringify(text)}.`)
}

function wrong(sentence: string): CliProblem {
  return new CliProblem('wrongUsage', sentence)
}
