// What has become different between two looks at a session, in words: for whoever was about to act on the former.

import { bytesInWords, countInWords, numberInWords } from '../../shared/plain-words.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'

/** The most telling first; never empty. */
export function changesBetween(was: SessionSummary, now: SessionSummary): readonly string[] {
  if (was.generation !== now.generation)
    return [
      `It is another session: the one you looked at has ended, and this one holds ${countInWords(now.queued.count, 'message')}.`,
    ]
  const changes = [
    ...(was.connected === now.connected
      ? []
      : [now.connected ? 'It has connected.' : 'It has disconnected.']),
    ...(was.queued.count === now.queued.count
      ? []
      : [
          `${numberInWords(was.queued.count)} → ${countInWords(now.queued.count, 'message')} waiting (${bytesInWords(now.queued.bytes)}).`,
        ]),
    ...(was.inflight.out === now.inflight.out
      ? []
      : [`${numberInWords(was.inflight.out)} → ${numberInWords(now.inflight.out)} in flight.`]),
    ...(was.subscriptions === now.subscriptions
      ? []
      : [`${numberInWords(was.subscriptions)} → ${countInWords(now.subscriptions, 'subscription')}.`]),
    ...((was.hold === null) === (now.hold === null)
      ? []
      : [now.hold === null ? 'It is not held any more.' : `It is held by ${now.hold.by}.`]),
    ...(was.expiry.intervalSeconds === now.expiry.intervalSeconds && was.expiry.pinned === now.expiry.pinned
      ? []
      : ['Its expiry has been changed.']),
  ]
  if (changes.length > 0) return changes
  return [
    now.connected
      ? 'It has reconnected, and is as it was otherwise.'
      : 'It has been away and back, or was acted on, and is as it was otherwise.',
  ]
}
