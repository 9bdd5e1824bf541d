// How sessions are left and how they end: by their client, by their deadline, by a newer session.

import type { Millis } from '../clock.ts'
import type { BrokerEvent, By, DisconnectCause, SessionEnd } from '../events.ts'
import type { Attachment } from '../session/attachment.ts'
import type { Session } from '../session/session.ts'
import type { Scheduled, Slot } from '../session/timer-wheel.ts'
import { SAFE, type Ticket } from '../store/ticket.ts'
import type { BrokerParts } from './parts.ts'
import { countIfRefused } from './publish.ts'
import { publishWill } from './will.ts'

export interface Departure {
  readonly cause: DisconnectCause
  readonly detail: string
  /** DISCONNECT with reason 0 discards the will; every other end publishes it [MQTT5-3.1.2-10, MQTT3-3.1.2-10]. */
  readonly will: 'discard' | 'publish'
  /** From the DISCONNECT packet, if it said so (5.0 section 3.14.2.2.2). */
  readonly expirySeconds?: number | undefined
  /** Of the WebSocket, when the peer closed it. */
  readonly closeCode?: number | undefined
  /** The operator who had the connection closed. */
  readonly by?: By | undefined
}

/** The connection has ended. What a connection does whose session was taken over has no effect. */
export function detach(parts: BrokerParts, attachment: Attachment, departure: Departure): void {
  const { session } = attachment
  if (session.attachment !== attachment) return
  const now = parts.clock.now()
  session.attachment = undefined
  session.disconnectedAt = now
  session.version++
  if (departure.expirySeconds !== undefined && !session.expiryPinned) {
    session.expirySeconds = departure.expirySeconds
    session.expirySource = 'client'
  }
  parts.registry.connected--
  const { cause, detail, closeCode, by } = departure
  const { clientId, generation } = session
  parts.emit({ kind: 'disconnected', at: now, clientId, generation, cause, detail, closeCode, by })
  if (departure.will === 'discard') session.will = undefined
  if (session.expirySeconds === 0) {
    endSession(parts, session, 'disconnected')
    return
  }
  queueRest(parts, session, attachment)
  session.expiresAt = now + session.expirySeconds * 1000
  if (session.will !== undefined && departure.will === 'publish') {
    session.willDueAt = now + session.will.delaySeconds * 1000
    if (session.will.delaySeconds === 0) publishWill(parts, session)
  }
  persistDeadlines(session)
  scheduleSession(parts, session)
  parts.touch(session)
}

/** The store keeps them as absolute times, so that they run on while the broker is down. */
export function persistDeadlines(session: Session): void {
  const { version, expirySeconds, expirySource, disconnectedAt, expiresAt, will, willDueAt } = session
  const absolute = expiresAt === Number.POSITIVE_INFINITY ? undefined : expiresAt
  const deadlines = {
    version,
    expirySeconds,
    expirySource,
    disconnectedAt: disconnectedAt ?? 0,
    expiresAt: absolute,
    will,
    willDueAt,
  }
  session.store.detach(session.lease, deadlines)
}

/** Retained messages that were on their way to a client that has gone are owed to its session like any other. */
function queueRest(parts: BrokerParts, session: Session, attachment: Attachment): void {
  for (const { receiver, messages, next } of attachment.feeds) {
    for (const message of messages.slice(next)) {
      if (message.qos === 0 || receiver.qos === 0) continue
      countIfRefused(parts, session, message, session.store.append(message, [receiver], 1))
    }
  }
  attachment.feeds = []
}

/** Ends a session for good: its will is published if it was due to be, its subscriptions and queue go. */
export function endSession(parts: BrokerParts, session: Session, why: SessionEnd, by?: By): Ticket {
  if (session.ended) return SAFE
  const { messages, bytes } = session.lease.queue
  leaveBroker(parts, session)
  const ticket = session.store.end(
    session.lease.queue,
    why === 'cleaned' ? 'session-cleaned' : 'session-ended',
  )
  parts.registry.leave(session, ticket)
  publishWill(parts, session)
  session.version++
  announceEnd(parts, session, { why, messages, bytes, tombstone: undefined, by })
  return ticket
}

/** From here on nobody finds it, and nothing is sent to it; its queue is still in the store. */
export function leaveBroker(parts: BrokerParts, session: Session): void {
  session.ended = true
  if (session.timer !== undefined) parts.wheel.cancel(session.timer)
  for (const subscription of session.subscriptions) parts.router.remove(subscription)
  session.subscriptions = []
  session.sending = undefined
  session.receiving = undefined
  parts.registry.remove(session)
}

export function announceEnd(
  parts: BrokerParts,
  session: Session,
  end: Pick<
    Extract<BrokerEvent, { kind: 'session-ended' }>,
    'why' | 'messages' | 'bytes' | 'tombstone' | 'by'
  >,
): void {
  const { clientId, generation } = session
  parts.emit({ kind: 'session-ended', at: parts.clock.now(), clientId, generation, ...end })
  // Whoever takes the change knows why: that was said before.
  parts.touch(session)
}

/** Sets the session's timer to the next thing that is due: its will, its end, or a message's end. */
export function scheduleSession(parts: BrokerParts, session: Session): void {
  const next = Math.min(
    session.attachment === undefined
      ? (session.expiresAt ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY,
    session.willDueAt ?? Number.POSITIVE_INFINITY,
    session.lease.queue.nextExpiryAt,
  )
  if (next === Number.POSITIVE_INFINITY) {
    if (session.timer !== undefined) parts.wheel.cancel(session.timer)
    return
  }
  session.timer ??= new SessionTimer(parts, session)
  parts.wheel.schedule(session.timer, next)
}

/** A closure for each session would cost more than the timer. */
class SessionTimer implements Scheduled {
  readonly #parts: BrokerParts
  readonly #session: Session
  deadline: Millis = 0
  previous: Scheduled | undefined = undefined
  next: Scheduled | undefined = undefined
  slot: Slot | undefined = undefined

  constructor(parts: BrokerParts, session: Session) {
    this.#parts = parts
    this.#session = session
  }

  fire(): void {
    onDeadline(this.#parts, this.#session)
  }
}

function onDeadline(parts: BrokerParts, session: Session): void {
  const now = parts.clock.now()
  if (session.willDueAt !== undefined && session.willDueAt <= now) {
    publishWill(parts, session)
    const { version } = session
    session.store.change(session.lease, { version, will: undefined, willDueAt: undefined })
  }
  if (session.attachment === undefined && session.expiresAt !== undefined && session.expiresAt <= now) {
    endSession(parts, session, 'expired')
    return
  }
  if (session.lease.queue.nextExpiryAt <= now) session.store.expire(session.lease.queue, now)
  scheduleSession(parts, session)
}
