// Takes up what the store has kept: sessions with their subscriptions and deadlines, and retained messages.

import type { Message } from '../protocol/message.ts'
import { Session } from '../session/session.ts'
import { Subscription } from '../session/subscription.ts'
import type { Recovered } from '../store/store.ts'
import { SAFE } from '../store/ticket.ts'
import { endSession, persistDeadlines, scheduleSession } from './departure.ts'
import type { BrokerParts } from './parts.ts'

export function recover(
  parts: BrokerParts,
  kept: { readonly sessions: Iterable<Recovered>; readonly retained: Iterable<Message> },
): void {
  for (const message of kept.retained) parts.retained.set(message)
  for (const recovered of kept.sessions) recoverSession(parts, recovered)
}

function recoverSession(parts: BrokerParts, recovered: Recovered): void {
  const { record, lease, sending, receiving } = recovered
  const session = new Session(record, lease, parts.durable)
  session.expirySeconds = record.expirySeconds
  session.will = record.will
  session.willDueAt = record.willDueAt
  session.disconnectedAt = record.disconnectedAt
  session.expiresAt = record.expiresAt
  if (sending.length > 0) {
    session.sending = new Map(
      sending.flatMap(entry => (entry.packetId === 0 ? [] : [[entry.packetId, entry]])),
    )
  }
  if (receiving.length > 0) session.receiving = new Map(receiving.map(id => [id, SAFE]))
  parts.registry.add(session)
  for (const stored of record.subscriptions) {
    const subscription = new Subscription(session, stored)
    session.subscriptions.push(subscription)
    parts.router.add(subscription)
  }
  if (record.disconnectedAt === undefined) endConnection(parts, session)
  else scheduleSession(parts, session)
}

/** It was connected when the process ended, and so its connection ended too: the will is due [MQTT5-3.1.2-8]. */
function endConnection(parts: BrokerParts, session: Session): void {
  const now = parts.clock.now()
  session.disconnectedAt = now
  if (session.expirySeconds === 0) {
    endSession(parts, session, 'disconnected')
    return
  }
  session.expiresAt = now + session.expirySeconds * 1000
  if (session.will !== undefined) session.willDueAt = now + session.will.delaySeconds * 1000
  persistDeadlines(session)
  scheduleSession(parts, session)
}
