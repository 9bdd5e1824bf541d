// What the history is told by the broker when it asks.

import type { Broker } from '../../broker/broker.ts'
import type { SessionTable } from '../session-table.ts'
import type { HistoryGiven } from './history.ts'
import type { SessionOf } from './session-of.ts'

export function sessionOf({ parts }: Broker, clientId: string): SessionOf | undefined {
  const session = parts.registry.get(clientId)
  return session && { generation: session.generation, isKept: session.store === parts.durable }
}

/** `table`: as soon as there is one. */
export function readBroker(
  { parts }: Broker,
  table: SessionTable | undefined,
): ReturnType<HistoryGiven['read']> {
  const { counters, registry, router, retained } = parts
  const stored = [parts.durable, parts.volatile].map(store => store.totals())
  return {
    'messages.in': counters.messagesReceived,
    'messages.out': counters.messagesSent,
    'messages.dropped': counters.messagesDropped,
    'bytes.in': counters.bytesReceived,
    'bytes.out': counters.bytesSent,
    sessions: registry.count,
    connections: registry.connected,
    'queued.messages': stored.reduce((sum, one) => sum + one.messages, 0),
    'queued.bytes': stored.reduce((sum, one) => sum + one.bytes, 0),
    subscriptions: router.subscriptions,
    retained: retained.messages,
    stuck: table?.totals.stuck ?? 0,
    expiring: table?.expiring ?? 0,
  }
}
