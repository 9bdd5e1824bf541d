// Disconnect: the client's connection is closed, and its session stays if it outlives connections.

import type { By } from '../../events.ts'
import { fault } from '../../protocol/fault.ts'
import type { Attachment } from '../../session/attachment.ts'
import type { Session } from '../../session/session.ts'
import { detach } from '../departure.ts'
import type { BrokerParts } from '../parts.ts'
import { findSession, type NotActed, type Target } from './target.ts'

export interface DisconnectRequest extends Target {
  /** The will is dropped instead of published, at once or after its delay. */
  readonly suppressWill: boolean
}

/** What became of the will: 'delayed' is published after its delay unless the client is back before. */
export type WillOutcome = 'none' | 'published' | 'delayed' | 'suppressed'

export type Disconnected =
  | { readonly at: 'disconnected'; readonly session: 'kept' | 'ended'; readonly will: WillOutcome }
  | { readonly at: 'not-connected' }
  | NotActed

/**
 * Resolves when the connection has really gone: the client has closed it in answer to ours, or it was dropped a
 * second later. A client that connects again meanwhile is not kept waiting.
 */
export async function disconnectSession(
  parts: BrokerParts,
  request: DisconnectRequest,
): Promise<Disconnected> {
  const closing = await parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    const { attachment } = session
    if (attachment === undefined) return { at: 'not-connected' } as const
    return closeConnection(parts, attachment, request)
  })
  if (closing.at !== 'closing') return closing
  await closing.closed
  const { session, will } = closing
  return { at: 'disconnected', session, will }
}

export interface Closing {
  readonly at: 'closing'
  readonly session: 'kept' | 'ended'
  readonly will: WillOutcome
  /** The socket has gone. */
  readonly closed: Promise<void>
}

/** In the turn of the client id; the session is detached at once, the socket follows. */
export function closeConnection(
  parts: BrokerParts,
  attachment: Attachment,
  request: { readonly suppressWill: boolean; readonly by: By; readonly cause?: 'operator' | 'hold' },
): Closing {
  const { session, outlet } = attachment
  const { suppressWill, by, cause = 'operator' } = request
  const hadWill = session.will !== undefined
  const detail = 'an operator closed the connection'
  detach(parts, attachment, { cause, detail, by, will: suppressWill ? 'discard' : 'publish' })
  outlet.end(fault('administrative-action', detail))
  return {
    at: 'closing',
    session: session.ended ? 'ended' : 'kept',
    will: willOutcome(session, hadWill, suppressWill),
    closed: outlet.whenClosed(),
  }
}

function willOutcome(session: Session, hadWill: boolean, suppressWill: boolean): WillOutcome {
  if (!hadWill) return 'none'
  if (suppressWill) return 'suppressed'
  return session.will === undefined ? 'published' : 'delayed'
}
