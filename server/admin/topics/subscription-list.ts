// Subscriptions of all sessions as one list: in the order of client ids, a page of them at a time.

import { filterLevels, isBroad, levelsOverlap } from '../../../shared/topic-overlap.ts'
import type { ListedSubscription, subscriptionFlags } from '../../../shared/topics.ts'
import type { Session } from '../../session/session.ts'
import type { Subscription } from '../../session/subscription.ts'
import { shownSubscription } from '../sessions/shown-subscription.ts'
import { Smallest } from './smallest.ts'
import type { Slices } from './walks.ts'

export interface SubscriptionQuestion {
  readonly slices: Slices
  readonly sessions: Iterable<Session>
  readonly mayTouch: (clientId: string) => boolean
  readonly matches: (topicFilter: string) => boolean
  readonly flag: (typeof subscriptionFlags)[number] | undefined
  readonly limit: number
  readonly after: string | undefined
}

export interface SubscriptionList {
  readonly data: readonly ListedSubscription[]
  readonly total: number
  readonly next: string | undefined
}

export async function listSubscriptions(question: SubscriptionQuestion): Promise<SubscriptionList> {
  const { slices, limit, after } = question
  const first = new Smallest<Subscription>(limit, after)
  await slices.each(wanted(question), subscription => {
    // No client id and no filter has this character in it.
    if (subscription !== undefined)
      first.offer(`${subscription.session.clientId}\u0000${subscription.topicFilter}`, subscription)
  })
  const { rows, next } = first.finish()
  const data: ListedSubscription[] = []
  for (const subscription of rows) {
    const { session } = subscription
    let overlaps: string | null = null
    await slices.each(session.subscriptions, other => {
      if (overlaps === null && isOverlap(subscription, other)) overlaps = other.topicFilter
    })
    data.push(row(subscription, overlaps))
  }
  return { data, total: first.total, next }
}

/** Undefined for a step that found none. */
function* wanted(question: SubscriptionQuestion): Generator<Subscription | undefined> {
  const { sessions, mayTouch, matches, flag } = question
  for (const session of sessions) {
    yield undefined
    if (!mayTouch(session.clientId)) continue
    for (const subscription of session.subscriptions) {
      if (!matches(subscription.topicFilter)) yield undefined
      else if (flag === 'overlapping') yield* ifOverlapping(session, subscription)
      else yield has(subscription, flag) ? subscription : undefined
    }
  }
}

function* ifOverlapping(session: Session, subscription: Subscription): Generator<Subscription | undefined> {
  for (const other of session.subscriptions) {
    if (!isOverlap(subscription, other)) {
      yield undefined
      continue
    }
    yield subscription
    return
  }
}

function has(subscription: Subscription, flag: 'broad' | 'shared' | undefined): boolean {
  if (flag === 'broad') return isBroad(filterLevels(subscription.topicFilter))
  return flag === undefined || subscription.sharedFilter !== undefined
}

function isOverlap(one: Subscription, other: Subscription): boolean {
  return one !== other && levelsOverlap(filterLevels(one.topicFilter), filterLevels(other.topicFilter))
}

function row(subscription: Subscription, overlaps: string | null): ListedSubscription {
  const { session, topicFilter } = subscription
  return {
    clientId: session.clientId,
    connected: session.attachment !== undefined,
    ...shownSubscription(subscription),
    broad: isBroad(filterLevels(topicFilter)),
    overlaps,
  }
}
