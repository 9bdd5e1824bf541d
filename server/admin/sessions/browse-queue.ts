// A page of what is owed to a session: looked at without taking anything, and without keeping delivery waiting.

import type { QueueMessage } from '../../../shared/session-queue.ts'
import { nextTurn } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { TextPredicate } from '../../read-model/table/glob.ts'
import type { Session } from '../../session/session.ts'
import type { Owed } from '../../store/store.ts'
import { previewOf } from './payload-part.ts'

/** Messages whose bodies are read at a time, by number and by bytes; the bodies are then let go. */
const BATCH_MESSAGES = 64
const BATCH_BYTES = 1_048_576
/** What one request looks at; where a filter finds less than a page in it, the next request goes on. */
const LOOKED_AT_MAX = 10_000
const READ_BYTES_MAX = 16_777_216
/** In a longer queue only its first page knows positions: to count would take as long as all of it. */
const POSITIONS_MAX = 20_000

export interface BrowseQuery {
  /** Messages with a higher number; 0: from the start. */
  readonly after: number
  readonly limit: number
  readonly topic: TextPredicate | undefined
  readonly qos: number | undefined
  readonly withPreview: boolean
}

export interface Browsed {
  readonly data: readonly QueueMessage[]
  /** The number to go on after; undefined at the end. */
  readonly next: number | undefined
  readonly lookedAt: number
}

export async function browseQueue(session: Session, query: BrowseQuery): Promise<Browsed> {
  const { store, lease } = session
  const data: QueueMessage[] = []
  const first = positionAfter(session, query.after)
  let [after, lookedAt, bytes] = [query.after, 0, 0]
  while (data.length < query.limit && lookedAt < LOOKED_AT_MAX && bytes < READ_BYTES_MAX) {
    const batch = nextBatch(session, after, Math.min(BATCH_MESSAGES, query.limit - data.length))
    if (batch.length === 0) return { data, next: undefined, lookedAt }
    const isMeant = ({ qos }: Owed): boolean => query.qos === undefined || qos === query.qos
    const bodies = await store.read(
      lease.queue,
      batch.filter(isMeant).map(owed => owed.seq),
    )
    for (const [index, owed] of batch.entries()) {
      if (!isMeant(owed)) continue
      const position = first === undefined ? undefined : first + lookedAt + index + 1
      const row = rowOf(session, owed, bodies.get(owed.seq), position, query)
      if (row !== undefined) data.push(row)
    }
    after = batch.at(-1)!.seq
    lookedAt += batch.length
    bytes += batch.reduce((sum, owed) => sum + owed.size, 0)
    await nextTurn()
  }
  const hasMore = store.browse(lease.queue, after, 1).length > 0
  return { data, next: hasMore ? after : undefined, lookedAt }
}

/** At least one message, and no more than is good to have in memory at a time. */
function nextBatch({ store, lease }: Session, after: number, messagesMax: number): readonly Owed[] {
  const batch: Owed[] = []
  let bytes = 0
  for (const owed of store.browse(lease.queue, after, messagesMax)) {
    bytes += owed.size
    if (batch.length > 0 && bytes > BATCH_BYTES) break
    batch.push(owed)
  }
  return batch
}

/** How many messages come before; undefined where they are too many to count. */
function positionAfter({ store, lease }: Session, after: number): number | undefined {
  if (after === 0) return 0
  const { queue } = lease
  if (queue.messages > POSITIONS_MAX) return undefined
  const beyond = store.browse(queue, 0, queue.messages).findIndex(owed => owed.seq > after)
  return beyond === -1 ? queue.messages : beyond
}

/** Undefined: it is not meant, or has left the queue meanwhile. */
function rowOf(
  session: Session,
  owed: Owed,
  message: Message | undefined,
  position: number | undefined,
  query: BrowseQuery,
): QueueMessage | undefined {
  if (message === undefined && (query.topic !== undefined || !isStillOwed(session, owed))) return undefined
  if (message !== undefined && query.topic?.(message.topic.name) === false) return undefined
  const { seq, at, qos, retain, size, packetId, sentAt } = owed
  return {
    seq,
    position: position ?? null,
    at,
    topic: message?.topic.name ?? null,
    qos,
    retain,
    bytes: size,
    payloadBytes: message?.payloadBytes ?? null,
    publisher: message?.publisher ?? null,
    receivedAt: message === undefined ? null : timeOf(message.receivedAt),
    expiresAt: message === undefined ? null : timeOf(message.expiresAt),
    packetId: packetId === 0 ? null : packetId,
    sentAt: timeOf(sentAt),
    dup: at === 'published' && isFromBefore(session, sentAt),
    ...(query.withPreview ? { payload: message === undefined ? null : previewOf(message) } : {}),
  }
}

function isStillOwed({ store, lease }: Session, { seq }: Owed): boolean {
  return store.browse(lease.queue, seq - 1, 1)[0]?.seq === seq
}

/** It was sent on an earlier connection than the one there is, if there is one. */
export function isFromBefore({ attachment, connectedAt }: Session, sentAt: number | undefined): boolean {
  return attachment === undefined || sentAt === undefined || sentAt < connectedAt
}

function timeOf(at: number | undefined): string | null {
  return at === undefined || !Number.isFinite(at) ? null : new Date(at).toISOString()
}
