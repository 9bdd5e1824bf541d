// The store contract: what any engine promises, and the suite in test/store/contract.ts demands.
//
// What is staged within one turn of the event loop commits as one transaction. A Ticket is the engine's word:
// while it is pending, nothing that depends on it may leave the broker. Nothing here says that the caller's
// process owns all sessions: a lease is a fence, and what a fenced-out holder does has no effect.

import type { Millis } from '../clock.ts'
import type { ConnectionFacts } from '../events/connection-facts.ts'
import type { ExpirySource } from '../events.ts'
import type { Message } from '../protocol/message.ts'
import type { PacketId, QoS, RetainHandling } from '../protocol/packet.ts'
import type { Topic } from '../protocol/topic.ts'
import type { Ticket } from './ticket.ts'

declare const brand: unique symbol
/** Grows with every attachment of a session to a connection; the higher one fences out the lower. */
export type Epoch = number & { readonly [brand]?: 'Epoch' }

/** One subscription as it is kept; `topicFilter` is the whole one, `$share/group/` included. */
export interface StoredSubscription {
  readonly topicFilter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: RetainHandling
  /** 0 when it has none. */
  readonly subscriptionIdentifier: number
}

export interface StoredWill {
  /** Without an expiry: it counts from the moment the will is published. */
  readonly message: Message
  readonly delaySeconds: number
  readonly messageExpirySeconds: number | undefined
}

export type Overflow = 'drop-oldest' | 'drop-newest' | 'reject'

/** Why a message that was meant for a session did not reach it. */
export type LossReason =
  | 'queue-full'
  | 'expired'
  | 'too-large'
  | 'session-ended'
  | 'session-cleaned'
  | 'store-full'
  | 'offline-qos-0'
  | 'slow-consumer'
  | 'damaged'
  /** An operator took it out of the queue. */
  | 'removed'

/** What a session is before and beyond its connections. */
export interface SessionRecord {
  readonly clientId: string
  /** The user that created it; nobody else is let in. */
  readonly owner: string
  /** New each time session state is created (a ULID). */
  readonly generation: string
  readonly createdAt: Millis
  /** Grows with each change of the session's own state; docs/decisions/0007-session-version.md says of which. */
  readonly version: number
  /** Of its latest connection; undefined where an earlier version of the broker did not keep it. */
  readonly connection: ConnectionFacts | undefined
  /** Seconds the session outlives its connection; Infinity: it never expires. */
  readonly expirySeconds: number
  readonly expirySource: ExpirySource
  /** An operator has set the expiry for later connections as well, whatever they ask for. */
  readonly expiryPinned: boolean
  /** undefined while connected, also for a session whose connection ended with an earlier process. */
  readonly disconnectedAt: Millis | undefined
  /** Absolute; undefined while connected or when it never expires. Runs on while the broker is down. */
  readonly expiresAt: Millis | undefined
  readonly subscriptions: readonly StoredSubscription[]
  readonly will: StoredWill | undefined
  /** Absolute time at which the will of a client that has gone is to be published. */
  readonly willDueAt: Millis | undefined
}

export interface QueueLimits {
  readonly messagesMax: number
  readonly bytesMax: number
  readonly overflow: Overflow
}

/** A session's queue as senders and readers hold it; belongs to one generation of the session. */
export interface Queue {
  readonly clientId: string
  /** Messages that are owed to the client: waiting and in flight. */
  readonly messages: number
  readonly bytes: number
  /** Of them, those no PUBLISH has been sent for. */
  readonly waiting: number
  /**
   * No message that waits expires before; Infinity when none waits. Exact after `expire`, and too early at most
   * where what it stood for has left the queue: to find the next one each time would cost more than one vain look.
   */
  readonly nextExpiryAt: Millis
  /** As the last attach, or the settings for sessions whose client has not come back yet, have them. */
  readonly limits: QueueLimits
  /** Set when counts change, with one `changed` for the listener; whoever has looked at the counts clears it. */
  isTouched: boolean
}

/** The right to act for a session, from attach until a later attach or its end. */
export interface Lease {
  readonly queue: Queue
  readonly epoch: Epoch
}

/** One message owed to one session. Handed out by `fetch`, handed back to `release` and `acknowledge`. */
export interface Entry {
  readonly message: Message
  /** 0 only where the policy queues QoS 0 for offline sessions; such an entry is acknowledged once sent. */
  readonly qos: QoS
  /** The RETAIN flag the client is to see. */
  readonly retain: boolean
  readonly subscriptionIdentifiers: readonly number[] | undefined
  /** `$share/group/filter` when a shared subscription chose this session: another member may stand in. */
  readonly sharedFilter: string | undefined
  /** 0 until `send` binds it. */
  packetId: PacketId | 0
  /** published: PUBACK or PUBREC is awaited; released: PUBREL is owed, PUBCOMP awaited. */
  at: 'waiting' | 'published' | 'released'
  /** When `send` bound it; undefined before, and when that was in an earlier process. */
  sentAt: Millis | undefined
}

/** One message owed to one session, without its body: for people who look. */
export interface Owed {
  /** Its place in its queue: higher ones came later. Stays what it is across restarts, except in a memory engine. */
  readonly seq: number
  /** As it counts in the queue: topic, properties and payload. */
  readonly size: number
  readonly qos: QoS
  readonly retain: boolean
  readonly at: 'waiting' | 'published' | 'released'
  readonly packetId: PacketId | 0
  readonly sentAt: Millis | undefined
}

/** What was taken away and can be brought back: a whole session, or messages that waited in its queue. */
export interface Tombstone {
  /** The caller's, unique for ever. */
  readonly id: string
  readonly what: 'session' | 'queue'
  readonly clientId: string
  readonly owner: string
  /** Of the session. */
  readonly generation: string
  /** What `restore` would bring back, at the moment of looking. */
  readonly messages: number
  readonly bytes: number
  /** Of a session; 0 for messages alone. */
  readonly subscriptions: number
  readonly buriedAt: Millis
  /** When its owner means to purge it; the store itself does so only when it is full. */
  readonly purgeAt: Millis
}

/** A session, or waiting messages of its queue: all of them, or those with these numbers. */
export type BuryRequest =
  | { readonly id: string; readonly what: 'session' }
  | { readonly id: string; readonly what: 'queue'; readonly seqs?: readonly number[] | undefined }

export interface Buried {
  readonly tombstone: Tombstone
  readonly ticket: Ticket
}

/**
 * session-exists: a session with that client id is there now; session-gone: the one that the messages were taken
 * from is not; no-room: the queue's limits leave no room for all of them.
 */
export type Restored =
  | {
      readonly at: 'restored'
      readonly tombstone: Tombstone
      /** Of a session. */
      readonly recovered?: Recovered
    }
  | { readonly at: 'unknown' | 'session-exists' | 'session-gone' | 'no-room' }

/** Where a message goes; the router's deliveries have this shape. The QoS is the lower of message and receiver. */
export interface Receiver {
  readonly queue: Queue
  readonly qos: QoS
  readonly retainAsPublished: boolean
  readonly subscriptionIdentifiers: readonly number[] | undefined
  readonly sharedFilter: string | undefined
}

/** What is known of a message that waited, without its body. */
export interface Unread {
  readonly seq: number
  readonly size: number
  readonly qos: QoS
}

export interface StoreListener {
  /** A queue that was empty, or whose page was being loaded, can be fetched from. */
  available(queue: Queue): void
  /** `nextExpiryAt` of the queue has come nearer. */
  expiring(queue: Queue): void
  /**
   * A message was owed to this session and will not reach it; undefined when its body is not in memory. Then
   * `unread` says what is known of one that waited, and `look` can read it before this turn is over.
   */
  lost(queue: Queue, message: Message | undefined, reason: LossReason, unread?: Unread): void
  /**
   * A session that is ending, or being buried, owes this entry of a shared subscription: 'taken' when it is now
   * owed to somebody else. What is left goes the way of the session.
   */
  offered(queue: Queue, entry: Entry): 'taken' | 'left'
  /** Its counts have changed since `isTouched` was last cleared: said once, not for each message. */
  changed(queue: Queue): void
}

export interface AttachRequest {
  readonly clientId: string
  readonly owner: string
  readonly now: Millis
  /** 'resume' keeps what is there; 'replace' ends it first (Clean Start) [MQTT5-3.1.2-4]. */
  readonly existing: 'resume' | 'replace'
  readonly limits: QueueLimits
  readonly version: number
  readonly connection: ConnectionFacts | undefined
  readonly expirySeconds: number
  readonly expirySource: ExpirySource
  readonly expiryPinned: boolean
  readonly will: StoredWill | undefined
}

export interface Attached {
  readonly at: 'created' | 'resumed'
  readonly lease: Lease
  readonly record: SessionRecord
  /** Safe when session, epoch and will are: CONNACK waits for it. */
  readonly ticket: Ticket
}

/** A session read back when the broker starts, with what was in flight. */
export interface Recovered {
  readonly lease: Lease
  readonly record: SessionRecord
  readonly sending: readonly Entry[]
  readonly receiving: readonly PacketId[]
}

/** What an earlier process kept; sessions and retained messages arrive in no particular order. */
export interface Opened {
  readonly sessions: Iterable<Recovered>
  readonly retained: Iterable<Message>
  /**
   * When that process last noted that it was alive; undefined where nothing says so. What is changed in the turn in
   * which `open` has resolved becomes safe together with the new process's first note, or before it.
   */
  readonly aliveAt: Millis | undefined
}

/** What `change` alters; a field left out stays as it is. */
export interface SessionChange {
  readonly subscribe?: readonly StoredSubscription[]
  readonly unsubscribe?: readonly string[]
  readonly version?: number
  readonly expirySeconds?: number
  readonly expirySource?: ExpirySource
  readonly expiryPinned?: boolean
  readonly disconnectedAt?: Millis
  /** undefined: never. */
  readonly expiresAt?: Millis | undefined
  readonly will?: StoredWill | undefined
  readonly willDueAt?: Millis | undefined
}

/** What an engine that writes to a disk has done since it was opened. */
export interface StoreStatistics {
  /** Batches written, each of them one transaction. */
  readonly commits: number
  readonly messagesWritten: number
  readonly fileBytes: number
  /** What messages may use of the disk, and what is free of that, before the last commit; undefined before the first. */
  readonly disk: { readonly bytes: number; readonly freeBytes: number } | undefined
  /** From the first write of a batch until the disk has it. */
  readonly lastSyncMs: number
  readonly meanSyncMs: number
  readonly percentile99SyncMs: number
  readonly sumSyncMs: number
  /** How many commits took no longer than each bound; bounds rise, and what took longer than all is in `commits` alone. */
  readonly syncsWithin: readonly { readonly boundMs: number; readonly times: number }[]
  /** Batches that did not fit on the disk. */
  readonly commitsRefused: number
  /** For how long the batch at hand has been with the disk; 0 when none is. */
  readonly writingMs: number
}

export interface Store {
  readonly engine: string
  /** Only of engines with a disk. */
  readonly statistics?: StoreStatistics
  /** Why no messages are kept at the moment; undefined while all is well. */
  readonly problem?: string | undefined
  open(listener: StoreListener): Promise<Opened>
  /** Resolves when everything staged is safe and nothing is open any more. */
  close(): Promise<void>

  /** Takes the session for a connection with a higher epoch; earlier leases are fenced out. */
  attach(request: AttachRequest): Promise<Attached>
  /** The caller holds subscriptions that are the same as those kept: the engine may hold them too, so that none is there twice. */
  adopt(lease: Lease, subscriptions: readonly StoredSubscription[]): void
  /** Alters a session; a fenced-out lease alters nothing and is told it was safe. */
  change(lease: Lease, change: SessionChange): Ticket
  /** Its connection has gone: the deadlines run from here on. */
  detach(lease: Lease, change: SessionChange): Ticket
  /**
   * Ends a session with its queue, for good: entries of shared subscriptions are offered to others, the rest is
   * reported as lost with that reason.
   */
  end(queue: Queue, reason: 'session-cleaned' | 'session-ended'): Ticket

  /**
   * Puts one message into the queues of `count` receivers, body once; a queue that stands there twice gets two
   * copies, and all second copies have a body of their own. Refused as a whole, with nothing
   * enqueued, when a queue that rejects is full or the store is.
   */
  append(message: Message, receivers: readonly Receiver[], count: number): Ticket
  /** The next waiting entry, skipping what has expired; undefined when none waits or its page is being loaded. */
  fetch(lease: Lease, now: Millis): Entry | undefined
  /**
   * Binds the packet id under which an entry is sent: the entry carries it from now on, whatever becomes of the
   * ticket. At QoS 2 it must be safe before PUBLISH leaves.
   */
  send(lease: Lease, entry: Entry, packetId: PacketId, now: Millis): Ticket
  /** PUBREC came: the message need not be sent again, the packet id must be kept. Safe before PUBREL leaves. */
  release(lease: Lease, entry: Entry): Ticket
  /** PUBACK or PUBCOMP came, or the entry is given up: it is owed no more. */
  acknowledge(lease: Lease, entry: Entry): Ticket
  /** Drops waiting entries that have expired. */
  expire(queue: Queue, now: Millis): void

  /**
   * What is owed, oldest first: at most `limit` entries beyond number `after`, 0 for the start. Waiting entries that
   * have expired and were not dropped yet are among them. Changes nothing.
   */
  browse(queue: Queue, after: number, limit: number): readonly Owed[]
  /** Bodies of what the queue owes; what it does not, or has no body any more, is left out. Changes nothing. */
  read(queue: Queue, seqs: readonly number[]): Promise<ReadonlyMap<number, Message>>
  /**
   * Reads a message that is being reported as lost with this number, while `lost` runs: its record leaves the disk
   * with a later turn's batch. Only of engines whose bodies may not be in memory.
   */
  look?(seq: number): Promise<Message | undefined>
  /** Drops waiting messages for good: all, or those with these numbers. */
  discard(queue: Queue, seqs: readonly number[] | undefined, reason: LossReason): Ticket

  /**
   * Takes a session without a connection away, or messages that wait in a queue, so that `restore` can bring them
   * back. Leases of a buried session are fenced out; what is in flight stays as it is, with the session. Entries of
   * shared subscriptions are offered to others. Safe when a crash would not undo it.
   */
  bury(queue: Queue, request: BuryRequest, times: { readonly now: Millis; readonly purgeAt: Millis }): Buried
  /**
   * Brings back what was buried: a session under a new lease, messages to their old places in the queue. What has
   * expired meanwhile is dropped as such. Resolves when it is safe, or at once when nothing is changed.
   */
  restore(id: string, now: Millis): Promise<Restored>
  /** For good: its messages are reported as lost, 'session-cleaned' or 'removed'. */
  purge(id: string): Ticket
  /** Oldest first; those of earlier processes too. */
  tombstones(): Iterable<Tombstone>

  /** Remembers the id of an incoming QoS 2 message; in one turn with its `append`, one transaction. */
  keep(lease: Lease, packetId: PacketId): Ticket
  /** PUBREL came: safe before PUBCOMP leaves, or the id's next message would be taken for a duplicate. */
  forget(lease: Lease, packetId: PacketId): Ticket

  /** Messages owed to sessions or buried, each once however many queues it is in, and bytes of their bodies. */
  totals(): { readonly messages: number; readonly bytes: number }
  /** Sets the retained message of a topic; undefined clears it. */
  retain(topic: Topic, message: Message | undefined): Ticket
}
