// What crosses between the event loop and the thread that owns the database.

import type { Millis } from '../../clock.ts'
import type { StoreStatistics } from '../store.ts'
import type { Epitaph } from '../tombstone.ts'
import type { Durability, FailureKind } from './database.ts'

/** Messages of one batch, packed by batch.ts and unpacked by commit.ts. */
export type Appends = ArrayBuffer

/** One change that is not a message; run in the order they were staged. */
export type Statement =
  | readonly ['session', number: number, clientId: string, record: string]
  | readonly ['end-session', number: number]
  | readonly ['subscribe', number: number, topicFilter: string, options: number, identifier: number]
  | readonly ['unsubscribe', number: number, topicFilter: string]
  | readonly ['cursor', number: number, acked: number, exceptions: Uint8Array | null]
  | readonly ['send', number: number, packetId: number, seq: number, released: 0 | 1]
  | readonly ['sent', number: number, packetId: number]
  | readonly ['keep', number: number, packetId: number]
  | readonly ['forget', number: number, packetId: number]
  | readonly ['bury', id: string, number: number, what: string, record: string, seqs: Uint8Array | null]
  | readonly ['unbury', id: string]
  | readonly ['return', number: number, seqs: Uint8Array]
  | readonly ['settle-returned', number: number, seq: number]
  | readonly ['retain', topic: string, body: Uint8Array]
  | readonly ['clear', topic: string]
  | readonly ['alive', at: Millis]

export type Request =
  | { readonly ask: 'recover' }
  | {
      readonly ask: 'commit'
      readonly appends: Appends
      /** Refused unless messages of so many bytes have room; 0 for changes that make room or need next to none. */
      readonly roomBytes: number
      readonly deletes: Float64Array
      readonly statements: readonly Statement[]
    }
  | {
      readonly ask: 'read'
      readonly queueNumber: number
      readonly seqs: Float64Array
      readonly withReceivers: boolean
    }
  | { readonly ask: 'backup'; readonly directory: string }
  | { readonly ask: 'close' }

export interface RecoveredSession {
  readonly number: number
  readonly clientId: string
  readonly record: string
  readonly subscriptions: readonly (readonly [topicFilter: string, options: number, identifier: number])[]
  readonly sending: readonly (readonly [packetId: number, seq: number, released: number])[]
  readonly receiving: readonly number[]
  /** Undefined for most: their cursor leaves nothing open. */
  readonly cursor: RecoveredCursor | undefined
}

/** Everything up to `acked` has been settled but for what was returned, and of what follows the exceptions. */
export interface RecoveredCursor {
  readonly acked: number
  readonly exceptions: readonly number[]
  readonly returned: readonly number[]
}

export interface RecoveredTombstone {
  readonly number: number
  readonly epitaph: Epitaph
}

/**
 * Queue entries in the order of their messages, flat, as many to a part as fit a transfer. Those that were taken out
 * of their queue have -1 and so on for a queue number: the place of their tombstone among all, counted from one.
 */
export interface RecoveredEntries {
  readonly seqs: Float64Array
  readonly queueNumbers: Float64Array
  readonly sizes: Uint32Array
  readonly flags: Uint8Array
  readonly expiresAt: Float64Array
}

export interface Damage {
  readonly kind: 'message' | 'session' | 'retained' | 'tombstone'
  readonly key: string
  readonly why: string
}

export type Answer =
  | { readonly tell: 'opened' }
  | { readonly tell: 'problem'; readonly message: string }
  | { readonly tell: 'sessions'; readonly sessions: readonly RecoveredSession[] }
  | { readonly tell: 'tombstones'; readonly tombstones: readonly RecoveredTombstone[] }
  | { readonly tell: 'entries'; readonly entries: RecoveredEntries }
  | { readonly tell: 'retained'; readonly bodies: readonly Uint8Array[] }
  | {
      readonly tell: 'recovered'
      readonly lastSeq: number
      readonly lastNumber: number
      readonly aliveAt: Millis | undefined
      readonly damage: readonly Damage[]
    }
  | {
      readonly tell: 'committed'
      readonly milliseconds: number
      readonly fileBytes: number
      readonly disk: StoreStatistics['disk']
    }
  | { readonly tell: 'failed'; readonly kind: FailureKind; readonly message: string }
  | {
      readonly tell: 'page'
      readonly queueNumber: number
      readonly seqs: Float64Array
      /** null where the record is missing or damaged. */
      readonly bodies: readonly (Uint8Array | null)[]
      readonly receivers: readonly (Uint8Array | null)[]
      readonly damage: readonly Damage[]
    }
  | { readonly tell: 'backed-up'; readonly problem: string | undefined }
  | { readonly tell: 'closed' }

export interface WorkerSetup {
  readonly dataDirectory: string
  readonly durability: Durability
}
