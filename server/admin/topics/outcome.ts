// What would become of a message for one session now, and why.

import { numberInWords } from '../../../shared/plain-words.ts'
import type { TopicOutcome } from '../../../shared/topics.ts'
import type { QoS } from '../../protocol/packet.ts'
import type { Attachment } from '../../session/attachment.ts'
import type { Session } from '../../session/session.ts'
import type { Queue } from '../../store/store.ts'

export interface Outcome {
  readonly outcome: TopicOutcome
  readonly why: string
}

/** `qos` is that of the delivery. */
export function outcomeOf(session: Session, qos: QoS, queueQos0: boolean): Outcome {
  const { attachment } = session
  if (qos === 0 && attachment !== undefined) return delivered('It is connected; QoS 0 is sent once.')
  if (qos === 0 && !queueQos0) return lost('It is away, and QoS 0 is not owed to a client that is away.')
  return ofFullQueue(session.lease.queue) ?? ofRoom(attachment)
}

/** With a message that is as short as can be. */
function ofFullQueue({ messages, bytes, waiting, limits }: Queue): Outcome | undefined {
  if (messages < limits.messagesMax && bytes < limits.bytesMax) return undefined
  const full = `Its queue is full (${numberInWords(messages)} of ${numberInWords(limits.messagesMax)} messages)`
  switch (limits.overflow) {
    case 'drop-oldest':
      return waiting > 0
        ? queued(`${full}: the oldest message that waits is dropped for it.`)
        : lost(`${full}, and all of it is in flight.`)
    case 'drop-newest':
      return lost(`${full}, and drops what comes.`)
    case 'reject':
      return { outcome: 'refused', why: `${full}: the publisher is told so, and nobody gets the message.` }
  }
}

function ofRoom(attachment: Attachment | undefined): Outcome {
  switch (attachment?.paused) {
    case undefined:
      return queued('It is away: the message waits for it.')
    case 'window-full':
      return queued('It is connected, and has not acknowledged as many messages as it takes at a time.')
    case 'socket-full':
      return queued('It is connected, and does not read what was sent.')
    case 'not-started':
    case 'pumping':
      return queued('It has just connected, and gets first what waits for it.')
    case 'caught-up':
      return delivered('It is connected, and nothing waits for it.')
  }
}

function delivered(why: string): Outcome {
  return { outcome: 'delivered', why }
}

function queued(why: string): Outcome {
  return { outcome: 'queued', why }
}

function lost(why: string): Outcome {
  return { outcome: 'lost', why }
}
