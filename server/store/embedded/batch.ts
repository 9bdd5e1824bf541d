// What is staged between two commits: messages, deletions and changes, which become durable as one.

import type { Message } from '../../protocol/message.ts'
import { encodeBody, encodeReceivers, type StoredReceiver } from '../records.ts'
import { Ticket } from '../ticket.ts'
import type { Appends, Request, Statement } from './messages.ts'

/** A message between its arrival and its last acknowledgement, for as long as its body is in memory. */
export class Resident {
  readonly seq: number
  readonly message: Message
  readonly receivers: StoredReceiver[] = []
  readonly ticket = new Ticket()
  /** staged: in the batch being filled; posted: being written; durable: on disk; dropped: never written. */
  at: 'staged' | 'posted' | 'durable' | 'dropped' = 'staged'

  constructor(seq: number, message: Message) {
    this.seq = seq
    this.message = message
  }

  receiver(queueNumber: number): StoredReceiver | undefined {
    return this.receivers.find(one => one.queueNumber === queueNumber)
  }
}

export class Batch {
  readonly appends: Resident[] = []
  readonly deletes: number[] = []
  statements: Statement[] = []
  /** Safe when the whole batch is. */
  readonly ticket = new Ticket()
  /** Somebody waits for the disk and nobody else can settle it: committed at the end of the turn. */
  isUrgent = false

  get isEmpty(): boolean {
    return this.appends.length === 0 && this.deletes.length === 0 && this.statements.length === 0
  }

  /** What must be written; messages that all receivers have acknowledged meanwhile never are. */
  toRequest(): { readonly request: Extract<Request, { ask: 'commit' }>; readonly transfer: ArrayBuffer[] } {
    const appends = encodeAppends(this.appends.filter(one => one.at === 'staged'))
    const deletes = Float64Array.from(this.deletes)
    return {
      request: { ask: 'commit', appends, deletes, statements: this.statements },
      transfer: [appends.bytes],
    }
  }
}

function encodeAppends(residents: readonly Resident[]): Appends {
  const parts: Buffer[] = []
  const seqs = new Float64Array(residents.length)
  const expiresAt = new Float64Array(residents.length)
  const sizes = new Uint32Array(residents.length)
  const bodyEnds = new Uint32Array(residents.length)
  const receiversEnds = new Uint32Array(residents.length)
  let at = 0
  residents.forEach((resident, index) => {
    const body = encodeBody(resident.message)
    const receivers = encodeReceivers(resident.receivers)
    parts.push(body, receivers)
    seqs[index] = resident.seq
    expiresAt[index] = resident.message.expiresAt
    sizes[index] = resident.message.size
    at += body.length
    bodyEnds[index] = at
    at += receivers.length
    receiversEnds[index] = at
    resident.at = 'posted'
  })
  const bytes = new ArrayBuffer(at)
  const whole = Buffer.from(bytes)
  let to = 0
  for (const part of parts) to += part.copy(whole, to)
  return { seqs, expiresAt, sizes, bodyEnds, receiversEnds, bytes }
}
