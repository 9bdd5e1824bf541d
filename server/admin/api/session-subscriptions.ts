// The subscriptions of a session: listed, added and removed, with the effect of SUBSCRIBE and UNSUBSCRIBE.

import Type from 'typebox'
import { quote } from '../../../shared/printable.ts'
import { sessionActSchema } from '../../../shared/session-act.ts'
import {
  newSubscriptionSchema,
  type SessionSubscription,
  sessionSubscriptionsSchema,
} from '../../../shared/session-subscriptions.ts'
import { cursorSchema, limitOf } from '../../../shared/shapes.ts'
import { addSubscription, removeSubscription } from '../../broker/operations/subscription.ts'
import type { SubscribeRefusal } from '../../broker/subscribe.ts'
import type { QoS, RetainHandling } from '../../protocol/packet.ts'
import { topicFilterProblem } from '../../protocol/rules.ts'
import { compileGlob } from '../../read-model/table/glob.ts'
import { resultOfSubscribe, resultOfUnsubscribe } from '../operations/results-of-acts.ts'
import { actAnswer } from '../sessions/act-answer.ts'
import { asOperation } from '../sessions/as-operation.ts'
import { noSession, notActed } from '../sessions/refusals.ts'
import { optionalMatch } from '../sessions/session-etag.ts'
import { subscriptionRow, timesOf } from '../sessions/subscription-rows.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { readListCursor, writeListCursor } from './list-cursor.ts'
import { type ApiProblem, problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { keptExample, SESSIONS_TAG, sessionParams, subscriptionParams } from './session-params.ts'

/** Rows of the timeline that are looked at for when a filter was subscribed to. */
const SUBSCRIBES_MAX = 200

const subscriptionsQuery = Type.Object(
  {
    limit: limitOf(100, 1_000),
    cursor: cursorSchema,
    filter: Type.Optional(
      Type.String({ minLength: 1, maxLength: 4_096, description: 'Of the topic filter, with `*` and `?`.' }),
    ),
  },
  { additionalProperties: false },
)

const subscriptionExample: SessionSubscription = {
  topicFilter: 'orders/+/status',
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
  subscriptionIdentifier: null,
  shareGroup: null,
  subscribedAt: '2026-11-21T12:00:00.000Z',
  queuesOffline: {
    value: true,
    reason: 'qos-1-or-2',
    why: 'Yes: QoS 1 is owed until it is acknowledged. What is published at QoS 0 is not queued.',
  },
}

export function sessionSubscriptionRoutes(context: ApiContext): readonly ApiRoute[] {
  return [listRoute(context), addRoute(context), removeRoute(context)]
}

function listRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/sessions/{clientId}/subscriptions',
    summary:
      'The subscriptions of the session by topic filter, and whether messages for them wait while it is offline.',
    tag: SESSIONS_TAG,
    role: 'viewer',
    params: sessionParams,
    query: subscriptionsQuery,
    response: { 200: sessionSubscriptionsSchema },
    example: {
      200: {
        data: [subscriptionExample],
        page: { next: null, hasMore: false, total: 1, totalIsExact: true },
        generation: '01JDXAMPE0000000000000000K',
        version: 412,
      },
    },
    problems: ['not-found'],
    handle: async request => {
      const { clientId } = request.params
      const { limit, cursor, filter } = request.query
      const list = ['subscriptions', clientId, filter]
      const after = readListCursor(list, cursor)
      const { broker, history } = context
      const { data: subscribes } = await history.timeline(clientId, {
        kinds: ['subscribe'],
        limit: SUBSCRIBES_MAX,
      })
      const session = broker.parts.registry.get(clientId)
      if (session === undefined) throw await noSession(context, request.actor, clientId)
      const matches = filter === undefined ? () => true : compileGlob(filter)
      const found = session.subscriptions.filter(one => matches(one.topicFilter)).toSorted(byTopicFilter)
      const rest = after === undefined ? found : found.filter(one => one.topicFilter > after)
      const rows = rest.slice(0, limit)
      const hasMore = rest.length > limit
      const given = { queueQos0: broker.parts.settings.queueQos0, subscribedAt: timesOf(subscribes) }
      return {
        data: rows.map(one => subscriptionRow(session, one, given)),
        page: {
          next: hasMore ? writeListCursor(list, rows.at(-1)!.topicFilter) : null,
          hasMore,
          total: found.length,
          totalIsExact: true,
        },
        generation: session.generation,
        version: session.version,
      }
    },
  })
}

function byTopicFilter(one: { topicFilter: string }, other: { topicFilter: string }): number {
  if (one.topicFilter === other.topicFilter) return 0
  return one.topicFilter < other.topicFilter ? -1 : 1
}

function addRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/sessions/{clientId}/subscriptions',
    summary: 'Subscribes the session to a topic filter, in place of an earlier subscription to the same.',
    description:
      'A client that is connected gets the retained messages, too; for one that is away they are not queued.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'subscription.add',
    params: sessionParams,
    body: newSubscriptionSchema,
    bodyExample: { topicFilter: 'orders/+/status', qos: 1, reason: 'ticket 4411' },
    response: { 200: sessionActSchema },
    example: { 200: keptExample('subscribed', 'Subscribed "web-kiosk-11" to "orders/+/status" at QoS 1.') },
    problems: ['not-found', 'session-changed', 'limit-exceeded'],
    handle: async request => {
      const { clientId } = request.params
      const {
        topicFilter,
        qos = 1,
        noLocal = false,
        retainAsPublished = false,
        retainHandling = 0,
      } = request.body
      const expected = optionalMatch(request.http)
      const subscription = {
        topicFilter,
        qos: qos as QoS,
        noLocal,
        retainAsPublished,
        retainHandling: retainHandling as RetainHandling,
      }
      const { subscriptionIdentifier } = request.body
      const target = { clientId, expected, subscription, subscriptionIdentifier }
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'subscription.add', detail: `${quote(topicFilter)} at QoS ${qos}` },
        how => addSubscription(context.broker.parts, { ...target, ...how }),
        resultOfSubscribe,
      )
      switch (outcome.at) {
        case 'added':
        case 'replaced': {
          request.act.tell({ topicFilter, qos, replaced: outcome.at === 'replaced' })
          const words = `Subscribed {id} to ${quote(topicFilter)} at QoS ${qos}`
          const { unsafe } = outcome
          return actAnswer(context, request, { result: 'subscribed', words, operation, unsafe })
        }
        case 'refused':
          throw refusal(context, topicFilter, outcome.why)
        default:
          throw await notActed(context, request.actor, clientId, outcome, expected)
      }
    },
  })
}

function refusal({ broker }: ApiContext, topicFilter: string, why: SubscribeRefusal): ApiProblem {
  const { settings } = broker.parts
  if (why === 'topic-filter-invalid') {
    const detail = topicFilterProblem(topicFilter, settings) ?? 'it is no topic filter'
    return invalid('/body/topicFilter', `is none: ${detail}`)
  }
  const detail = `The session has ${settings.subscriptionsMax} subscriptions, or the group of a shared one is full.`
  return problem('limit-exceeded', { detail })
}

function removeRoute(context: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/sessions/{clientId}/subscriptions/{topicFilter}',
    summary: 'Takes a subscription away; messages that wait because of it stay.',
    tag: SESSIONS_TAG,
    role: 'operator',
    audit: 'subscription.remove',
    params: subscriptionParams,
    response: { 200: sessionActSchema },
    example: { 200: keptExample('unsubscribed', 'Unsubscribed "web-kiosk-11" from "orders/+/status".') },
    problems: ['not-found', 'session-changed'],
    handle: async request => {
      const { clientId, topicFilter } = request.params
      const expected = optionalMatch(request.http)
      const { outcome, operation } = await asOperation(
        context,
        request,
        { action: 'subscription.remove', detail: quote(topicFilter) },
        how => removeSubscription(context.broker.parts, { clientId, expected, topicFilter, ...how }),
        resultOfUnsubscribe,
      )
      switch (outcome.at) {
        case 'removed': {
          request.act.tell({ topicFilter })
          const words = `Unsubscribed {id} from ${quote(topicFilter)}`
          const { unsafe } = outcome
          return actAnswer(context, request, { result: 'unsubscribed', words, operation, unsafe })
        }
        case 'no-subscription':
          throw problem('not-found', {
            detail: `${quote(clientId)} has no subscription to ${quote(topicFilter)}.`,
          })
        default:
          throw await notActed(context, request.actor, clientId, outcome, expected)
      }
    },
  })
}
