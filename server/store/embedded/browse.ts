// Looks into a queue without touching it: what is owed, and the bodies of it.

import type { Message } from '../../protocol/message.ts'
import type { Owed } from '../store.ts'
import type { Bodies } from './bodies.ts'
import type { Database } from './database-thread.ts'
import type { EmbeddedEntry, EmbeddedQueue, Waiting } from './queue.ts'

/** Bodies read from the disk at a time, so that whoever looks does not keep those waiting who deliver. */
const PAGE_MESSAGES_MAX = 64
const PAGE_BYTES_MAX = 1024 * 1024

export function browse(queue: EmbeddedQueue, after: number, limit: number): readonly Owed[] {
  const owed: Owed[] = []
  for (const entry of queue.inFlight ?? []) if (entry.seq > after) owed.push(sentOf(entry))
  const first = queue.indexAfter(after)
  for (let index = first; index < Math.min(queue.waiting, first + limit); index++)
    owed.push(waitingOf(queue.peek(index)!))
  owed.sort((one, other) => one.seq - other.seq)
  return owed.slice(0, limit)
}

function sentOf({ seq, size, qos, retain, at, packetId, sentAt }: EmbeddedEntry): Owed {
  return { seq, size, qos, retain, at, packetId, sentAt }
}

function waitingOf({ seq, size, qos, retain }: Waiting): Owed {
  return { seq, size, qos, retain, at: 'waiting', packetId: 0, sentAt: undefined }
}

export async function read(
  queue: EmbeddedQueue,
  seqs: readonly number[],
  bodies: Bodies,
  database: Database,
): Promise<ReadonlyMap<number, Message>> {
  const found = new Map<number, Message>()
  for (let next = 0; next < seqs.length; ) {
    const sent = new Map([...(queue.inFlight ?? [])].map(entry => [entry.seq, entry.message]))
    const onDisk: number[] = []
    let bytes = 0
    // Looked up page by page: what has been acknowledged meanwhile is no longer on the disk, and not damaged.
    for (; next < seqs.length && onDisk.length < PAGE_MESSAGES_MAX && bytes < PAGE_BYTES_MAX; next++) {
      const seq = seqs[next]!
      const waiting = queue.find(seq)
      const message = sent.get(seq) ?? (waiting && bodies.find(seq)?.message)
      if (message !== undefined) found.set(seq, message)
      else if (waiting !== undefined) {
        onDisk.push(seq)
        bytes += waiting.size
      }
    }
    if (onDisk.length === 0) continue
    const page = await database.read(queue.number, onDisk, 'bodies-only')
    for (const [seq, { message }] of page) found.set(seq, message)
  }
  return found
}
