// SUBSCRIBE and UNSUBSCRIBE: who gets what from now on, and the retained messages a new subscription is owed.

import { reasonCodes } from '../../shared/reason-codes.ts'
import type { By } from '../events.ts'
import type { Message } from '../protocol/message.ts'
import type { Subscribe, SubscriptionRequest, Unsubscribe } from '../protocol/packet.ts'
import { topicFilterProblem } from '../protocol/rules.ts'
import type { Attachment, RetainedFeed } from '../session/attachment.ts'
import type { Session } from '../session/session.ts'
import type { Step } from '../session/step.ts'
import { Subscription } from '../session/subscription.ts'
import type { Queue, SessionChange, StoredSubscription } from '../store/store.ts'
import { isBeyondWritten } from '../store/version-ahead.ts'
import type { BrokerParts } from './parts.ts'
import { countIfRefused } from './publish.ts'

/** Grants or refuses each filter by itself [MQTT5-3.8.4-5, MQTT5-3.8.4-6]; retained messages follow the SUBACK. */
export function onSubscribe(parts: BrokerParts, attachment: Attachment, packet: Subscribe): Step {
  const { session } = attachment
  const codes: number[] = []
  const granted: StoredSubscription[] = []
  const feed: RetainedFeed[] = []
  for (const request of packet.subscriptions) {
    const one = subscribeOne(parts, session, request, packet.subscriptionIdentifier ?? 0)
    if ('refusal' in one) {
      codes.push(reasonCodes[one.refusal])
      continue
    }
    if (one.feed !== undefined) feed.push(one.feed)
    granted.push(one.stored)
    codes.push(request.qos)
  }
  if (granted.length > 0)
    countChange(parts, session, { kind: 'subscribed', subscriptions: granted, by: undefined })
  return {
    persist: { change: 'session', to: { subscribe: granted, ...writtenVersion(session) } },
    send: { type: 'suback', packetId: packet.packetId, codes, properties: {} },
    feed,
  }
}

export function onUnsubscribe(parts: BrokerParts, attachment: Attachment, packet: Unsubscribe): Step {
  const { session } = attachment
  const topicFilters: string[] = []
  const codes = packet.topicFilters.map(topicFilter => {
    if (!unsubscribeOne(parts, session, topicFilter)) return reasonCodes['no-subscription-existed']
    topicFilters.push(topicFilter)
    return reasonCodes.success
  })
  if (topicFilters.length > 0)
    countChange(parts, session, { kind: 'unsubscribed', topicFilters, by: undefined })
  return {
    persist: { change: 'session', to: { unsubscribe: topicFilters, ...writtenVersion(session) } },
    send: { type: 'unsuback', packetId: packet.packetId, codes, properties: {} },
  }
}

/** The session's record is written again only when the version has outgrown what stands there. */
export function writtenVersion({ version }: Session): Pick<SessionChange, 'version'> {
  return isBeyondWritten(version) ? { version } : {}
}

export type SubscribeRefusal = 'topic-filter-invalid' | 'quota-exceeded'

/** In the router from now on; to be kept in the store, and counted, by the caller. */
export function subscribeOne(
  parts: BrokerParts,
  session: Session,
  request: SubscriptionRequest,
  subscriptionIdentifier: number,
):
  | { readonly stored: StoredSubscription; readonly feed: RetainedFeed | undefined }
  | { readonly refusal: SubscribeRefusal } {
  const refusal = refuse(parts, session, request)
  if (refusal !== undefined) return { refusal }
  const stored = { ...request, subscriptionIdentifier }
  const former = session.subscriptionTo(request.topicFilter)
  const subscription = replace(parts, session, former, stored)
  const messages = retainedFor(parts, subscription, former === undefined)
  const feed =
    messages.length === 0 ? undefined : { receiver: retainedReceiver(subscription), messages, next: 0 }
  return { stored: subscription, feed }
}

/** False when there was no such subscription. */
export function unsubscribeOne(parts: BrokerParts, session: Session, topicFilter: string): boolean {
  const subscription = session.subscriptionTo(topicFilter)
  if (subscription === undefined) return false
  remove(parts, session, subscription)
  return true
}

type SubscriptionsChanged = (
  | { readonly kind: 'subscribed'; readonly subscriptions: readonly StoredSubscription[] }
  | { readonly kind: 'unsubscribed'; readonly topicFilters: readonly string[] }
) & { readonly by: By | undefined }

export function countChange(parts: BrokerParts, session: Session, what: SubscriptionsChanged): void {
  session.version++
  parts.touch(session)
  const { clientId, generation } = session
  parts.emit({ at: parts.clock.now(), clientId, generation, ...what })
}

function refuse(
  parts: BrokerParts,
  session: Session,
  request: SubscriptionRequest,
): SubscribeRefusal | undefined {
  if (topicFilterProblem(request.topicFilter, parts.settings) !== undefined) return 'topic-filter-invalid'
  if (session.subscriptionTo(request.topicFilter) !== undefined) return undefined
  if (session.subscriptions.length >= parts.settings.subscriptionsMax) return 'quota-exceeded'
  const isShared = request.topicFilter.startsWith('$share/')
  return isShared && !parts.router.hasRoomFor(request.topicFilter) ? 'quota-exceeded' : undefined
}

/** A subscription to the same filter takes the old one's place without losing a message [MQTT5-3.8.4-3]. */
function replace(
  parts: BrokerParts,
  session: Session,
  former: Subscription | undefined,
  stored: StoredSubscription,
): Subscription {
  if (former !== undefined) remove(parts, session, former)
  const subscription = new Subscription(session, stored)
  // A new array: the store may hold the old one.
  session.subscriptions = [...session.subscriptions, subscription]
  parts.router.add(subscription)
  return subscription
}

function remove(parts: BrokerParts, session: Session, subscription: Subscription): void {
  session.subscriptions = session.subscriptions.filter(one => one !== subscription)
  parts.router.remove(subscription)
}

/** Retain Handling decides [MQTT5-3.3.1-9, -10, -11]; a shared subscription gets none. */
function retainedFor(parts: BrokerParts, subscription: Subscription, isNew: boolean): readonly Message[] {
  if (subscription.sharedFilter !== undefined || subscription.retainHandling === 2) return []
  if (subscription.retainHandling === 1 && !isNew) return []
  const found = parts.retained.match(subscription.topicFilter)
  if (!subscription.noLocal) return found
  return found.filter(message => message.publisher !== subscription.session.clientId)
}

/** They arrive with the RETAIN flag set whatever Retain As Published says [MQTT5-3.3.1-8, MQTT3-3.3.1-8]. */
function retainedReceiver(subscription: Subscription): RetainedFeed['receiver'] {
  const { queue, qos, subscriptionIdentifiers } = subscription
  return { queue, qos, retainAsPublished: true, subscriptionIdentifiers, sharedFilter: undefined }
}

/**
 * Hands over the next retained message of the attachment's feeds, at the pace of the pump: a subscriber to
 * 100,000 topics does not overflow its own queue.
 */
export function feed(parts: BrokerParts, attachment: Attachment): 'fed' | 'no-room' | 'none' {
  const first = attachment.feeds[0]
  if (first === undefined) return 'none'
  const message = first.messages[first.next]
  if (message === undefined) {
    attachment.feeds.shift()
    return 'fed'
  }
  const { session } = attachment
  const { receiver } = first
  const isQueued = message.qos > 0 && receiver.qos > 0
  if (isQueued && !hasRoom(parts, receiver.queue, message)) return 'no-room'
  first.next++
  if (message.expiresAt <= parts.clock.now()) return 'fed'
  if (isQueued) {
    countIfRefused(parts, session, message, session.store.append(message, [receiver], 1))
    return 'fed'
  }
  const outcome = attachment.outlet.publish(message, {
    qos: 0,
    retain: true,
    dup: false,
    packetId: 0,
    subscriptionIdentifiers: receiver.subscriptionIdentifiers,
  })
  if (outcome !== 'sent') parts.pump.lost(session, message, outcome)
  return 'fed'
}

/** An empty queue takes any message, or says itself why it does not; else only what fits beside what is in flight. */
function hasRoom(parts: BrokerParts, queue: Queue, message: Message): boolean {
  const { queueMessagesMax, queueBytesMax } = parts.settings
  return (
    queue.messages === 0 || (queue.messages < queueMessagesMax && queue.bytes + message.size <= queueBytesMax)
  )
}
