// Whether a message has room in a queue, and what an overflow policy can do about it; the same for all engines.

import type { Message } from '../protocol/message.ts'
import type { QueueLimits, Receiver } from './store.ts'

export interface Bounded {
  readonly limits: QueueLimits
  readonly messages: number
  readonly bytes: number
  readonly inFlightMessages: number
  readonly inFlightBytes: number
  /** Copies of the message at hand that it is about to get, while an append looks for room; 0 otherwise. */
  announced: number
}

/** Whether the message has no place in the queue once `before` copies of it have theirs. */
export function isFull(queue: Bounded, message: Message, before = 0): boolean {
  const { messagesMax, bytesMax } = queue.limits
  return queue.messages + before >= messagesMax || queue.bytes + (before + 1) * message.size > bytesMax
}

/**
 * Whether a queue that rejects has no room. A session may get a message twice, by its own subscription and as
 * a member of a shared group, so what the queue is about to get counts as well.
 */
export function isRejected(message: Message, receivers: readonly Receiver[], count: number): boolean {
  let checked = 0
  let rejected = false
  for (; checked < count && !rejected; checked++) {
    const queue = receivers[checked]!.queue as unknown as Bounded
    if (queue.limits.overflow === 'reject') rejected = isFull(queue, message, queue.announced++)
  }
  while (--checked >= 0) (receivers[checked]!.queue as unknown as Bounded).announced = 0
  return rejected
}

/** Whether dropping what waits would make room: what is in flight stays, and nothing is dropped in vain. */
export function canMakeRoom(queue: Bounded, message: Message): boolean {
  const { limits } = queue
  if (limits.overflow !== 'drop-oldest') return false
  return queue.inFlightMessages < limits.messagesMax && queue.inFlightBytes + message.size <= limits.bytesMax
}
