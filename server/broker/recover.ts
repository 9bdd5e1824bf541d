// Takes up what the store has kept: sessions with their subscriptions and deadlines, and retained messages.

import type { Millis } from '../clock.ts'
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
  const session = takeUp(parts, recovered)
  if (recovered.record.disconnectedAt === undefined) endConnection(parts, session)
  else scheduleSession(parts, session)
  parts.touch(session)
}

/** The session is in the registry, and its subscriptions in the router; its timer is the caller's to set. */
export function takeUp(parts: BrokerParts, recovered: Recovered): Session {
  const { record, lease, sending, receiving } = recovered
  const session = new Session(record, lease, parts.durable)
  session.will = record.will
  session.disconnectedAt = record.disconnectedAt
  const now = parts.clock.now()
  session.expiresAt = noLaterThan(record.expiresAt, now + record.expirySeconds * 1000)
  session.willDueAt = noLaterThan(record.willDueAt, now + (record.will?.delaySeconds ?? 0) * 1000)
  if (sending.length > 0) {
    session.sending = new Map(
      sending.flatMap(entry => (entry.packetId === 0 ? [] : [[entry.packetId, entry]])),
    )
  }
  if (receiving.length > 0) session.receiving = new Map(receiving.map(id => [id, SAFE]))
  parts.registry.add(session)
  // An array of just that length: one that grows has room for 17, and there may be a million sessions.
  session.subscriptions = record.subscriptions.map(stored => new Subscription(session, stored))
  for (const subscription of session.subscriptions) parts.router.add(subscription)
  return session
}

/** Were the machine's clock set back between two runs, the deadline would otherwise be as far away as it was set. */
function noLaterThan(deadline: Millis | undefined, latest: Millis): Millis | undefined {
  return deadline === undefined ? undefined : Math.min(deadline, latest)
}

/** It was connected when the process ended, and so its connection ended too: the will is due [MQTT5-3.1.2-8]. */
function endConnection(parts: BrokerParts, session: Session): void {
  const now = parts.clock.now()
  session.disconnectedAt = now
  session.version++
  const { clientId, generation } = session
  const detail = 'the broker ended while it was connected'
  const ending = { cause: 'shutdown', detail, closeCode: undefined, by: undefined } as const
  parts.emit({ kind: 'disconnected', at: now, clientId, generation, ...ending })
  if (session.expirySeconds === 0) {
    endSession(parts, session, 'disconnected')
    return
  }
  session.expiresAt = now + session.expirySeconds * 1000
  if (session.will !== undefined) session.willDueAt = now + session.will.delaySeconds * 1000
  persistDeadlines(session)
  scheduleSession(parts, session)
}
