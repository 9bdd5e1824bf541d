// How many queues still refer to each message: four bytes a message, freed in chunks from the oldest on.

const CHUNK_BITS = 12
const CHUNK = 1 << CHUNK_BITS

interface Chunk {
  readonly counts: Uint32Array
  /** Messages in this chunk that anybody refers to. */
  live: number
}

export class References {
  readonly #chunks = new Map<number, Chunk>()

  set(seq: number, count: number): void {
    const key = Math.floor(seq / CHUNK)
    let chunk = this.#chunks.get(key)
    if (chunk === undefined) {
      chunk = { counts: new Uint32Array(CHUNK), live: 0 }
      this.#chunks.set(key, chunk)
    }
    const at = seq % CHUNK
    if (chunk.counts[at] === 0 && count > 0) chunk.live++
    chunk.counts[at] = count
  }

  count(seq: number): number {
    return this.#chunks.get(Math.floor(seq / CHUNK))?.counts[seq % CHUNK] ?? 0
  }

  /** Takes one reference away; returns how many are left. */
  release(seq: number): number {
    const key = Math.floor(seq / CHUNK)
    const chunk = this.#chunks.get(key)
    const at = seq % CHUNK
    const count = chunk?.counts[at] ?? 0
    if (chunk === undefined || count === 0) return 0
    chunk.counts[at] = count - 1
    if (count === 1 && --chunk.live === 0) this.#chunks.delete(key)
    return count - 1
  }
}
