// Takes up what the store has kept: sessions with their subscriptions and deadlines, and retained messages.

import type { Millis } from '../clock.ts'
import { SendingWindow } from '../session/sending-window.ts'
import { Session } from '../session/session.ts'
import { Subscription } from '../session/subscription.ts'
import type { Opened, Recovered, SessionRecord } from '../store/store.ts'
import { SAFE } from '../store/ticket.ts'
import { endSession, persistDeadlines, scheduleSession } from './departure.ts'
import type { BrokerParts } from './parts.ts'

/** Returns how long no broker ran on the store; undefined where that is not known. */
export function recover(parts: BrokerParts, opened: Opened): Millis | undefined {
  const downMs = downtimeMs(parts, opened)
  const creditMs = parts.settings.downtime === 'credit' ? (downMs ?? 0) : 0
  for (const message of opened.retained) parts.retained.set(message)
  for (const recovered of opened.sessions) recoverSession(parts, recovered, creditMs)
  return downMs
}

/** 0 where the machine's clock was set back by more than that. */
function downtimeMs({ clock }: BrokerParts, { aliveAt }: Opened): Millis | undefined {
  return aliveAt === undefined ? undefined : Math.max(0, clock.now() - aliveAt)
}

function recoverSession(parts: BrokerParts, recovered: Recovered, creditMs: Millis): void {
  const { record } = recovered
  const session = takeUp(parts, recovered, creditMs)
  if (record.disconnectedAt === undefined) endConnection(parts, session)
  else scheduleSession(parts, session)
  if (creditMs > 0 && record.disconnectedAt !== undefined) keepCredit(session, record)
  parts.touch(session)
}

/** The session is in the registry, and its subscriptions in the router; its timer is the caller's to set. */
export function takeUp(parts: BrokerParts, recovered: Recovered, creditMs: Millis = 0): Session {
  const { record, lease, sending, receiving } = recovered
  const session = new Session(record, lease, parts.durable)
  session.will = record.will
  session.disconnectedAt = record.disconnectedAt
  const now = parts.clock.now()
  const { expiresAt, willDueAt } = record
  session.expiresAt = later(expiresAt, creditMs, now + record.expirySeconds * 1000)
  session.willDueAt = later(willDueAt, creditMs, now + (record.will?.delaySeconds ?? 0) * 1000)
  if (sending.length > 0) {
    session.sending = new SendingWindow()
    for (const entry of sending) if (entry.packetId !== 0) session.sending.add(entry)
  }
  if (receiving.length > 0) session.receiving = new Map(receiving.map(id => [id, SAFE]))
  parts.registry.add(session)
  // An array of just that length: one that grows has room for 17, and there may be a million sessions.
  session.subscriptions = record.subscriptions.map(stored => new Subscription(session, stored))
  parts.durable.adopt(lease, session.subscriptions)
  for (const subscription of session.subscriptions) parts.router.add(subscription)
  return session
}

/**
 * With the time for which the broker was down, but never further away than on the day it was set: the machine's clock
 * may have been set back between two runs, or ahead.
 */
function later(deadline: Millis | undefined, creditMs: Millis, latest: Millis): Millis | undefined {
  return deadline === undefined ? undefined : Math.min(deadline + creditMs, latest)
}

/** Or the next start would know of its own downtime alone. */
function keepCredit(session: Session, record: SessionRecord): void {
  const { expiresAt, willDueAt } = session
  if (expiresAt === record.expiresAt && willDueAt === record.willDueAt) return
  session.version++
  session.store.change(session.lease, { version: session.version, expiresAt, willDueAt })
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
