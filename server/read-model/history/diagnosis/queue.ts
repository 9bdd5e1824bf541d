// Findings about the queue: empty, waiting, soon full, full, and what it has lost.

import {
  bytesInWords,
  countInWords,
  listInWords,
  momentInWords,
  numberInWords,
  spanInWords,
} from '../../../../shared/plain-words.ts'
import type { Millis } from '../../../clock.ts'
import type { DiagnosisFacts, QueueFacts } from './facts.ts'
import { type Finding, iso } from './finding.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** From this share of its limit on a queue is worth a warning, however slowly it fills. */
const NEARLY_FULL = 0.9

export function queueFindings(facts: DiagnosisFacts): readonly (Finding | undefined)[] {
  const { queue } = facts
  const said = queue.messages === 0 ? empty() : isFull(queue) ? full(facts) : waiting(facts)
  return [said, lost(facts)]
}

/** The next message has no room: none at all, or not as large a one as those that are there. */
export function isFull({ messages, bytes, messagesMax, bytesMax }: QueueFacts): boolean {
  return messages >= messagesMax || bytes + bytes / Math.max(1, messages) > bytesMax
}

function empty(): Finding {
  return {
    code: 'queue-empty',
    severity: 'information',
    text: 'Nothing waits.',
    data: { messages: 0 },
    actions: [],
  }
}

function full({ queue, losses }: DiagnosisFacts): Finding {
  const since = queue.fullSince === undefined ? '' : ` since ${momentInWords(queue.fullSince)}`
  const size = areBytesNearer(queue) ? bytesShare(queue) : countInWords(queue.messages, 'message')
  const dropped = losses.find(one => one.reason === 'queue-full')?.count ?? 0
  return {
    code: 'queue-full',
    severity: 'problem',
    text: `Queue full${since} (${size}); ${overflowing(queue, dropped)}.`,
    data: {
      ...numbers(queue),
      since: queue.fullSince === undefined ? null : iso(queue.fullSince),
      dropped,
    },
    actions: ['clear-queue'],
  }
}

function overflowing({ overflow }: QueueFacts, dropped: number): string {
  if (overflow === 'reject') return 'new ones are refused'
  if (overflow === 'drop-oldest') {
    return dropped === 0
      ? 'the oldest make room for new ones'
      : `${countInWords(dropped, 'oldest message')} dropped to make room`
  }
  return dropped === 0 ? 'new ones are dropped' : `${countInWords(dropped, 'newer message')} dropped`
}

function waiting(facts: DiagnosisFacts): Finding {
  const { queue, presence, expiry, now, thresholds } = facts
  const nearly = fullness(queue) >= NEARLY_FULL
  const fullInMs = presence.at === 'online' ? undefined : timeUntilFull(queue)
  // It will not come to that when the session is gone before.
  const comes = fullInMs !== undefined && (expiry.at === undefined || now + fullInMs < expiry.at)
  if (!comes) {
    return {
      code: nearly ? 'queue-filling' : 'queue-waiting',
      severity: nearly ? 'warning' : 'information',
      text: `${waitingInWords(queue)}.`,
      data: numbers(queue),
      actions: [],
    }
  }
  const isSoon = nearly || fullInMs < thresholds.fullSoonMs
  const rate = `at ${rateInWords(queue)} full in ${spanInWords(fullInMs)}`
  return {
    code: 'queue-filling',
    severity: isSoon ? 'warning' : 'information',
    text: `${waitingInWords(queue)}; ${rate}, then ${thenWhat(queue)}.`,
    data: { ...numbers(queue), fullAt: iso(now + fullInMs), messagesPerHour: queue.fill!.messagesPerHour },
    actions: isSoon ? ['clear-queue'] : [],
  }
}

const thenWhatOf = {
  'drop-oldest': 'the oldest are dropped',
  'drop-newest': 'new ones are dropped',
  reject: 'new ones are refused',
} as const

function thenWhat({ overflow }: QueueFacts): string {
  return thenWhatOf[overflow]
}

function rateInWords({ fill }: QueueFacts): string {
  const overMs = fill?.overMs ?? 0
  if (overMs > DAY_MS) return `the rate of the last ${spanInWords(overMs)}`
  return overMs < HOUR_MS ? `the rate of the last ${spanInWords(Math.max(overMs, 1_000))}` : "today's rate"
}

/** Until messages or bytes reach their limit, whichever comes first; undefined when the queue does not grow. */
function timeUntilFull(queue: QueueFacts): Millis | undefined {
  if (queue.fill === undefined) return undefined
  const { messagesPerHour, bytesPerHour } = queue.fill
  const byMessages =
    messagesPerHour > 0 ? (queue.messagesMax - queue.messages) / messagesPerHour : Number.POSITIVE_INFINITY
  const byBytes = bytesPerHour > 0 ? (queue.bytesMax - queue.bytes) / bytesPerHour : Number.POSITIVE_INFINITY
  const hours = Math.min(byMessages, byBytes)
  return hours * HOUR_MS < 366 * DAY_MS ? Math.max(0, hours * HOUR_MS) : undefined
}

function fullness({ messages, bytes, messagesMax, bytesMax }: QueueFacts): number {
  return Math.max(messages / Math.max(1, messagesMax), bytes / Math.max(1, bytesMax))
}

/** `912 of 1,000 messages waiting`; bytes are named where those are nearer to their limit. */
function waitingInWords(queue: QueueFacts): string {
  const { messages, messagesMax } = queue
  if (!areBytesNearer(queue))
    return `${numberInWords(messages)} of ${countInWords(messagesMax, 'message')} waiting`
  return `${countInWords(messages, 'message')} waiting (${bytesShare(queue)})`
}

function bytesShare({ bytes, bytesMax }: QueueFacts): string {
  return `${bytesInWords(bytes)} of ${bytesInWords(bytesMax)}`
}

function areBytesNearer({ messages, bytes, messagesMax, bytesMax }: QueueFacts): boolean {
  return messagesMax > 0 && bytes / Math.max(1, bytesMax) > messages / messagesMax
}

function numbers(queue: QueueFacts): Readonly<Record<string, unknown>> {
  const { messages, bytes, messagesMax, bytesMax, overflow } = queue
  return { messages, bytes, messagesMax, bytesMax, overflow }
}

const lossesInWords: Readonly<Record<string, string>> = {
  'queue-full': 'the queue was full',
  expired: 'they expired',
  'too-large': 'they were too large for the client',
  'store-full': 'the store was full',
  'offline-qos-0': 'they were of QoS 0 and it was offline',
  'slow-consumer': 'it did not read fast enough',
  damaged: 'the disk had damaged them',
  removed: 'an operator removed them',
}

function lost({ losses }: DiagnosisFacts): Finding | undefined {
  const named = losses.filter(one => one.count > 0)
  const total = named.reduce((sum, one) => sum + one.count, 0)
  if (total === 0) return undefined
  const why = named.map(
    one => `${numberInWords(one.count)} because ${lossesInWords[one.reason] ?? one.reason}`,
  )
  return {
    code: 'messages-lost',
    severity: 'information',
    text: `${countInWords(total, 'message')} did not reach it: ${listInWords(why)}.`,
    data: { total, byReason: Object.fromEntries(named.map(one => [one.reason, one.count])) },
    actions: [],
    isAside: true,
  }
}
