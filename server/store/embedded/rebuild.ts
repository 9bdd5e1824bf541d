// Builds the indexes of the event loop from what the thread has read back.

import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId, QoS } from '../../protocol/packet.ts'
import { DamagedRecord, decodeBody } from '../records.ts'
import type { Lease, QueueLimits, SessionRecord } from '../store.ts'
import type { Bodies } from './bodies.ts'
import type { Database } from './database-thread.ts'
import type { Answer, RecoveredEntries, RecoveredSession } from './messages.ts'
import { type EmbeddedEntry, EmbeddedQueue } from './queue.ts'
import { decodeSession, subscriptionOf } from './session-record.ts'

export interface Rebuilt {
  readonly sessions: readonly RebuiltSession[]
  readonly retained: readonly Message[]
  readonly lastSeq: number
  readonly lastNumber: number
  readonly aliveAt: Millis | undefined
}

export interface RebuiltSession {
  readonly queue: EmbeddedQueue
  readonly lease: Lease
  readonly record: SessionRecord
  readonly sending: readonly EmbeddedEntry[]
  readonly receiving: readonly PacketId[]
}

const QOS = 3
const RETAIN = 4
const HAS_DETAILS = 8

interface Rebuilding {
  readonly sessions: Map<number, { readonly from: RecoveredSession; readonly record: SessionRecord }>
  readonly queues: Map<number, EmbeddedQueue>
  readonly retained: Message[]
}

export async function rebuild(
  database: Database,
  settings: {
    readonly limits: QueueLimits
    damaged?(damage: { kind: string; key: string; why: string }): void
  },
  bodies: Bodies,
): Promise<Rebuilt> {
  const state: Rebuilding = { sessions: new Map(), queues: new Map(), retained: [] }
  const last = await database.recover(answer => onPart(answer, state, settings.limits, bodies))
  for (const damage of last.damage) settings.damaged?.(damage)
  const sessions: RebuiltSession[] = []
  for (const [number, { from, record }] of state.sessions) {
    const queue = state.queues.get(number)!
    const sending = await readSending(database, queue, from, bodies)
    const lease = { queue, epoch: queue.epoch }
    sessions.push({ queue, lease, record, sending, receiving: from.receiving as PacketId[] })
  }
  const { lastSeq, lastNumber, aliveAt } = last
  return { sessions, retained: state.retained, lastSeq, lastNumber, aliveAt }
}

function onPart(answer: Answer, state: Rebuilding, limits: QueueLimits, bodies: Bodies): void {
  if (answer.tell === 'sessions') {
    for (const from of answer.sessions) {
      const subscriptions = from.subscriptions.map(one => subscriptionOf(...one))
      const { record, epoch } = decodeSession(from.record, subscriptions, bodies.topics)
      state.sessions.set(from.number, { from, record })
      const queue = new EmbeddedQueue(from.clientId, from.number, limits)
      queue.epoch = epoch
      state.queues.set(from.number, queue)
    }
  } else if (answer.tell === 'entries') {
    enqueue(answer.entries, state.queues, bodies)
  } else if (answer.tell === 'retained') {
    for (const body of answer.bodies) addRetained(body, state.retained, bodies)
  }
}

function enqueue(entries: RecoveredEntries, queues: Map<number, EmbeddedQueue>, bodies: Bodies): void {
  const { seqs, queueNumbers, sizes, flags, expiresAt } = entries
  for (let index = 0; index < seqs.length; index++) {
    const queue = queues.get(queueNumbers[index]!)
    if (queue === undefined) continue
    const seq = seqs[index]!
    const size = sizes[index]!
    const flag = flags[index]!
    const expires = expiresAt[index]!
    queue.push({
      seq,
      size,
      qos: (flag & QOS) as QoS,
      retain: (flag & RETAIN) !== 0,
      hasDetails: (flag & HAS_DETAILS) !== 0,
    })
    if (expires < queue.nextExpiryAt) queue.nextExpiryAt = expires
    bodies.recovered(seq, size, expires, 1)
  }
}

function addRetained(body: Uint8Array, retained: Message[], bodies: Bodies): void {
  try {
    // A copy: rows of one part share a buffer, and one that stays would hold all of them.
    retained.push(decodeBody(Buffer.from(body), bodies.topics))
  } catch (error) {
    if (!(error instanceof DamagedRecord)) throw error
  }
}

/** QoS 2 messages that were on their way leave the queue again: they go on under their old packet ids. */
async function readSending(
  database: Database,
  queue: EmbeddedQueue,
  from: RecoveredSession,
  bodies: Bodies,
): Promise<EmbeddedEntry[]> {
  if (from.sending.length === 0) return []
  const states = new Map(from.sending.map(([packetId, seq, released]) => [seq, { packetId, released }]))
  const waiting = queue.takeOut(entry => states.has(entry.seq))
  const seqs = waiting.map(one => one.seq)
  const page = await database.read(queue.number, seqs, 'with-receivers')
  const entries: EmbeddedEntry[] = []
  queue.inFlight = new Map()
  for (const one of waiting) {
    const entry = bodies.entry(queue, one, page)
    const state = states.get(one.seq)!
    if (entry === undefined) {
      bodies.release(one.seq, one.size)
      continue
    }
    entry.packetId = state.packetId as PacketId
    entry.at = state.released === 1 ? 'released' : 'published'
    queue.messages++
    queue.bytes += one.size
    queue.inFlight.set(one.seq, entry)
    entries.push(entry)
  }
  return entries
}
