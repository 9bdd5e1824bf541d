// Expire now: an offline session ends as it would at its deadline, and can be brought back for a while.

import type { BrokerParts } from '../parts.ts'
import type { WillOutcome } from './disconnect.ts'
import { type TakenAway, takeAway } from './take-away.ts'
import { type Done, done, findSession, type NotActed, type Target } from './target.ts'

export type Expired =
  | ({ readonly at: 'expired'; readonly will: Extract<WillOutcome, 'none' | 'published'> } & TakenAway & Done)
  /** Only a session without a connection can expire; to end this one is to clean it. */
  | { readonly at: 'session-connected' }
  | NotActed

export async function expireSession(parts: BrokerParts, request: Target): Promise<Expired> {
  return parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return session
    if (session.attachment !== undefined) return { at: 'session-connected' }
    const will = session.will === undefined ? 'none' : 'published'
    const { ticket, ...taken } = takeAway(parts, session, 'expired-by-operator', request)
    return { at: 'expired', will, ...taken, ...(await done(ticket)) }
  })
}
