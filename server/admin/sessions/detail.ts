// What is told of one session beyond its row in the list.

import type { TimelineKind } from '../../../shared/history.ts'
import type { SessionDetail } from '../../../shared/session-detail.ts'
import type { Session } from '../../session/session.ts'
import type { ApiContext } from '../api/context.ts'

/** Rows that name a tombstone; more of them within an undo window than this would be a script's doing. */
const takings: readonly TimelineKind[] = ['cleaned', 'expired', 'cleared', 'removed']
const TAKINGS_MAX = 50

/** Undefined: there is no such session. */
export async function sessionDetail(
  context: ApiContext,
  clientId: string,
): Promise<SessionDetail | undefined> {
  const { broker, history, table } = context
  const undo = await undoOf(context, clientId)
  const session = broker.parts.registry.get(clientId)
  const oldestAt = session === undefined ? undefined : await oldestWaitingAt(session)
  // Looked up together, after all waiting: what is told is of one moment.
  const summary = table.find(clientId)
  const found = broker.parts.registry.get(clientId)
  if (found === undefined || summary === undefined) return undefined
  const { messages, waiting, bytes, limits } = found.lease.queue
  const receiving = found.receiving?.size ?? 0
  return {
    ...summary,
    queued: { ...summary.queued, oldestAt: oldestAt === undefined ? null : iso(oldestAt) },
    keepAliveSeconds: found.connection?.keepAliveSeconds ?? null,
    will: willOf(found),
    limits: {
      ...limits,
      subscriptionsMax: broker.parts.settings.subscriptionsMax,
      window: found.attachment?.sendQuotaMax ?? null,
    },
    counters: {
      messages,
      waiting,
      inflight: messages - waiting,
      bytes,
      awaitingPubrel: receiving,
      subscriptions: found.subscriptions.length,
      lost: [...history.losses(clientId)],
    },
    undo,
    asOf: table.asOf,
  }
}

function willOf({ will, willDueAt }: Session): SessionDetail['will'] {
  if (will === undefined) return null
  const { message, delaySeconds, messageExpirySeconds } = will
  return {
    topic: message.topic.name,
    qos: message.qos,
    retain: message.retain,
    payloadBytes: message.payloadBytes,
    delaySeconds,
    messageExpirySeconds: messageExpirySeconds ?? null,
    dueAt: willDueAt === undefined ? null : iso(willDueAt),
  }
}

/** When the message came that waits longest, behind those in flight. */
async function oldestWaitingAt({ store, lease, sending }: Session): Promise<number | undefined> {
  const { queue } = lease
  if (queue.waiting === 0) return undefined
  const first = store.browse(queue, 0, (sending?.size ?? 0) + 1).find(owed => owed.at === 'waiting')
  if (first === undefined) return undefined
  return (await store.read(queue, [first.seq])).get(first.seq)?.receivedAt
}

async function undoOf({ history, broker }: ApiContext, clientId: string): Promise<SessionDetail['undo']> {
  const { data } = await history.timeline(clientId, { kinds: takings, limit: TAKINGS_MAX })
  return data.flatMap(entry => {
    const { tombstone: id } = entry.data
    const found = typeof id === 'string' ? broker.parts.undo.find(id)?.tombstone : undefined
    if (found === undefined) return []
    const { what, generation, messages, bytes, subscriptions, buriedAt, purgeAt } = found
    const counts = { messages, bytes, subscriptions }
    return [{ id: found.id, what, generation, ...counts, takenAt: iso(buriedAt), undoUntil: iso(purgeAt) }]
  })
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
