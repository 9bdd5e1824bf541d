// The kinds of events as people look for them: in groups, each kind in words.

import type { TimelineKind } from '../../../shared/history.ts'

export interface KindGroup {
  readonly title: string
  readonly kinds: readonly (readonly [kind: TimelineKind, words: string])[]
}

export const kindGroups: readonly KindGroup[] = [
  {
    title: 'Connections',
    kinds: [
      ['connect', 'connected'],
      ['connect.refused', 'refused'],
      ['takeover', 'taken over'],
      ['disconnect', 'disconnected'],
    ],
  },
  {
    title: 'Subscriptions',
    kinds: [
      ['subscribe', 'subscribed'],
      ['unsubscribe', 'unsubscribed'],
    ],
  },
  {
    title: 'Queues',
    kinds: [
      ['queue.started', 'began to fill'],
      ['queue.level', 'reached a level'],
      ['queue.dropped', 'messages lost'],
      ['redelivered', 'sent again'],
      ['inflight.stuck', 'not acknowledged'],
      ['will.sent', 'will published'],
    ],
  },
  {
    title: 'Sessions',
    kinds: [
      ['created', 'created'],
      ['ended', 'ended'],
      ['expired', 'expired'],
    ],
  },
  {
    title: 'Operators',
    kinds: [
      ['cleaned', 'cleaned'],
      ['cleared', 'queue cleared'],
      ['removed', 'messages removed'],
      ['expiry.set', 'expiry set'],
      ['hold', 'held'],
      ['hold.released', 'released'],
      ['restored', 'restored'],
      ['purged', 'gone for good'],
    ],
  },
  {
    title: 'Broker',
    kinds: [
      ['broker.restart', 'started'],
      ['history.gap', 'rows missing'],
    ],
  },
]

/** Of a query: what is no kind is left out. */
export function kindsOf(text: string | null): readonly TimelineKind[] {
  const wanted = new Set((text ?? '').split(','))
  return kindGroups.flatMap(({ kinds }) => kinds.map(([kind]) => kind)).filter(kind => wanted.has(kind))
}
