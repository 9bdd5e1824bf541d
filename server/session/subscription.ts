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

const NO_LOCAL = 4
const RETAIN_AS_PUBLISHED = 8
const RETAIN_HANDLING_SHIFT = 4
/** Beyond the options byte of SUBSCRIBE [MQTT5-3.8.3.1]. */
const IS_SHARED = 64

/** There may be millions, so it is as small as can be: what follows from something else is no field of its own. */
export class Subscription implements Delivery, StoredSubscription {
  readonly session: Session
  readonly topicFilter: string
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly #options: number

  constructor(session: Session, stored: StoredSubscription) {
    const { topicFilter, subscriptionIdentifier } = stored
    this.session = session
    this.topicFilter = topicFilter
    this.subscriptionIdentifiers = subscriptionIdentifier === 0 ? undefined : [subscriptionIdentifier]
    this.#options =
      stored.qos |
      (stored.noLocal ? NO_LOCAL : 0) |
      (stored.retainAsPublished ? RETAIN_AS_PUBLISHED : 0) |
      (stored.retainHandling << RETAIN_HANDLING_SHIFT) |
      (topicFilter.startsWith('$share/') ? IS_SHARED : 0)
  }

  get queue(): Queue {
    return this.session.lease.queue
  }

  get qos(): QoS {
    return (this.#options & 3) as QoS
  }

  get noLocal(): boolean {
    return (this.#options & NO_LOCAL) !== 0
  }

  get retainAsPublished(): boolean {
    return (this.#options & RETAIN_AS_PUBLISHED) !== 0
  }

  get retainHandling(): RetainHandling {
    return ((this.#options >> RETAIN_HANDLING_SHIFT) & 3) as RetainHandling
  }

  get subscriptionIdentifier(): number {
    return this.subscriptionIdentifiers?.[0] ?? 0
  }

  get sharedFilter(): string | undefined {
    return (this.#options & IS_SHARED) === 0 ? undefined : this.topicFilter
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
