// The subscriptions of a session for people: what each asks for, and whether messages wait while the client is away.

import type { TimelineEntry } from '../../../shared/history.ts'
import type { QueuesOffline, SessionSubscription } from '../../../shared/session-subscriptions.ts'
import type { Session } from '../../session/session.ts'
import type { StoredSubscription } from '../../store/store.ts'
import { shownSubscription } from './shown-subscription.ts'

export interface RowsGiven {
  /** Whether the policy queues messages of QoS 0, too. */
  readonly queueQos0: boolean
  /** By topic filter, when it was last subscribed to. */
  readonly subscribedAt: ReadonlyMap<string, string>
}

export function subscriptionRow(
  session: Session,
  subscription: StoredSubscription,
  { queueQos0, subscribedAt }: RowsGiven,
): SessionSubscription {
  return {
    ...shownSubscription(subscription),
    subscribedAt: subscribedAt.get(subscription.topicFilter) ?? null,
    queuesOffline: queuesOffline(session, subscription, queueQos0),
  }
}

/** Which messages a session is owed while its client is away, and by which rule. */
function queuesOffline(
  { expirySeconds }: Session,
  { topicFilter, qos }: StoredSubscription,
  queueQos0: boolean,
): QueuesOffline {
  if (expirySeconds === 0) {
    const why = 'No: the session ends with its connection, and what it is owed with it.'
    return { value: false, reason: 'ends-with-connection', why }
  }
  if (qos === 0 && !queueQos0) {
    const why = 'No: QoS 0 is not owed to a client that is away.'
    return { value: false, reason: 'qos-0', why }
  }
  if (qos === 0) {
    const why = 'Yes: this broker queues QoS 0, too (queue-qos0).'
    return { value: true, reason: 'qos-0-by-policy', why }
  }
  const lower = queueQos0 ? '' : ' What is published at QoS 0 is not queued.'
  if (topicFilter.startsWith('$share/')) {
    const why = `Yes, when no member of the group is online to take it.${lower}`
    return { value: true, reason: 'shared', why }
  }
  return {
    value: true,
    reason: 'qos-1-or-2',
    why: `Yes: QoS ${qos} is owed until it is acknowledged.${lower}`,
  }
}

/** From rows of the timeline about SUBSCRIBE, the newest first. */
export function timesOf(entries: readonly TimelineEntry[]): ReadonlyMap<string, string> {
  const times = new Map<string, string>()
  for (const { at, until, data } of entries) {
    for (const { topicFilter } of (data['subscriptions'] ?? []) as readonly { topicFilter: string }[])
      if (!times.has(topicFilter)) times.set(topicFilter, until ?? at)
  }
  return times
}
