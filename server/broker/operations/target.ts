// Which session an operator means, and what is said when it is not there or not the one they saw.

import type { By } from '../../events.ts'
import type { Fault } from '../../protocol/fault.ts'
import type { Session } from '../../session/session.ts'
import type { Ticket } from '../../store/ticket.ts'
import type { BrokerParts } from '../parts.ts'

/** The session as it was looked at; without a version any state of that generation will do. */
export interface Expected {
  readonly generation: string
  readonly version?: number | undefined
}

/** Every verb on a session is asked for with these. */
export interface Target {
  readonly clientId: string
  /** Undefined: whatever session there is. */
  readonly expected?: Expected | undefined
  readonly by: By
  /** What the tombstone of what is taken away is called: unique for ever. Undefined: something nobody can guess. */
  readonly tombstone?: string | undefined
}

/** Nothing was done. */
export type NotActed =
  | { readonly at: 'no-session' }
  /** With the session that is there instead, or the state it is in now. */
  | { readonly at: 'session-changed'; readonly generation: string; readonly version: number }

/**
 * Done, also when it is not safe: then the disk refuses it for the moment, it is written as soon as there is
 * room, and only a crash before that would undo it.
 */
export interface Done {
  /** Why it is not on the disk yet; undefined when it is. */
  readonly unsafe: string | undefined
}

/** To be called in the turn of the client id: until the turn ends, nobody else gets the session. */
export function findSession(parts: BrokerParts, { clientId, expected }: Target): Session | NotActed {
  const session = parts.registry.get(clientId)
  if (session === undefined) return { at: 'no-session' }
  if (expected === undefined) return session
  const { generation, version } = session
  const isExpected =
    generation === expected.generation && (expected.version === undefined || version === expected.version)
  return isExpected ? session : { at: 'session-changed', generation, version }
}

export async function done(...tickets: readonly Ticket[]): Promise<Done> {
  const outcomes = await Promise.all(tickets.map(ticket => ticket.outcome()))
  const refusal = outcomes.find((outcome): outcome is Fault => outcome !== 'safe')
  return { unsafe: refusal?.detail }
}
