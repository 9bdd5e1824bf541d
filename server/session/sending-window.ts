// What was sent to a client and is not acknowledged, by packet id and in the order in which it was sent.
//
// Packet ids are given out one after the other, so the few that are in use find places of their own in a small table.
// A Map would allocate a new one whenever it has been filled, every few messages, and cost more than the rest of what is
// done for an acknowledgement.

import type { PacketId } from '../protocol/packet.ts'
import type { Entry } from '../store/store.ts'

const FIRST_CAPACITY = 16
/** A larger table is given back once nothing is in flight. */
const KEPT_CAPACITY_MAX = 64

interface Stray {
  readonly entry: Entry
  readonly order: number
}

export class SendingWindow {
  /** By the last bits of the packet id; the length is a power of two, at least twice what is in flight. */
  #entries: (Entry | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined)
  /** When each was sent, as a number that grows. */
  #order: number[] = new Array(FIRST_CAPACITY).fill(0)
  /** What had to leave its place to a later id: unacknowledged for so long that the others have gone round meanwhile. */
  #strays: Map<number, Stray> | undefined = undefined
  #sent = 0
  size = 0

  get(packetId: PacketId): Entry | undefined {
    const entry = this.#entries[packetId & (this.#entries.length - 1)]
    if (entry?.packetId === packetId) return entry
    return this.#strays?.get(packetId)?.entry
  }

  /** An entry whose packet id is bound, and in use by no other. */
  add(entry: Entry): void {
    if ((this.size + 1) * 2 > this.#entries.length) this.#grow()
    this.#place(entry, this.#sent++)
    this.size++
  }

  #place(entry: Entry, order: number): void {
    const place = entry.packetId & (this.#entries.length - 1)
    const former = this.#entries[place]
    if (former !== undefined) {
      this.#strays ??= new Map()
      this.#strays.set(former.packetId, { entry: former, order: this.#order[place]! })
    }
    this.#entries[place] = entry
    this.#order[place] = order
  }

  delete(packetId: PacketId): void {
    const place = packetId & (this.#entries.length - 1)
    if (this.#entries[place]?.packetId === packetId) this.#entries[place] = undefined
    else if (this.#strays?.delete(packetId) !== true) return
    this.size--
    if (this.size === 0 && this.#entries.length > KEPT_CAPACITY_MAX) this.#reset(FIRST_CAPACITY)
  }

  /** In the order in which they were sent. */
  values(): IterableIterator<Entry> {
    return this.#inOrder()
      .map(({ entry }) => entry)
      .values()
  }

  #inOrder(): Stray[] {
    const all = [...(this.#strays?.values() ?? [])]
    this.#entries.forEach((entry, place) => {
      if (entry !== undefined) all.push({ entry, order: this.#order[place]! })
    })
    return all.sort((one, other) => one.order - other.order)
  }

  #grow(): void {
    const all = this.#inOrder()
    this.#reset(this.#entries.length * 2)
    for (const { entry, order } of all) this.#place(entry, order)
  }

  #reset(capacity: number): void {
    this.#entries = new Array(capacity).fill(undefined)
    this.#order = new Array(capacity).fill(0)
    this.#strays = undefined
  }
}
