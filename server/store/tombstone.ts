// What a tombstone says of what was buried; the same for all engines.

import type { Millis } from '../clock.ts'
import type { BuryRequest, QueueLimits, SessionRecord, Tombstone } from './store.ts'

/** All of a tombstone but its counts, which may change while it lasts. */
export type Epitaph = Omit<Tombstone, 'messages' | 'bytes' | 'subscriptions'>

export function epitaphOf(
  record: SessionRecord,
  { id, what }: BuryRequest,
  { now, purgeAt }: { readonly now: Millis; readonly purgeAt: Millis },
): Epitaph {
  const { clientId, owner, generation } = record
  return { id, what, clientId, owner, generation, buriedAt: now, purgeAt }
}

/** Whether so much more has room in the queue: what is restored displaces nothing. */
export function hasRoom(
  queue: { readonly messages: number; readonly bytes: number; readonly limits: QueueLimits },
  messages: number,
  bytes: number,
): boolean {
  const { messagesMax, bytesMax } = queue.limits
  return queue.messages + messages <= messagesMax && queue.bytes + bytes <= bytesMax
}
