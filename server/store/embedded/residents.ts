// Messages whose bodies are in memory, by sequence number, in chunks that go when their last message goes.
//
// A Map does not serve: as messages come and go it allocates a new table every few thousand of them, and the old
// ones, which are garbage in the old generation by then, hold what they named at that time: nearly every message would
// be copied into the old generation. That made each message cost 1.5 us more than one in the memory engine.

import type { Resident } from './batch.ts'

const CHUNK = 1024

class Chunk {
  readonly first: number
  readonly slots: (Resident | undefined)[] = new Array(CHUNK).fill(undefined)
  live = 0

  constructor(first: number) {
    this.first = first
  }
}

const NONE = new Chunk(Number.NaN)

export class Residents {
  /** In the order of their numbers, for those only grow. */
  readonly #chunks = new Map<number, Chunk>()
  /** The one that was last looked into: whoever sends and acknowledges goes through the numbers in order. */
  #latest = NONE

  get(seq: number): Resident | undefined {
    const chunk = this.#find(seq)
    return chunk?.slots[seq - chunk.first]
  }

  add(resident: Resident): void {
    const { seq } = resident
    let chunk = this.#find(seq)
    if (chunk === undefined) {
      chunk = new Chunk(seq - (seq % CHUNK))
      this.#chunks.set(chunk.first, chunk)
    }
    chunk.slots[seq - chunk.first] = resident
    chunk.live++
  }

  /** Of one that was added. */
  delete(seq: number): void {
    const chunk = this.#find(seq)
    if (chunk === undefined) return
    chunk.slots[seq - chunk.first] = undefined
    if (--chunk.live > 0) return
    this.#chunks.delete(chunk.first)
    this.#latest = NONE
  }

  /** The oldest first; what is visited may be deleted. */
  *all(): Iterable<Resident> {
    for (const { slots } of this.#chunks.values()) {
      for (const resident of slots) if (resident !== undefined) yield resident
    }
  }

  #find(seq: number): Chunk | undefined {
    const offset = seq - this.#latest.first
    if (offset >= 0 && offset < CHUNK) return this.#latest
    const chunk = this.#chunks.get(seq - (seq % CHUNK))
    if (chunk !== undefined) this.#latest = chunk
    return chunk
  }
}
