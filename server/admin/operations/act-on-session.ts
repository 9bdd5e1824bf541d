// Does to one session what a plan says, if it is still the session that the plan meant.

import type { PlanAction, PlanOptions } from '../../../shared/plan.ts'
import { cleanSession } from '../../broker/operations/clean.ts'
import { disconnectSession } from '../../broker/operations/disconnect.ts'
import { expireSession } from '../../broker/operations/expire.ts'
import { setExpiry } from '../../broker/operations/expiry.ts'
import { holdClient, releaseHold } from '../../broker/operations/hold.ts'
import { clearQueue, removeMessages } from '../../broker/operations/queue.ts'
import type { Target } from '../../broker/operations/target.ts'
import type { BrokerParts } from '../../broker/parts.ts'
import type { By } from '../../events.ts'
import type { Session } from '../../session/session.ts'
import type { Member } from '../plans/member.ts'
import { parseRanges } from '../plans/ranges.ts'
import { type ItemResult, skipped } from './item-result.ts'
import { changeOf } from './recheck.ts'
import {
  type OwedBefore,
  resultOfClean,
  resultOfClear,
  resultOfDisconnect,
  resultOfExpire,
  resultOfExpiry,
  resultOfHold,
  resultOfRemove,
} from './results-of-acts.ts'

export interface SessionActGiven {
  readonly parts: BrokerParts
  readonly action: PlanAction
  readonly options: PlanOptions
  readonly by: By
  /** Says what else forbids it at the moment: it no longer matches, it is protected now. */
  readonly objection: (session: Session) => ItemResult | undefined
}

/** How often a session may change under our hands - a SUBSCRIBE, say - before we let it be. */
const ATTEMPTS_MAX = 5

export async function actOnSession(
  member: Member,
  tombstone: string,
  given: SessionActGiven,
): Promise<ItemResult> {
  const { parts, action, options, by } = given
  const refused = refusal(member, given)
  if (refused !== undefined) return refused
  const isHeld = action !== 'hold' && options.holdSeconds !== undefined
  if (isHeld) {
    const held = await holdClient(parts, { clientId: member.key, seconds: options.holdSeconds, by })
    if (held.at !== 'held') return resultOfHold(held)
  }
  const result = await attempt(member, tombstone, given)
  if (isHeld && result.status !== 'ok') await releaseHold(parts, { clientId: member.key, by })
  return result
}

async function attempt(member: Member, tombstone: string, given: SessionActGiven): Promise<ItemResult> {
  // The hold, which has just been set, is no objection.
  for (let attempts = 1; ; attempts++) {
    const refused = refusal(member, attempts === 1 ? { ...given, objection: () => undefined } : given)
    if (refused !== undefined) return refused
    const { generation, version, lease } = given.parts.registry.get(member.key)!
    const { messages, bytes } = lease.queue
    const target: Target = {
      clientId: member.key,
      // Whoever gets hold of the session between this look and our turn changes its version.
      expected: { generation, version },
      by: given.by,
      tombstone,
    }
    const result = await perform(member, target, { ...given, before: { messages, bytes } })
    if (result !== 'session-changed') return result
    if (attempts === ATTEMPTS_MAX) return skipped('changed-since', 'it changes all the time')
  }
}

function refusal(member: Member, { parts, action, objection }: SessionActGiven): ItemResult | undefined {
  const session = parts.registry.get(member.key)
  const change = changeOf(member, session, action)
  if (change !== undefined) return skipped(change)
  return objection(session!)
}

async function perform(
  member: Member,
  target: Target,
  { parts, action, options, before }: SessionActGiven & { readonly before: OwedBefore },
): Promise<ItemResult | 'session-changed'> {
  const { suppressWill = false, holdSeconds, expiry, pinned } = options
  switch (action) {
    case 'disconnect':
      return resultOfDisconnect(await disconnectSession(parts, { ...target, suppressWill }), before)
    case 'clean':
      return resultOfClean(await cleanSession(parts, { ...target, suppressWill }), before)
    case 'expire':
      return resultOfExpire(await expireSession(parts, target))
    case 'clear-queue':
      return resultOfClear(await clearQueue(parts, target))
    case 'messages.remove':
      return resultOfRemove(await removeMessages(parts, { ...target, seqs: parseRanges(member.particulars) }))
    case 'set-expiry':
      return resultOfExpiry(await setExpiry(parts, { ...target, expiry: newExpiry(expiry), pinned }))
    case 'hold':
      return resultOfHold(
        await holdClient(parts, { clientId: member.key, seconds: holdSeconds, by: target.by }),
      )
    case 'retained.delete':
      throw new Error('retained messages are no sessions')
  }
}

function newExpiry(expiry: PlanOptions['expiry']) {
  if (expiry === undefined) return undefined
  if ('at' in expiry) return { at: Date.parse(expiry.at) }
  return { seconds: expiry.seconds ?? Number.POSITIVE_INFINITY }
}
