// The sessions as columns: one typed array for each number, so that a million rows are filtered in milliseconds.
//
// 156 bytes a row beside the strings and objects, which it shares with the session. The arrays grow in place
// (their buffers are resizable), so no row is ever copied and nobody's view of a column goes stale.

import { assert } from '../../assert.ts'
import type { ConnectionFacts } from '../../events/connection-facts.ts'
import type { QueueLimits } from '../../store/store.ts'
import type { HoldFacts } from '../session-facts.ts'
import { Interned } from './interned.ts'

/** What many clients have in common; undefined where nothing is known of a connection. */
export type Profile = ConnectionFacts['profile']

/** Rows that are added at a time. */
const ROWS_STEP = 16_384
/** Sessions of 1 KiB would fill 64 GiB before; address space for so many rows is reserved, memory is not. */
const ROWS_MAX = 2 ** 26

/** Different limits of queues that are told apart by value; beyond, each object counts for itself. */
const LIMITS_KNOWN_MAX = 64

export const NEVER = 0xffffffff

/** Bits of `flags`. */
export const USED = 1
export const CONNECTED = 2
export const PINNED = 4
export const HELD = 8
export const CONFLICT = 16
/** Position of the expiry's source, two bits. */
export const SOURCE_SHIFT = 5
export const SOURCE_MASK = 3 << SOURCE_SHIFT
/** It was stuck when somebody last looked; what it is now, `state.ts` says. */
export const STUCK_SEEN = 128
export const expirySources = ['client', 'policy', 'operator'] as const

export class Columns {
  readonly clientIds: string[] = []
  readonly generations: string[] = []
  readonly connections: (ConnectionFacts | undefined)[] = []
  /** The session's own array, which grows in place: only the first `subs` of it were there at the last fold. */
  readonly subscriptions: (readonly { readonly topicFilter: string }[])[] = []
  readonly versions = column(Uint32Array)
  /** Numbers of `ownerTexts`, `profileValues` and `limitValues`. */
  readonly owners = column(Uint32Array)
  readonly profiles = column(Uint32Array)
  readonly limits = column(Uint16Array)
  /** IPv4 addresses; 0 for what is none. */
  readonly addresses = column(Uint32Array)
  readonly flags = column(Uint8Array)
  /** Steps that the queue has taken on its way to being full. */
  readonly levels = column(Uint8Array)
  /** The client's Receive Maximum, 0 while it is not connected. */
  readonly outLimits = column(Uint16Array)
  /** Messages that wait, those that are owed in all, and ids of QoS 2 messages from the client. */
  readonly queued = column(Uint32Array)
  readonly owed = column(Uint32Array)
  readonly receiving = column(Uint16Array)
  readonly subs = column(Uint32Array)
  readonly dropped = column(Uint32Array)
  readonly expirySeconds = column(Uint32Array)
  readonly bytes = column(Float64Array)
  readonly createdAt = column(Float64Array)
  /** Of the connection while there is one, else when the last one ended. */
  readonly since = column(Float64Array)
  /** Infinity: nothing is in flight, nothing will expire. */
  readonly oldestInFlightAt = column(Float64Array)
  readonly expiresAt = column(Float64Array)
  readonly holds = new Map<number, HoldFacts>()
  readonly ownerTexts = new Interned<string>()
  readonly profileValues = new Interned<Profile | undefined>()
  readonly limitValues = new Interned<QueueLimits>()
  readonly #knownLimits: QueueLimits[] = []
  readonly #free: number[] = []
  #end = 0
  #capacity = 0

  /** Below it lie all rows that were ever used; those in use have the flag. */
  get end(): number {
    return this.#end
  }

  get count(): number {
    return this.#end - this.#free.length
  }

  allocate(): number {
    const row = this.#free.pop() ?? this.#end++
    if (row >= this.#capacity) this.#grow()
    return row
  }

  /** Its shared values must have been released. */
  free(row: number): void {
    this.flags[row] = 0
    this.clientIds[row] = ''
    this.generations[row] = ''
    this.connections[row] = undefined
    this.subscriptions[row] = NO_SUBSCRIPTIONS
    this.holds.delete(row)
    this.#free.push(row)
  }

  /** One object for all queues with the same limits, of which there is one for each change of the settings. */
  sharedLimits(limits: QueueLimits): QueueLimits {
    const known = this.#knownLimits.find(
      one =>
        one.messagesMax === limits.messagesMax &&
        one.bytesMax === limits.bytesMax &&
        one.overflow === limits.overflow,
    )
    if (known === undefined && this.#knownLimits.length < LIMITS_KNOWN_MAX) this.#knownLimits.push(limits)
    return known ?? limits
  }

  #grow(): void {
    this.#capacity += ROWS_STEP
    assert(this.#capacity <= ROWS_MAX, 'there are fewer sessions than rows')
    for (const array of Object.values(this)) {
      if (ArrayBuffer.isView(array)) (array.buffer as ArrayBuffer).resize(this.#capacity * bytesEach(array))
    }
  }
}

const NO_SUBSCRIPTIONS: readonly { readonly topicFilter: string }[] = []

type Constructor<T> = { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number }

function column<T>(Kind: Constructor<T>): T {
  return new Kind(new ArrayBuffer(0, { maxByteLength: ROWS_MAX * Kind.BYTES_PER_ELEMENT }))
}

function bytesEach(array: ArrayBufferView): number {
  return (array as Uint8Array).BYTES_PER_ELEMENT
}
