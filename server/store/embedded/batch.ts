// What is staged between two commits: messages, deletions and changes, which become durable as one.

import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import { bodyLength, receiversLength, type StoredReceiver, writeBody, writeReceivers } from '../records.ts'
import { Ticket } from '../ticket.ts'
import { Chain, type Linked } from './chain.ts'
import type { Appends, Request, Statement } from './messages.ts'
import type { EmbeddedQueue } from './queue.ts'

/** One receiver of a message in memory. */
export interface ResidentReceiver extends StoredReceiver {
  readonly queue: EmbeddedQueue
}

/** A message between its arrival and its last acknowledgement, for as long as its body is in memory. */
export class Resident implements Linked<Resident> {
  readonly seq: number
  readonly message: Message
  readonly receivers: ResidentReceiver[] = []
  readonly ticket = new Ticket()
  /** staged: in the batch being filled; posted: being written; durable: on disk; dropped: never written. */
  at: 'staged' | 'posted' | 'durable' | 'dropped' = 'staged'
  /** Somebody connected is about to get it, so its body is worth keeping at hand. */
  hasConnectedReceiver = false
  /** Queues that still refer to it. */
  references = 0
  /** In the batch being filled. */
  previous: Resident | undefined = undefined
  next: Resident | undefined = undefined
  chain: object | undefined = undefined

  constructor(seq: number, message: Message) {
    this.seq = seq
    this.message = message
  }

  receiver(queueNumber: number): StoredReceiver | undefined {
    return this.receivers.find(one => one.queueNumber === queueNumber)
  }
}

export class Batch {
  /** In the order of their sequence numbers; those that all receivers acknowledged in time have left it again. */
  readonly #appends = new Chain<Resident>()
  /** What the other thread was given of them. */
  posted: readonly Resident[] = []
  readonly deletes: number[] = []
  statements: Statement[] = []
  /** Safe when the whole batch is. */
  readonly ticket = new Ticket()
  /** Somebody waits for the disk and nobody else can settle it: committed at the end of the turn. */
  isUrgent = false

  append(resident: Resident): void {
    this.#appends.add(resident)
  }

  /** The message needs not be written any more, and nothing of it stays in memory. */
  drop(resident: Resident): void {
    this.#appends.remove(resident)
  }

  get isEmpty(): boolean {
    return this.statements.length === 0 && this.deletes.length === 0 && this.#appends.size === 0
  }

  get oldest(): Resident | undefined {
    return this.#appends.first
  }

  /** Leaves the messages from the first one on that arrived after `time` to the next batch. */
  leaveYoungerThan(time: Millis, next: Batch): void {
    let younger = false
    for (const one of this.#appends) {
      younger ||= one.message.receivedAt > time
      if (!younger) continue
      this.#appends.remove(one)
      next.append(one)
    }
  }

  /** `bytesWanted` asks for room for that much even if the messages at hand are smaller. */
  toRequest(bytesWanted: number): {
    readonly request: Extract<Request, { ask: 'commit' }>
    readonly transfer: ArrayBuffer[]
  } {
    this.posted = [...this.#appends]
    for (const one of this.posted) this.#appends.remove(one)
    const appends = encodeAppends(this.posted)
    const deletes = Float64Array.from(this.deletes)
    const roomBytes = Math.max(appends.byteLength, bytesWanted)
    return {
      request: { ask: 'commit', appends, roomBytes, deletes, statements: this.statements },
      transfer: [appends],
    }
  }
}

/** Numbers before each record: sequence number, expiry, size, length of the body and of the receivers. */
export const APPEND_HEAD_BYTES = 28

export function encodedBytes(residents: readonly Resident[]): number {
  let length = 0
  for (const { message, receivers } of residents) {
    length += APPEND_HEAD_BYTES + bodyLength(message) + receiversLength(receivers)
  }
  return length
}

/** All records one behind the other in one piece of memory, which the other thread is given for good. */
function encodeAppends(residents: readonly Resident[]): Appends {
  const bytes = new ArrayBuffer(encodedBytes(residents))
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
