// Takes a session without a connection away for an operator: it ends, and can be brought back while its tombstone lasts.

import type { Session } from '../../session/session.ts'
import type { Ticket } from '../../store/ticket.ts'
import { announceEnd, endSession, leaveBroker } from '../departure.ts'
import type { BrokerParts } from '../parts.ts'
import { publishWill } from '../will.ts'
import type { Target } from './target.ts'
import { costOfSession, type Undo } from './undo-ledger.ts'

export interface TakenAway {
  readonly messages: number
  readonly bytes: number
  readonly subscriptions: number
  /** Undefined: for good. */
  readonly undo: Undo | undefined
}

/** Its will is published, as at each end of a session, and not again should it be brought back. */
export function takeAway(
  parts: BrokerParts,
  session: Session,
  why: 'cleaned' | 'expired-by-operator',
  { by, tombstone }: Pick<Target, 'by' | 'tombstone'>,
): TakenAway & { readonly ticket: Ticket } {
  const { messages, bytes } = session.lease.queue
  const subscriptions = session.subscriptions.length
  // Asked before the session loses its subscriptions here: they are part of what it costs.
  const until = parts.undo.offer(costOfSession(session))
  if (until === undefined) {
    const ticket = endSession(parts, session, why, by)
    return { messages, bytes, subscriptions, undo: undefined, ticket }
  }
  leaveBroker(parts, session)
  publishWill(parts, session)
  session.version++
  const { version } = session
  session.store.change(session.lease, { version, will: undefined, willDueAt: undefined })
  const { undo, ticket } = parts.undo.bury(session, { what: 'session', until, id: tombstone })
  parts.registry.leave(session, ticket)
  announceEnd(parts, session, { why, messages, bytes, tombstone: undo.tombstone, by })
  return { messages, bytes, subscriptions, undo, ticket }
}
