// The facts of one session for a diagnosis, from where they are: the session, its queue, the history.

import type { Broker } from '../../../broker/broker.ts'
import type { Millis } from '../../../clock.ts'
import { owesPubrelSince } from '../../../session/receive.ts'
import type { Session } from '../../../session/session.ts'
import { oneInWords } from '../conflict-words.ts'
import type { History } from '../history.ts'
import type { Remembered } from '../remembered.ts'
import type {
  ConflictFacts,
  DiagnosisFacts,
  DiagnosisThresholds,
  HoldFacts,
  Presence,
  SendingFacts,
} from './facts.ts'

export async function gatherFacts(
  { parts }: Broker,
  history: History,
  session: Session,
  thresholds: DiagnosisThresholds,
): Promise<DiagnosisFacts> {
  const { clientId, subscriptions, expirySource, expiryPinned } = session
  const now = parts.clock.now()
  const { messages, bytes, limits } = session.lease.queue
  const headSentAt = headOf(session)?.sentAt
  const remembered = await history.remembered(clientId, { headSentAt, messages, bytes, now })
  const presence = presenceOf(session, remembered)
  const { messagesMax, bytesMax, overflow } = limits
  const { fullSince, fill } = remembered
  return {
    now,
    protocolVersion: session.connection?.protocolVersion,
    presence,
    hold: holdOf(parts.holds.find(clientId)),
    conflict: conflictOf(history, clientId),
    queue: { messages, bytes, messagesMax, bytesMax, overflow, fullSince, fill },
    sending: sendingOf(session, presence, remembered),
    receiving: { count: session.receiving?.size ?? 0, oldestAt: owesPubrelSince(session) },
    expiry: {
      at: session.expiresAt === Number.POSITIVE_INFINITY ? undefined : session.expiresAt,
      seconds: session.expirySeconds,
      source: expirySource,
      pinned: expiryPinned,
    },
    subscriptions: subscriptions.map(({ topicFilter, qos }) => ({ topicFilter, qos })),
    queueQos0: parts.settings.queueQos0,
    losses: history.losses(clientId),
    thresholds,
  }
}

/** Without a connection and without a time at which one ended it has never had one. */
function presenceOf(session: Session, { left }: Remembered): Presence {
  if (session.attachment !== undefined) return { at: 'online', since: session.connectedAt }
  if (session.disconnectedAt === undefined) return { at: 'never-connected', since: session.createdAt }
  return { at: 'offline', since: session.disconnectedAt, left }
}

function holdOf(hold: ReturnType<Broker['parts']['holds']['find']>): HoldFacts | undefined {
  return hold && { until: hold.until, by: hold.by.actor, reason: hold.by.reason }
}

function conflictOf(history: History, clientId: string): ConflictFacts | undefined {
  const conflict = history.findConflict(clientId)
  if (conflict?.isActive !== true) return undefined
  const { perMinute, since, contenders } = conflict
  return { perMinute, since: Date.parse(since), contenders: contenders.map(oneInWords) }
}

function headOf(
  session: Session,
): { readonly at: 'published' | 'released'; readonly sentAt: Millis | undefined } | undefined {
  const head = session.sending?.values().next().value
  return head === undefined || head.at === 'waiting' ? undefined : { at: head.at, sentAt: head.sentAt }
}

/** What was sent before the broker's start was sent at a time that nobody knows; it is sent again with each connection. */
function sendingOf(session: Session, presence: Presence, { reconnects }: Remembered): SendingFacts {
  const head = headOf(session)
  const inFlight = session.sending?.size ?? 0
  return {
    inFlight,
    windowMax: session.attachment?.sendQuotaMax ?? Math.max(1, inFlight),
    head: head && { at: head.at, sentAt: head.sentAt ?? presence.since, reconnects },
    packetBytesMax: undefined,
  }
}
