// What is staged between two commits: messages, deletions and changes, which become durable as one.

import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import { bodyLength, receiversLength, type StoredReceiver, writeBody, writeReceivers } from '../records.ts'
import { Ticket } from '../ticket.ts'
import type { Appends, Request, Statement } from './messages.ts'
import type { EmbeddedQueue } from './queue.ts'

/** One receiver of a message in memory. */
export interface ResidentReceiver extends StoredReceiver {
  readonly queue: EmbeddedQueue
}

/** A message between its arrival and its last acknowledgement, for as long as its body is in memory. */
export class Resident {
  readonly seq: number
  readonly message: Message
  readonly receivers: ResidentReceiver[] = []
  readonly ticket = new Ticket()
  /** staged: in the batch being filled; posted: being written; durable: on disk; dropped: never written. */
  at: 'staged' | 'posted' | 'durable' | 'dropped' = 'staged'
  /** Somebody connected is about to get it, so its body is worth keeping at hand. */
  hasConnectedReceiver = false

  constructor(seq: number, message: Message) {
    this.seq = seq
    this.message = message
  }

  receiver(queue: EmbeddedQueue): StoredReceiver | undefined {
    return this.receivers.find(one => one.queue === queue)
  }
}

export class Batch {
  appends: Resident[] = []
  readonly deletes: number[] = []
  statements: Statement[] = []
  /** Safe when the whole batch is. */
  readonly ticket = new Ticket()
  /** Somebody waits for the disk and nobody else can settle it: committed at the end of the turn. */
  isUrgent = false

  get isEmpty(): boolean {
    return this.appends.length === 0 && this.deletes.length === 0 && this.statements.length === 0
  }

  /** Takes out the messages that arrived later; those that were acknowledged meanwhile are forgotten. */
  takeYoungerThan(time: Millis): Resident[] {
    const staged = this.appends.filter(one => one.at === 'staged')
    const firstYounger = staged.findIndex(one => one.message.receivedAt > time)
    this.appends = firstYounger < 0 ? staged : staged.slice(0, firstYounger)
    return staged.slice(this.appends.length)
  }

  /** What must be written; messages that all receivers have acknowledged meanwhile never are. */
  toRequest(): { readonly request: Extract<Request, { ask: 'commit' }>; readonly transfer: ArrayBuffer[] } {
    const appends = encodeAppends(this.appends.filter(one => one.at === 'staged'))
    const deletes = Float64Array.from(this.deletes)
    return {
      request: { ask: 'commit', appends, deletes, statements: this.statements },
      transfer: [appends],
    }
  }
}

/** Numbers before each record: sequence number, expiry, size, length of the body and of the receivers. */
export const APPEND_HEAD_BYTES = 28

/** All records one behind the other in one piece of memory, which the other thread is given for good. */
function encodeAppends(residents: readonly Resident[]): Appends {
  let length = 0
  for (const { message, receivers } of residents) {
    length += APPEND_HEAD_BYTES + bodyLength(message) + receiversLength(receivers)
  }
  const bytes = new ArrayBuffer(length)
  const whole = Buffer.from(bytes)
  let at = 0
  for (const resident of residents) {
    const { message, receivers, seq } = resident
    const bodyAt = at + APPEND_HEAD_BYTES
    const receiversAt = writeBody(whole, bodyAt, message)
    const end = writeReceivers(whole, receiversAt, receivers)
    whole.writeDoubleLE(seq, at)
    whole.writeDoubleLE(message.expiresAt, at + 8)
    whole.writeUInt32LE(message.size, at + 16)
    whole.writeUInt32LE(receiversAt - bodyAt, at + 20)
    whole.writeUInt32LE(end - receiversAt, at + 24)
    at = end
    resident.at = 'posted'
  }
  return bytes
}
