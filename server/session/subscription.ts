// A subscription of one session, and the delivery that one or several of them amount to for one topic.

import type { QoS, RetainHandling } from '../protocol/packet.ts'
import type { Queue, Receiver, StoredSubscription } from '../store/store.ts'
import type { Session } from './session.ts'

/** What one session gets of one message: made of one subscription, or merged from those that overlap. */
export interface Delivery extends Receiver {
  readonly session: Session
  /** What the session gets of its own messages: nothing when all that matched say No Local [MQTT5-3.8.3-3]. */
  readonly ofOwn: Delivery | undefined
}

export class Subscription implements Delivery, StoredSubscription {
  readonly session: Session
  readonly queue: Queue
  readonly topicFilter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: RetainHandling
  readonly subscriptionIdentifier: number
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly sharedFilter: string | undefined

  constructor(session: Session, stored: StoredSubscription) {
    this.session = session
    this.queue = session.lease.queue
    this.topicFilter = stored.topicFilter
    this.qos = stored.qos
    this.noLocal = stored.noLocal
    this.retainAsPublished = stored.retainAsPublished
    this.retainHandling = stored.retainHandling
    this.subscriptionIdentifier = stored.subscriptionIdentifier
    this.subscriptionIdentifiers =
      stored.subscriptionIdentifier === 0 ? undefined : [stored.subscriptionIdentifier]
    this.sharedFilter = stored.topicFilter.startsWith('$share/') ? stored.topicFilter : undefined
  }

  get ofOwn(): Delivery | undefined {
    return this.noLocal ? undefined : this
  }
}

/**
 * One copy for a session whose subscriptions overlap: the highest QoS [MQTT5-3.3.4-2, MQTT3-3.3.5-1] and all
 * subscription identifiers [MQTT5-3.3.4-3, MQTT5-3.3.4-4]; the RETAIN flag is kept if one of them asks for it.
 */
export function mergeSubscriptions(subscriptions: readonly Subscription[]): Delivery {
  const own = subscriptions.filter(one => !one.noLocal)
  const merged = merge(subscriptions)
  if (own.length === subscriptions.length) return { ...merged, ofOwn: merged }
  return { ...merged, ofOwn: own.length === 0 ? undefined : merge(own) }
}

function merge(subscriptions: readonly Subscription[]): Delivery {
  const first = subscriptions[0]!
  const identifiers = subscriptions.flatMap(one => one.subscriptionIdentifiers ?? [])
  return {
    session: first.session,
    queue: first.queue,
    qos: Math.max(...subscriptions.map(one => one.qos)) as QoS,
    retainAsPublished: subscriptions.some(one => one.retainAsPublished),
    subscriptionIdentifiers: identifiers.length === 0 ? undefined : identifiers,
    sharedFilter: undefined,
    ofOwn: undefined,
  }
}
