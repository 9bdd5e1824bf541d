// Clean: the session ends, with its connection if it has one, and can be brought back for a while.

import type { BrokerParts } from '../parts.ts'
import { closeConnection, type WillOutcome } from './disconnect.ts'
import { type TakenAway, takeAway } from './take-away.ts'
import { type Done, done, findSession, type NotActed, type Target } from './target.ts'

export interface CleanRequest extends Target {
  /** The will is dropped instead of published; it cannot be brought back. */
  readonly suppressWill: boolean
}

export type Cleaned =
  | ({
      readonly at: 'cleaned'
      readonly connection: 'closed' | 'none'
      readonly will: Exclude<WillOutcome, 'delayed'>
    } & TakenAway &
      Done)
  /** It was to end with its connection, so that to disconnect it was all there was to do: nothing to bring back. */
  | { readonly at: 'disconnected'; readonly will: WillOutcome }
  | NotActed

/** Resolves when the connection has gone and the session has left the disk. */
export async function cleanSession(parts: BrokerParts, request: CleanRequest): Promise<Cleaned> {
  const cleaning = await parts.registry.inTurn(request.clientId, async () => {
    const session = findSession(parts, request)
    if ('at' in session) return { closing: undefined, outcome: session }
    const hadWill = session.will !== undefined
    const { attachment } = session
    const closing = attachment === undefined ? undefined : closeConnection(parts, attachment, request)
    if (closing?.session === 'ended') {
      const outcome: Cleaned = { at: 'disconnected', will: closing.will }
      return { closing, outcome }
    }
    if (request.suppressWill) session.will = undefined
    const { ticket, ...taken } = takeAway(parts, session, 'cleaned', request)
    const will = hadWill ? (request.suppressWill ? 'suppressed' : 'published') : 'none'
    const connection = closing === undefined ? 'none' : 'closed'
    const outcome: Cleaned = { at: 'cleaned', connection, will, ...taken, ...(await done(ticket)) }
    return { closing, outcome }
  })
  await cleaning.closing?.closed
  return cleaning.outcome
}
