// Which figures of a run must be zero, and how the figures are told.

import type { TortureResult } from './torture.ts'

/** What must be zero, each with its name in reports; undefined where the broker gives no answer. */
export function faultsOf(result: TortureResult): ReadonlyMap<string, number | undefined> {
  const { messages, state, leftOver, crashes } = result
  return new Map([
    ['acknowledged messages lost', messages.lostMessages],
    ['their deliveries lost', messages.lost],
    ['QoS 2 delivered twice', messages.qos2Duplicates],
    ['out of order', messages.orderViolations],
    ['never published', messages.damaged],
    ['sessions lost', state.sessionsLost],
    ['sessions back after their end', state.sessionsBack],
    ['subscriptions lost', state.subscriptionsLost],
    ['subscriptions back after their end', state.subscriptionsBack],
    ['retained messages lost or older', state.retainedLost],
    ['wills lost', state.willsLost],
    ['queued after the drain', result.queuedAfterDrain],
    ['left over: messages', leftOver?.messages],
    ['left over: packet ids', leftOver?.packetIds],
    ['records damaged', leftOver?.damaged],
    ['ended by itself', crashes.deaths],
  ])
}

export function isClean(result: TortureResult): boolean {
  const isWhole = result.leftOver === undefined || result.leftOver.integrity === 'ok'
  return isWhole && [...faultsOf(result).values()].every(count => (count ?? 0) === 0)
}

export function describeResult(result: TortureResult): string {
  const { messages, state, crashes } = result
  const rows: (readonly [string, string | number])[] = [
    ['kills', `${crashes.kills} (${crashes.killsAtStart} of them while it started)`],
    ['power cuts', `${crashes.cuts} (${crashes.tornCuts} of them torn), ${crashes.bytesCut} bytes cut`],
    ['slowest start after one', `${crashes.restartMsMax} ms`],
    ['messages sent', messages.sent],
    ['acknowledged', messages.acknowledged],
    ['deliveries', messages.deliveries],
    ['QoS 1 delivered again', messages.repeated],
    ['sessions checked', state.sessionsChecked],
    ['subscriptions checked', state.subscriptionsChecked],
    ['retained checked', state.retainedChecked],
    ['wills checked', state.willsChecked],
    ...[...faultsOf(result)].map(([name, count]) => [name, count ?? 'not known'] as const),
    ...(result.leftOver === undefined ? [] : [['integrity', result.leftOver.integrity] as const]),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    `${result.subject}; seed ${result.seed}, ${result.seconds} s`,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...result.examples.map(example => `  for example ${example}`),
    isClean(result) ? 'Nothing was lost.' : 'Something was lost.',
    '',
  ].join('\n')
}
