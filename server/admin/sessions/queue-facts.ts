// What stands beside a page of a queue: its limits, what happens when it is full, and that looking changes nothing.

import { bytesInWords, countInWords } from '../../../shared/plain-words.ts'
import type { QueueFacts } from '../../../shared/session-queue.ts'
import type { Session } from '../../session/session.ts'
import type { QueueLimits } from '../../store/store.ts'

export function queueFactsOf({ generation, version, lease }: Session, dropped: number): QueueFacts {
  const { messages, waiting, bytes, limits } = lease.queue
  const { messagesMax, bytesMax, overflow } = limits
  const note = `Reading does not change delivery: nothing is taken, reordered or marked. ${limitInWords(limits)}`
  return { generation, version, messages, waiting, bytes, messagesMax, bytesMax, overflow, dropped, note }
}

function limitInWords({ messagesMax, bytesMax, overflow }: QueueLimits): string {
  const limit = `The queue holds ${countInWords(messagesMax, 'message')} or ${bytesInWords(bytesMax)}, in flight included`
  return `${limit}; when it is full, ${overflowInWords[overflow]}.`
}

const overflowInWords: Readonly<Record<QueueLimits['overflow'], string>> = {
  'drop-oldest': 'the message that waits longest is dropped for the new one',
  'drop-newest': 'the new message is dropped',
  reject: 'the publisher of the new message is refused',
}
