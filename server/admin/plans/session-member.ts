// A session as a member of a plan: what the act would take away, and whether it can be done at all.

import type { BlockedReason, PlanAction, PlanOptions } from '../../../shared/plan.ts'
import type { Session } from '../../session/session.ts'
import { PASSING } from './act-facts.ts'
import { type BlockRules, blockedByExpiry, blockedByName, blockedByState } from './blocked.ts'
import type { Member } from './member.ts'

export interface SessionAct {
  readonly action: PlanAction
  readonly options: PlanOptions
  readonly rules: BlockRules
}

export function sessionMember(session: Session, act: SessionAct): Member {
  const { action, options, rules } = act
  const isConnected = session.attachment !== undefined
  const blocked =
    blockedByName(session.clientId, rules) ??
    blockedByState(session, action) ??
    (action === 'set-expiry' ? blockedByExpiry(session, options) : undefined)
  return {
    key: session.clientId,
    generation: session.generation,
    connected: isConnected,
    since: sinceOf(session),
    ...lossOf(session, action),
    subscriptions: session.subscriptions.length,
    will: publishesWill(session, act),
    blocked,
    particulars: action === 'clean' && session.expirySeconds === 0 ? PASSING : '',
  }
}

/** Of what nothing is known but its name: it was named and is not there, or it is an act's that has no list. */
export function bareMember(clientId: string, generation: string, blocked: BlockedReason | undefined): Member {
  return {
    key: clientId,
    generation,
    connected: false,
    since: 0,
    messages: 0,
    bytes: 0,
    subscriptions: 0,
    will: false,
    blocked,
    particulars: '',
  }
}

/** When its connection began, or the last one ended. */
export function sinceOf(session: Session): number {
  return session.attachment === undefined ? (session.disconnectedAt ?? 0) : session.connectedAt
}

interface Loss {
  readonly messages: number
  readonly bytes: number
}

const NOTHING: Loss = { messages: 0, bytes: 0 }

function lossOf(session: Session, action: PlanAction): Loss {
  const { messages, bytes, waiting } = session.lease.queue
  switch (action) {
    case 'clean':
    case 'expire':
      return { messages, bytes }
    case 'disconnect':
      // A session that ends with its connection takes along what is owed to it.
      return session.attachment !== undefined && session.expirySeconds === 0 ? { messages, bytes } : NOTHING
    case 'clear-queue':
      return waiting === 0 ? NOTHING : { messages: waiting, bytes: bytes - bytesInFlight(session) }
    case 'set-expiry':
    case 'hold':
    case 'messages.remove':
    case 'retained.delete':
      return NOTHING
  }
}

function bytesInFlight({ sending }: Session): number {
  let bytes = 0
  for (const { message } of sending?.values() ?? []) bytes += message.size
  return bytes
}

function publishesWill(session: Session, { action, options }: SessionAct): boolean {
  if (session.will === undefined) return false
  switch (action) {
    case 'clean':
      return options.suppressWill !== true
    case 'disconnect':
      return session.attachment !== undefined && options.suppressWill !== true
    case 'expire':
      return true
    case 'clear-queue':
    case 'set-expiry':
    case 'hold':
    case 'messages.remove':
    case 'retained.delete':
      return false
  }
}
