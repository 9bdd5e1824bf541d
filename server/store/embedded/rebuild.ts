// Builds the indexes of the event loop from what the thread has read back.

import type { Millis } from '../../clock.ts'
import type { Message } from '../../protocol/message.ts'
import type { PacketId } from '../../protocol/packet.ts'
import { DamagedRecord, decodeBody } from '../records.ts'
import type { Lease, QueueLimits, SessionRecord } from '../store.ts'
import type { Epitaph } from '../tombstone.ts'
import type { Bodies } from './bodies.ts'
import { Chain } from './chain.ts'
import type { Database } from './database-thread.ts'
import type { Answer, RecoveredEntries, RecoveredSession, RecoveredTombstone } from './messages.ts'
import { type EmbeddedEntry, EmbeddedQueue, waitingOf } from './queue.ts'
import { decodeSession, subscriptionOf } from './session-record.ts'
import type { Grave } from './tombstones.ts'

export interface Rebuilt {
  readonly sessions: readonly RebuiltSession[]
  readonly graves: readonly Grave[]
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

interface Rebuilding {
  readonly sessions: Map<number, { readonly from: RecoveredSession; readonly record: SessionRecord }>
  /** Those of tombstones under the numbers that the entries have for them. */
  readonly queues: Map<number, EmbeddedQueue>
  /** In the order of the tombstones. */
  readonly buried: { readonly epitaph: Epitaph; readonly queue: EmbeddedQueue }[]
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
  const state: Rebuilding = { sessions: new Map(), queues: new Map(), buried: [], retained: [] }
  const last = await database.recover(answer => onPart(answer, state, settings.limits, bodies))
  for (const damage of last.damage) settings.damaged?.(damage)
  const sessions: RebuiltSession[] = []
  const buried = new Map<EmbeddedQueue, RebuiltSession>()
  for (const [number, { from, record }] of state.sessions) {
    const queue = state.queues.get(number)!
    const sending = await readSending(database, queue, from, bodies)
    recoverParts(queue, from)
    const lease = { queue, epoch: queue.epoch }
    const session = { queue, lease, record, sending, receiving: from.receiving as PacketId[] }
    if (queue.state === 'buried') buried.set(queue, session)
    else sessions.push(session)
  }
  const graves = state.buried.map(({ epitaph, queue }): Grave => {
    const kept = buried.get(queue)
    return kept === undefined
      ? { what: 'queue', epitaph, queue }
      : { what: 'session', epitaph, queue, kept: { queue, record: kept.record } }
  })
  const { lastSeq, lastNumber, aliveAt } = last
  return { sessions, graves, retained: state.retained, lastSeq, lastNumber, aliveAt }
}

function onPart(answer: Answer, state: Rebuilding, limits: QueueLimits, bodies: Bodies): void {
  if (answer.tell === 'sessions') {
    for (const from of answer.sessions) {
      const subscriptions = from.subscriptions.map(one => subscriptionOf(...one))
      const { record, epoch } = decodeSession(from.clientId, from.record, subscriptions, bodies.topics)
      state.sessions.set(from.number, { from, record })
      const queue = new EmbeddedQueue(from.clientId, from.number, limits)
      queue.epoch = epoch
      state.queues.set(from.number, queue)
    }
  } else if (answer.tell === 'tombstones') {
    for (const [index, one] of answer.tombstones.entries()) bury(one, index, state, limits)
  } else if (answer.tell === 'entries') {
    enqueue(answer.entries, state.queues, bodies)
  } else if (answer.tell === 'retained') {
    for (const body of answer.bodies) addRetained(body, state.retained, bodies)
  }
}

function bury(
  { number, epitaph }: RecoveredTombstone,
  index: number,
  state: Rebuilding,
  limits: QueueLimits,
): void {
  const own = epitaph.what === 'session' ? state.queues.get(number) : undefined
  const queue = own ?? new EmbeddedQueue(epitaph.clientId, number, limits)
  queue.state = 'buried'
  if (own === undefined) state.queues.set(-1 - index, queue)
  state.buried.push({ epitaph, queue })
}

/** What is known of a queue beside its entries, once those are there. */
function recoverParts(queue: EmbeddedQueue, { receiving, cursor }: RecoveredSession): void {
  if (receiving.length > 0) queue.receiving = new Set(receiving as PacketId[])
  if (cursor === undefined) return
  const { acked, exceptions, returned } = cursor
  if (exceptions.length > 0) queue.settled = new Set(exceptions)
  const inFlight = new Set([...(queue.inFlight ?? [])].map(entry => entry.seq))
  const owed = returned.filter(seq => inFlight.has(seq) || queue.find(seq) !== undefined)
  if (owed.length > 0) queue.returned = { first: acked + 1, seqs: new Set(owed) }
}

function enqueue(entries: RecoveredEntries, queues: Map<number, EmbeddedQueue>, bodies: Bodies): void {
  const { seqs, queueNumbers, sizes, flags, expiresAt } = entries
  for (let index = 0; index < seqs.length; index++) {
    const queue = queues.get(queueNumbers[index]!)
    if (queue === undefined) continue
    const seq = seqs[index]!
    const size = sizes[index]!
    const expires = expiresAt[index]!
    queue.push(waitingOf(seq, size, flags[index]!))
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
  const waiting = queue.takeOut(seq => states.has(seq))
  const seqs = waiting.map(one => one.seq)
  const page = await database.read(queue.number, seqs, 'with-receivers')
  const entries: EmbeddedEntry[] = []
  queue.inFlight = new Chain()
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
    queue.inFlight.add(entry)
    entries.push(entry)
  }
  return entries
}
