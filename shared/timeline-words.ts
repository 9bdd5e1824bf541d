// A row of the timeline as a plain sentence: what page and command line say alike.

import { connected, disconnected, placeInWords, refused, takenOver } from './connection-words.ts'
import { type HappeningData, listOf, numberOf, textOf } from './happening-facts.ts'
import type { TimelineEntry, TimelineKind } from './history.ts'
import { lossBecause } from './loss-words.ts'
import {
  bytesInWords,
  countInWords,
  listInWords,
  momentInWords,
  secondInWords,
  spanInWords,
} from './plain-words.ts'

/** Live events have no count: each stands for one. */
export type Happened = Pick<TimelineEntry, 'kind' | 'actor' | 'data'> & { readonly count?: number }

/** Topic filters that a sentence names; the row has up to twenty. */
const FILTERS_NAMED = 4

/** Without a full stop: `Queue full: 1,000 messages (4 MiB)`; with how often, and the operator's reason, where there are any. */
export function timelineSentence(happened: Happened): string {
  const { kind, data, count = 1 } = happened
  const times = count > 1 && kind !== 'queue.dropped' ? `, ${countInWords(count, 'time')}` : ''
  const reason = textOf(data, 'reason')
  return `${sentences[kind](happened)}${times}${reason === undefined ? '' : ` (${reason})`}`
}

const sentences: Readonly<Record<TimelineKind, (happened: Happened) => string>> = {
  connect: ({ data }) => connected(data),
  'connect.refused': ({ data }) => refused(data),
  takeover: ({ data }) => takenOver(data),
  disconnect: ({ data, actor }) => disconnected(data, actor),
  subscribe: ({ data, actor }) => `Subscribed${by(actor)} to ${subscriptions(data)}`,
  unsubscribe: ({ data, actor }) => `Unsubscribed${by(actor)} from ${topicFilters(data)}`,
  created: () => 'A session that outlives its connection began',
  'queue.started': ({ data }) => `Messages began to wait: ${load(data)}`,
  'queue.level': ({ data }) => `${level(numberOf(data, 'percent') ?? 0)}: ${load(data)}`,
  'queue.dropped': lost,
  redelivered: ({ data }) =>
    `Sent ${countInWords(numberOf(data, 'messages') ?? 0, 'message')} again that had not been acknowledged`,
  'inflight.stuck': ({ data }) =>
    `The oldest of ${countInWords(numberOf(data, 'inFlight') ?? 0, 'message')} in flight is not acknowledged${since(data)}`,
  'will.sent': ({ data }) => `Its will was published to ${textOf(data, 'topic') ?? 'its topic'}`,
  hold: ({ data, actor }) => `Held${by(actor)}: connections are refused${until(data)}`,
  'hold.released': ({ actor }) => (actor === null ? 'The hold is over' : `The hold was released${by(actor)}`),
  'expiry.set': ({ data, actor }) => `Expiry set${by(actor)}: ${expiry(data)}`,
  ended: ({ data }) => `The session ended with its connection${withIt(data)}`,
  expired: ({ data, actor }) =>
    `${actor === null ? 'The session expired' : `Expired${by(actor)}`}${withIt(data)}`,
  cleaned: ({ data, actor }) =>
    `${actor === null ? 'The client asked for a clean session, and the former one is gone' : `Cleaned${by(actor)}`}${withIt(data)}`,
  cleared: ({ data, actor }) => `Queue cleared${by(actor)}: ${load(data)}`,
  removed: ({ data, actor }) => `Taken out of the queue${by(actor)}: ${load(data)}`,
  restored: ({ data, actor }) => `Brought back${by(actor)}: ${what(data)}`,
  purged: ({ data, actor }) =>
    `${actor === null ? 'Can no longer be brought back' : `Given up for good${by(actor)}`}: ${what(data)}`,
  'broker.restart': ({ data }) => restart(data),
  'history.gap': ({ data }) =>
    `Missing here: ${countInWords(numberOf(data, 'rows') ?? 0, 'event')} that came faster than they could be written`,
}

function by(actor: string | null): string {
  return actor === null ? '' : ` by ${actor}`
}

/** `1,000 messages (4 MiB)` */
function load(data: HappeningData): string {
  const bytes = numberOf(data, 'bytes')
  const messages = countInWords(numberOf(data, 'messages') ?? 0, 'message')
  return bytes === undefined ? messages : `${messages} (${bytesInWords(bytes)})`
}

function withIt(data: HappeningData): string {
  return (numberOf(data, 'messages') ?? 0) === 0 ? '' : `, and with it ${load(data)}`
}

function what(data: HappeningData): string {
  return textOf(data, 'what') === 'session' ? `the session with ${load(data)}` : load(data)
}

function level(percent: number): string {
  return percent >= 100 ? 'Queue full' : `Queue ${percent} % full`
}

/** As in `7,712 messages lost because the queue was full (31 MiB)`. */
function lost({ data, count = 1 }: Happened): string {
  const cause = textOf(data, 'cause') ?? 'nobody knows why'
  const bytes = numberOf(data, 'bytes')
  return `${countInWords(count, 'message')} lost because ${lossBecause(cause)}${bytes === undefined ? '' : ` (${bytesInWords(bytes)})`}`
}

function subscriptions(data: HappeningData): string {
  const named = listOf(data, 'subscriptions').map(one => {
    const { topicFilter, qos } = one as { readonly topicFilter?: unknown; readonly qos?: unknown }
    return `${topicFilter} (QoS ${qos})`
  })
  return firstOf(named, data)
}

function topicFilters(data: HappeningData): string {
  return firstOf(listOf(data, 'topicFilters').map(String), data)
}

function firstOf(named: readonly string[], data: HappeningData): string {
  const shown = named.slice(0, FILTERS_NAMED)
  const more = (numberOf(data, 'of') ?? named.length) - shown.length
  return listInWords(more > 0 ? [...shown, `${more} more`] : shown)
}

function since(data: HappeningData): string {
  const at = textOf(data, 'sentAt')
  return at === undefined ? '' : ` since ${momentInWords(Date.parse(at))}`
}

function until(data: HappeningData): string {
  const at = textOf(data, 'until')
  return at === undefined ? '' : ` until ${secondInWords(Date.parse(at))}`
}

function expiry(data: HappeningData): string {
  const { expirySeconds, expiresAt, pinned, source } = data
  const pin = pinned === true ? ', for later connections too' : ''
  if (source !== 'operator') return 'as the client or the broker has it'
  if (typeof expiresAt === 'string') return `on ${momentInWords(Date.parse(expiresAt))}${pin}`
  if (typeof expirySeconds !== 'number') return `never${pin}`
  return `${spanInWords(expirySeconds * 1000)} after the client has left${pin}`
}

function restart(data: HappeningData): string {
  if (data['first'] === true) return 'The broker started; its history begins here'
  const downMs = numberOf(data, 'downMs')
  const down = downMs === undefined ? '' : ` after ${spanInWords(downMs)}`
  return data['wasStopped'] === false
    ? `The broker was cut off and started again${down}`
    : `The broker was stopped and started again${down}`
}

/** Where the client was that came; empty for all that is not about one that comes. */
export function timelinePlace({ kind, data }: Pick<Happened, 'kind' | 'data'>): string {
  return kind === 'connect' || kind === 'connect.refused' ? placeInWords(data) : ''
}
