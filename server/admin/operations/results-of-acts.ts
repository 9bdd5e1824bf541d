// What the broker says of an act, as the result of an item: for plans and for acts on one session alike.

import type { Cleaned } from '../../broker/operations/clean.ts'
import type { Disconnected } from '../../broker/operations/disconnect.ts'
import type { Expired } from '../../broker/operations/expire.ts'
import type { ExpirySet, ExpiryState } from '../../broker/operations/expiry.ts'
import type { Held, Released } from '../../broker/operations/hold.ts'
import type { MessagesRemoved, QueueCleared } from '../../broker/operations/queue.ts'
import type { SubscriptionAdded, SubscriptionRemoved } from '../../broker/operations/subscription.ts'
import type { Undo } from '../../broker/operations/undo-ledger.ts'
import { failed, type ItemResult, type KeptExpiry, skipped, type UndoHandle } from './item-result.ts'

/** The session was another one, or in another state, than the act expected. */
type Outcome = ItemResult | 'session-changed'

/** What the session owed before: it goes with a session that ends with its connection. */
export interface OwedBefore {
  readonly messages: number
  readonly bytes: number
}

export function resultOfDisconnect(outcome: Disconnected, { messages, bytes }: OwedBefore): Outcome {
  switch (outcome.at) {
    case 'disconnected':
      return outcome.session === 'ended'
        ? { status: 'ok', messages, bytes }
        : { status: 'ok', messages: 0, bytes: 0 }
    case 'not-connected':
      return skipped('not-connected')
    default:
      return notActed(outcome)
  }
}

export function resultOfClean(outcome: Cleaned, { messages, bytes }: OwedBefore): Outcome {
  switch (outcome.at) {
    case 'cleaned':
      return taken(outcome)
    case 'disconnected':
      return { status: 'ok', messages, bytes }
    default:
      return notActed(outcome)
  }
}

export function resultOfExpire(outcome: Expired): Outcome {
  switch (outcome.at) {
    case 'expired':
      return taken(outcome)
    case 'session-connected':
      return skipped('connected')
    default:
      return notActed(outcome)
  }
}

export function resultOfClear(outcome: QueueCleared): Outcome {
  return outcome.at === 'cleared' ? taken(outcome) : notActed(outcome)
}

export function resultOfRemove(outcome: MessagesRemoved): Outcome {
  if (outcome.at !== 'removed') return notActed(outcome)
  return outcome.messages === 0 ? skipped('nothing-left') : taken(outcome)
}

export function resultOfExpiry(outcome: ExpirySet): Outcome {
  switch (outcome.at) {
    case 'set': {
      const undo: UndoHandle = { by: 'expiry', before: kept(outcome.before), set: kept(outcome.after) }
      return { status: 'ok', messages: 0, bytes: 0, undo, ...unsafe(outcome.unsafe) }
    }
    case 'session-connected':
      return failed('connected', 'a session that is connected has no time at which it expires')
    case 'ends-with-connection':
      return failed('ends-with-connection')
    case 'expiry-passed':
      return failed('expiry-passed', 'it would have expired already')
    default:
      return notActed(outcome)
  }
}

export function resultOfHold(outcome: Held): ItemResult {
  switch (outcome.at) {
    case 'held':
      return { status: 'ok', messages: 0, bytes: 0, undo: { by: 'hold', until: outcome.hold.until } }
    case 'too-many-holds':
      return failed('too-many-holds', 'as many clients are held as there may be')
    case 'too-long':
      return failed('error', `a hold lasts ${outcome.secondsMax} s at the most`)
  }
}

export function resultOfRelease({ at }: Released): ItemResult {
  return at === 'released' ? { status: 'ok', messages: 0, bytes: 0 } : skipped('changed-since')
}

export function resultOfSubscribe(outcome: SubscriptionAdded): Outcome {
  switch (outcome.at) {
    case 'added':
    case 'replaced':
      return { status: 'ok', messages: 0, bytes: 0, ...unsafe(outcome.unsafe) }
    case 'refused':
      return failed('error')
    default:
      return notActed(outcome)
  }
}

export function resultOfUnsubscribe(outcome: SubscriptionRemoved): Outcome {
  switch (outcome.at) {
    case 'removed':
      return { status: 'ok', messages: 0, bytes: 0, ...unsafe(outcome.unsafe) }
    case 'no-subscription':
      return skipped('nothing-left')
    default:
      return notActed(outcome)
  }
}

function taken(outcome: {
  readonly messages: number
  readonly bytes: number
  readonly undo: Undo | undefined
  readonly unsafe: string | undefined
}): ItemResult {
  const { messages, bytes, undo } = outcome
  const handle: UndoHandle | undefined =
    undo === undefined ? undefined : { by: 'tombstone', id: undo.tombstone, until: undo.until }
  return { status: 'ok', messages, bytes, undo: handle, ...unsafe(outcome.unsafe) }
}

function unsafe(detail: string | undefined): Pick<ItemResult, 'reason' | 'detail'> {
  return detail === undefined ? {} : { reason: 'not-on-disk', detail }
}

function notActed(outcome: { readonly at: 'no-session' | 'session-changed' }): Outcome {
  return outcome.at === 'no-session' ? skipped('gone') : 'session-changed'
}

function kept({ expirySeconds, pinned }: ExpiryState): KeptExpiry {
  return { seconds: expirySeconds === Number.POSITIVE_INFINITY ? null : expirySeconds, pinned }
}
