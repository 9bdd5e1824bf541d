// After a crash: whether an item that may have been done was done, by what is there now.

import type { PlanAction, PlanOptions } from '../../../shared/plan.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import type { Session } from '../../session/session.ts'
import type { Member } from '../plans/member.ts'
import { parseRanges } from '../plans/ranges.ts'
import type { ItemResult } from './item-result.ts'

/** Undefined: it was not, or it does no harm to do it again. */
export function knownAgain(
  member: Member,
  tombstone: string,
  given: {
    readonly parts: BrokerParts
    readonly action: PlanAction
    readonly options: PlanOptions
  },
): ItemResult | undefined {
  const { parts, action, options } = given
  const found = parts.undo.find(tombstone)
  if (found !== undefined) {
    const { messages, bytes, purgeAt } = found.tombstone
    return { status: 'ok', messages, bytes, undo: { by: 'tombstone', id: tombstone, until: purgeAt } }
  }
  const session = parts.registry.get(member.key)
  return seemsDone(member, session, action, options)
    ? {
        status: 'ok',
        reason: 'done-before-restart',
        detail: 'it was its turn when the broker stopped',
        messages: 0,
        bytes: 0,
      }
    : undefined
}

/** Without a tombstone: what was to go has gone. */
function seemsDone(
  member: Member,
  session: Session | undefined,
  action: PlanAction,
  options: PlanOptions,
): boolean {
  const isGone = session?.generation !== member.generation
  switch (action) {
    case 'clean':
    case 'expire':
      return isGone
    case 'disconnect':
      // The end of the broker was the end of all connections.
      return isGone || session.attachment === undefined
    case 'clear-queue':
      return !isGone && session.lease.queue.waiting === 0
    case 'messages.remove':
      return !isGone && parseRanges(member.particulars).every(seq => !owes(session, seq))
    case 'set-expiry':
      return !isGone && hasExpiry(session, options)
    case 'hold':
    case 'retained.delete':
      return false
  }
}

function owes(session: Session, seq: number): boolean {
  return session.store.browse(session.lease.queue, seq - 1, 1)[0]?.seq === seq
}

function hasExpiry(session: Session, { expiry, pinned }: PlanOptions): boolean {
  if (pinned !== undefined && session.expiryPinned !== pinned) return false
  if (expiry === undefined) return true
  if (session.expirySource !== 'operator') return false
  return 'at' in expiry
    ? session.expiresAt === Date.parse(expiry.at)
    : session.expirySeconds === (expiry.seconds ?? Number.POSITIVE_INFINITY)
}
