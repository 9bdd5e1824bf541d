// Adds and removes one subscription of a session, with the effect of SUBSCRIBE and UNSUBSCRIBE, online or offline.

import type { SubscriptionRequest } from '../../protocol/packet.ts'
import * as pump from '../../session/pump.ts'
import type { BrokerParts } from '../parts.ts'
import {
  countChange,
  type SubscribeRefusal,
  subscribeOne,
  unsubscribeOne,
  writtenVersion,
} from '../subscribe.ts'
import { type Done, done, findSession, type NotActed, type Target } from './target.ts'

export interface AddSubscriptionRequest extends Target {
  readonly subscription: SubscriptionRequest
  /** 0: none. */
  readonly subscriptionIdentifier?: number | undefined
}

export type SubscriptionAdded =
  /** 'replaced': the session had one to the same filter. */
  | ({ readonly at: 'added' | 'replaced' } & Done)
  | { readonly at: 'refused'; readonly why: SubscribeRefusal }
  | NotActed

/** A client that is connected gets the retained messages too; for an offline one they are not queued. */
export async function addSubscription(
  parts: BrokerParts,
  request: AddSubscriptionRequest,
): Promise<SubscriptionAdded> {
  return parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    const existed = session.subscriptionTo(request.subscription.topicFilter) !== undefined
    const outcome = subscribeOne(parts, session, request.subscription, request.subscriptionIdentifier ?? 0)
    if ('refusal' in outcome) return { at: 'refused', why: outcome.refusal }
    countChange(parts, session, { kind: 'subscribed', subscriptions: [outcome.stored], by: request.by })
    const { attachment } = session
    const change = { subscribe: [outcome.stored], ...writtenVersion(session) }
    const ticket = session.store.change(session.lease, change)
    if (attachment !== undefined && outcome.feed !== undefined) {
      attachment.feeds.push(outcome.feed)
      pump.wake(attachment, 'message-enqueued', parts.pump)
    }
    return { at: existed ? 'replaced' : 'added', ...(await done(ticket)) }
  })
}

export interface RemoveSubscriptionRequest extends Target {
  readonly topicFilter: string
}

export type SubscriptionRemoved =
  | ({ readonly at: 'removed' } & Done)
  | { readonly at: 'no-subscription' }
  | NotActed

export async function removeSubscription(
  parts: BrokerParts,
  request: RemoveSubscriptionRequest,
): Promise<SubscriptionRemoved> {
  return parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    const { topicFilter, by } = request
    if (!unsubscribeOne(parts, session, topicFilter)) return { at: 'no-subscription' }
    countChange(parts, session, { kind: 'unsubscribed', topicFilters: [topicFilter], by })
    const change = { unsubscribe: [topicFilter], ...writtenVersion(session) }
    const ticket = session.store.change(session.lease, change)
    return { at: 'removed', ...(await done(ticket)) }
  })
}
