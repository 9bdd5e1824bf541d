// Why an item stands in a plan without being acted on: who asks may not, or there is nothing to do.

import type { BlockedReason, PlanAction, PlanOptions } from '../../../shared/plan.ts'
import type { Session } from '../../session/session.ts'

/** Who makes or executes a plan. */
export interface PlanActor {
  /** The same for all that this user or key asks, and different from everybody else's. */
  readonly key: string
  /** As it stands in events and records. */
  readonly name: string
  readonly isAdmin: boolean
  /** False for what the key it came with may not touch. */
  mayTouch(clientId: string): boolean
}

export interface BlockRules {
  readonly mayTouch: (clientId: string) => boolean
  /** Of client identifiers that bulk acts leave alone. */
  readonly protectedPrefixes: readonly string[]
  /** Client identifiers that are meant although they are protected. */
  readonly override: ReadonlySet<string>
}

/** By what it is called alone. */
export function blockedByName(clientId: string, rules: BlockRules): BlockedReason | undefined {
  if (!rules.mayTouch(clientId)) return 'outside-key'
  const isProtected = rules.protectedPrefixes.some(prefix => clientId.startsWith(prefix))
  return isProtected && !rules.override.has(clientId) ? 'protected' : undefined
}

/** By the state the session is in. */
export function blockedByState(session: Session, action: PlanAction): BlockedReason | undefined {
  const isConnected = session.attachment !== undefined
  switch (action) {
    case 'disconnect':
      return isConnected ? undefined : 'not-connected'
    case 'expire':
      return isConnected ? 'connected' : undefined
    case 'set-expiry':
      return session.expirySeconds === 0 ? 'ends-with-connection' : undefined
    case 'clean':
    case 'clear-queue':
    case 'hold':
    case 'messages.remove':
    case 'retained.delete':
      return undefined
  }
}

/** A time, other than an interval, needs a session that is offline. */
export function blockedByExpiry(session: Session, { expiry }: PlanOptions): BlockedReason | undefined {
  return expiry !== undefined && 'at' in expiry && session.attachment !== undefined ? 'connected' : undefined
}
