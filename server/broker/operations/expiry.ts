// Set expiry: an operator decides how long a session outlives its connection, once or for all its connections.

import type { Millis } from '../../clock.ts'
import type { ExpirySource } from '../../events.ts'
import type { Session } from '../../session/session.ts'
import { scheduleSession } from '../departure.ts'
import type { BrokerParts } from '../parts.ts'
import { type Done, done, findSession, type NotActed, type Target } from './target.ts'

/** Seconds from the session's disconnect, Infinity for never; or a time, for a session that is offline. */
export type NewExpiry = { readonly seconds: number } | { readonly at: Millis }

export interface SetExpiryRequest extends Target {
  /** Undefined: as it is. */
  readonly expiry?: NewExpiry | undefined
  /** True: later connections get it too, whatever they ask for. False: the next one decides anew. Undefined: as it is. */
  readonly pinned?: boolean | undefined
}

export interface ExpiryState {
  readonly expirySeconds: number
  /** Undefined while the session is connected, and when it never expires. */
  readonly expiresAt: Millis | undefined
  readonly source: ExpirySource
  readonly pinned: boolean
}

export type ExpirySet =
  | ({ readonly at: 'set'; readonly before: ExpiryState; readonly after: ExpiryState } & Done)
  /** A session that is connected has no such time yet; give seconds. */
  | { readonly at: 'session-connected' }
  /** A session that ends with its connection is kept nowhere, and cannot be made to last. */
  | { readonly at: 'ends-with-connection' }
  /** It would have passed already: to end a session is another verb. */
  | { readonly at: 'expiry-passed'; readonly expiresAt: Millis }
  | NotActed

export async function setExpiry(parts: BrokerParts, request: SetExpiryRequest): Promise<ExpirySet> {
  return parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    if (session.expirySeconds === 0) return { at: 'ends-with-connection' }
    const { expiry, by } = request
    const before = expiryState(session)
    if (expiry !== undefined) {
      const expirySeconds = secondsOf(session, expiry)
      if (expirySeconds === undefined) return { at: 'session-connected' }
      const expiresAt = deadlineOf(session, expiry, expirySeconds)
      if (expirySeconds <= 0 || expiresAt <= parts.clock.now()) return { at: 'expiry-passed', expiresAt }
      session.expirySeconds = expirySeconds
      session.expiresAt = session.attachment === undefined ? expiresAt : undefined
      session.expirySource = 'operator'
    }
    session.expiryPinned = request.pinned ?? session.expiryPinned
    const ticket = persist(parts, session)
    const { clientId, generation } = session
    const after = expiryState(session)
    parts.emit({ kind: 'expiry-set', at: parts.clock.now(), clientId, generation, ...after, by })
    return { at: 'set', before, after, ...(await done(ticket)) }
  })
}

/** Rounded up to what goes over the wire; undefined for a time that a connected session cannot have. */
function secondsOf(session: Session, expiry: NewExpiry): number | undefined {
  if ('seconds' in expiry) return expiry.seconds
  if (session.attachment !== undefined) return undefined
  return Math.ceil((expiry.at - (session.disconnectedAt ?? 0)) / 1000)
}

/** When it would expire: for a connected session, were it to go now. */
function deadlineOf(session: Session, expiry: NewExpiry, expirySeconds: number): Millis {
  if ('at' in expiry) return expiry.at
  if (session.attachment !== undefined) return Number.POSITIVE_INFINITY
  return (session.disconnectedAt ?? 0) + expirySeconds * 1000
}

function persist(parts: BrokerParts, session: Session) {
  session.version++
  scheduleSession(parts, session)
  parts.touch(session)
  const { version, expirySeconds, expirySource, expiryPinned } = session
  const { expiresAt } = expiryState(session)
  return session.store.change(session.lease, {
    version,
    expirySeconds,
    expirySource,
    expiryPinned,
    expiresAt,
  })
}

function expiryState(session: Session): ExpiryState {
  const { expirySeconds, expiresAt, expirySource, expiryPinned } = session
  return {
    expirySeconds,
    expiresAt: expiresAt === Number.POSITIVE_INFINITY ? undefined : expiresAt,
    source: expirySource,
    pinned: expiryPinned,
  }
}
