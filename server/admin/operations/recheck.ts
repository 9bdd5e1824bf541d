// What has changed in a session since the plan was made: whoever has been there in between was not meant.

import type { ItemReason } from '../../../shared/operation.ts'
import type { PlanAction } from '../../../shared/plan.ts'
import type { Session } from '../../session/session.ts'
import { actFacts } from '../plans/act-facts.ts'
import type { Member } from '../plans/member.ts'

/** Undefined: it is as it was, as far as the action is concerned. */
export function changeOf(
  member: Member,
  session: Session | undefined,
  action: PlanAction,
): Extract<ItemReason, 'gone' | 'new-session' | 'reconnected' | 'not-connected' | 'connected'> | undefined {
  if (session === undefined) return 'gone'
  if (session.generation !== member.generation) return 'new-session'
  if (actFacts[action].isAgainstConnection && hasReconnected(member, session)) return 'reconnected'
  const isConnected = session.attachment !== undefined
  if (action === 'disconnect' && !isConnected) return 'not-connected'
  return action === 'expire' && isConnected ? 'connected' : undefined
}

/** Another connection has begun since; a connection that has only ended is none. */
function hasReconnected(member: Member, session: Session): boolean {
  if (session.attachment !== undefined) return !member.connected || session.connectedAt !== member.since
  // Sessions that were read back from the disk have no connection that began in this process.
  if (member.connected) return session.connectedAt !== 0 && session.connectedAt !== member.since
  return (session.disconnectedAt ?? 0) !== member.since
}
