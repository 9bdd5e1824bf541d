// Who would receive a message on a topic: sessions with their matching filters, and shared groups with their members.

import type { TopicMatch, TopicOutcome, TopicReceiver } from '../../../shared/topics.ts'
import type { QoS } from '../../protocol/packet.ts'
import { SharedGroup } from '../../routing/shared-groups.ts'
import type { Session } from '../../session/session.ts'
import type { Subscription } from '../../session/subscription.ts'
import { outcomeOf } from './outcome.ts'
import { Smallest } from './smallest.ts'
import type { Slices } from './walks.ts'

/** Shown of what may be more; the totals say how many there are. */
const GROUPS_MAX = 20
const MEMBERS_MAX = 20

export interface ReceiversGiven {
  readonly slices: Slices
  readonly found: readonly (Subscription | SharedGroup)[]
  readonly qos: QoS
  readonly queueQos0: boolean
  readonly mayTouch: (clientId: string) => boolean
  readonly limit: number
  readonly after: string | undefined
}

export interface Receivers extends Pick<TopicMatch, 'data' | 'outcomes' | 'groups' | 'groupsTotal'> {
  readonly total: number
  readonly next: string | undefined
}

export async function receivers(given: ReceiversGiven): Promise<Receivers> {
  const { slices, found, qos, queueQos0, mayTouch, limit, after } = given
  const bySession = new Map<Session, Subscription[]>()
  const groups: SharedGroup[] = []
  await slices.each(found, one => {
    if (one instanceof SharedGroup) groups.push(one)
    else if (mayTouch(one.session.clientId)) addTo(bySession, one)
  })
  const outcomes: Record<TopicOutcome, number> = { delivered: 0, queued: 0, lost: 0, refused: 0 }
  const first = new Smallest<readonly [Session, readonly Subscription[]]>(limit, after)
  await slices.each(bySession, entry => {
    const [session, subscriptions] = entry
    outcomes[outcomeOf(session, lower(qos, subscriptions), queueQos0).outcome]++
    first.offer(session.clientId, entry)
  })
  const { rows, next } = first.finish()
  const row = ([session, subscriptions]: readonly [Session, readonly Subscription[]]): TopicReceiver =>
    receiverRow(session, subscriptions, qos, queueQos0)
  const touched = groups.filter(({ members }) => members.some(({ session }) => mayTouch(session.clientId)))
  return {
    data: rows.map(row),
    total: first.total,
    next,
    outcomes,
    groups: touched.slice(0, GROUPS_MAX).map(group => groupRow(group, mayTouch, row)),
    groupsTotal: touched.length,
  }
}

function addTo(bySession: Map<Session, Subscription[]>, subscription: Subscription): void {
  const known = bySession.get(subscription.session)
  if (known === undefined) bySession.set(subscription.session, [subscription])
  else known.push(subscription)
}

function groupRow(
  group: SharedGroup,
  mayTouch: ReceiversGiven['mayTouch'],
  row: (entry: readonly [Session, readonly Subscription[]]) => TopicReceiver,
): TopicMatch['groups'][number] {
  const members = group.members.filter(({ session }) => mayTouch(session.clientId))
  const next = group.next?.session.clientId
  return {
    sharedFilter: group.sharedFilter,
    members: members.length,
    next: next !== undefined && mayTouch(next) ? next : null,
    data: members.slice(0, MEMBERS_MAX).map(member => row([member.session, [member]])),
  }
}

function receiverRow(
  session: Session,
  subscriptions: readonly Subscription[],
  publishQos: QoS,
  queueQos0: boolean,
): TopicReceiver {
  const qos = lower(publishQos, subscriptions)
  return {
    clientId: session.clientId,
    connected: session.attachment !== undefined,
    filters: subscriptions.map(({ topicFilter, qos, noLocal }) => ({ topicFilter, qos, noLocal })),
    qos,
    ...outcomeOf(session, qos, queueQos0),
  }
}

/** Of overlapping subscriptions the highest QoS counts [MQTT5-3.3.4-2]. */
function lower(qos: QoS, subscriptions: readonly Subscription[]): QoS {
  return Math.min(qos, Math.max(...subscriptions.map(one => one.qos))) as QoS
}
