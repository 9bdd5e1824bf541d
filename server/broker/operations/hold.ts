// Hold: a client identifier is refused for a while, so that a client that comes back at once cannot undo what was done.

import { secondInWords } from '../../../shared/plain-words.ts'
import type { Millis } from '../../clock.ts'
import type { By } from '../../events.ts'
import { type Fault, fault } from '../../protocol/fault.ts'
import type { Hold } from '../../session/holds.ts'
import { SAFE, type Ticket } from '../../store/ticket.ts'
import type { BrokerParts } from '../parts.ts'
import { closeConnection, type WillOutcome } from './disconnect.ts'

export const HOLD_SECONDS_DEFAULT = 30
export const HOLD_SECONDS_MAX = 86_400

export interface HoldRequest {
  readonly clientId: string
  /** From now; 30 s unless given, a day at the most. */
  readonly seconds?: number | undefined
  /** A connection that is open is closed too; else it stays, and only others with its identifier are refused. */
  readonly closes?: { readonly suppressWill: boolean } | undefined
  readonly by: By
}

export type Held =
  /** `will` is undefined when no connection was closed. */
  | { readonly at: 'held'; readonly hold: Hold; readonly will: WillOutcome | undefined }
  | { readonly at: 'too-many-holds' }
  | { readonly at: 'too-long'; readonly secondsMax: number }

/** A later hold takes the place of an earlier one. Resolves when a connection that it closes has really gone. */
export async function holdClient(parts: BrokerParts, request: HoldRequest): Promise<Held> {
  const { clientId, seconds = HOLD_SECONDS_DEFAULT, closes, by } = request
  if (!(seconds > 0 && seconds <= HOLD_SECONDS_MAX)) return { at: 'too-long', secondsMax: HOLD_SECONDS_MAX }
  const held = await parts.registry.inTurn(clientId, async () => {
    const since = parts.clock.now()
    const hold = { clientId, since, until: since + seconds * 1000, by }
    if (!parts.holds.set(hold)) return { at: 'too-many-holds' } as const
    parts.emit({ kind: 'held', at: since, clientId, until: hold.until, by })
    countHold(parts, clientId)
    const attachment = closes === undefined ? undefined : parts.registry.get(clientId)?.attachment
    if (attachment === undefined || closes === undefined)
      return { at: 'held', hold, closing: undefined } as const
    const closing = closeConnection(parts, attachment, { ...closes, by, cause: 'hold' })
    return { at: 'held', hold, closing } as const
  })
  if (held.at !== 'held') return held
  await held.closing?.closed
  return { at: 'held', hold: held.hold, will: held.closing?.will }
}

export type Released = { readonly at: 'released'; readonly hold: Hold } | { readonly at: 'not-held' }

export function releaseHold(
  parts: BrokerParts,
  request: { readonly clientId: string; readonly by: By },
): Promise<Released> {
  const { clientId, by } = request
  return parts.registry.inTurn(clientId, async () => {
    const hold = parts.holds.release(clientId)
    if (hold === undefined) return { at: 'not-held' }
    announceRelease(parts, clientId, by)
    return { at: 'released', hold }
  })
}

/** The time of the hold has come. In turn, because a client that is being let in has its next version already. */
export function holdRanOut(parts: BrokerParts, { clientId }: Hold): void {
  void parts.registry.inTurn(clientId, async () => announceRelease(parts, clientId, undefined))
}

function announceRelease(parts: BrokerParts, clientId: string, by: By | undefined): void {
  parts.emit({ kind: 'hold-released', at: parts.clock.now(), clientId, by })
  countHold(parts, clientId)
}

/** A hold is a change of the session that it keeps from its client. */
function countHold(parts: BrokerParts, clientId: string): Ticket {
  const session = parts.registry.get(clientId)
  if (session === undefined) return SAFE
  session.version++
  parts.touch(session)
  return session.store.change(session.lease, { version: session.version })
}

/** Why the client is not let in; the operator's reason is not for its ears. */
export function refuseHeld(parts: BrokerParts, clientId: string): Fault | undefined {
  const hold = parts.holds.find(clientId)
  if (hold === undefined || hold.until <= parts.clock.now()) return undefined
  const until: Millis = hold.until
  return fault('client-held', `an operator keeps this client identifier out until ${secondInWords(until)}`)
}
