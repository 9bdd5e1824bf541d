// What is on its way to a client and from it, in lanes named after the packet that is awaited from the client.

import type { Inflight, InflightEntry, InflightLane } from '../../../shared/session-queue.ts'
import type { Millis } from '../../clock.ts'
import type { PacketId } from '../../protocol/packet.ts'
import { owesPubrelSince } from '../../session/receive.ts'
import type { Session } from '../../session/session.ts'
import type { Entry } from '../../store/store.ts'

export interface InflightGiven {
  readonly now: Millis
  /** From when on an acknowledgement is overdue. */
  readonly unmovedMs: Millis
  /** When the client has connected, as far as the history knows: the newest first. */
  readonly connects: readonly Millis[]
}

/** Entries in flight beyond those at the head of the queue are few: after an undo, waiting ones may stand before them. */
const SPARE = 256

export function inflightOf(session: Session, given: InflightGiven): readonly InflightEntry[] {
  const sending = [...(session.sending?.values() ?? [])]
  const seqs = seqsOf(session, sending.length)
  const out = sending.map(entry => outgoing(session, entry, seqs, given))
  const since = owesPubrelSince(session)
  // Of the others it is only known that they came later.
  const incoming = [...(session.receiving?.keys() ?? [])].map((packetId, index) =>
    incomingEntry(packetId, index === 0 ? since : undefined, given),
  )
  return [...out, ...incoming]
}

export function lanesOf(entries: readonly InflightEntry[]): Inflight['lanes'] {
  const lane = (name: InflightLane) => {
    const own = entries.filter(entry => entry.lane === name)
    const times = own.map(entry => entry.sentAt).filter(at => at !== null)
    // Times of one form sort as texts.
    const [oldestAt = null] = times.toSorted()
    return {
      count: own.length,
      oldestAt,
      stuck: own.filter(entry => entry.stuck).length,
    }
  }
  return { puback: lane('puback'), pubrec: lane('pubrec'), pubcomp: lane('pubcomp'), pubrel: lane('pubrel') }
}

function outgoing(
  session: Session,
  entry: Entry,
  seqs: ReadonlyMap<number, number>,
  { now, unmovedMs, connects }: InflightGiven,
): InflightEntry {
  const { message, packetId, sentAt, qos } = entry
  const isConnected = session.attachment !== undefined
  // What an earlier run of the broker has sent is sent again with each connection: that much is known.
  const since = sentAt ?? (isConnected ? session.connectedAt : undefined)
  return {
    lane: laneOf(entry),
    packetId,
    seq: seqs.get(packetId) ?? null,
    topic: message.topic.name,
    qos,
    bytes: message.size,
    sentAt: sentAt === undefined ? null : new Date(sentAt).toISOString(),
    ageSeconds: since === undefined ? null : Math.max(0, Math.floor((now - since) / 1000)),
    retries: sentAt === undefined ? null : connects.filter(at => at > sentAt).length,
    stuck: isConnected && since !== undefined && now - since >= unmovedMs,
  }
}

function laneOf({ at, qos }: Entry): InflightLane {
  if (at === 'released') return 'pubcomp'
  return qos === 2 ? 'pubrec' : 'puback'
}

function incomingEntry(
  packetId: PacketId,
  since: Millis | undefined,
  { now, unmovedMs }: InflightGiven,
): InflightEntry {
  return {
    lane: 'pubrel',
    packetId,
    seq: null,
    topic: null,
    qos: 2,
    bytes: null,
    sentAt: null,
    ageSeconds: since === undefined ? null : Math.max(0, Math.floor((now - since) / 1000)),
    retries: null,
    stuck: since !== undefined && now - since >= unmovedMs,
  }
}

/** By packet id. */
function seqsOf({ store, lease }: Session, inFlight: number): ReadonlyMap<number, number> {
  if (inFlight === 0) return new Map()
  const owed = store.browse(lease.queue, 0, inFlight + SPARE)
  return new Map(owed.filter(one => one.packetId !== 0).map(one => [one.packetId, one.seq]))
}
