// What has changed lately, so that whoever has a list as of some moment can be told what is new since.

import type { Millis } from '../../clock.ts'
import type { SessionEnd } from '../../events.ts'
import { CHANGES_AGE_MS_MAX, CHANGES_KEPT_MAX } from '../../limits.ts'

export interface Gone {
  readonly clientId: string
  readonly generation: string
  readonly why: SessionEnd
}

interface Change {
  readonly seq: number
  readonly at: Millis
  readonly clientId: string
  /** Undefined while the session is there. */
  readonly gone: Gone | undefined
}

/** Client ids that have changed and are there, and sessions that are not; each once. */
export interface ChangedSince {
  readonly up: readonly string[]
  readonly gone: readonly Gone[]
}

export class Changes {
  /** A ring: the oldest is at `#head`. */
  readonly #ring: Change[] = []
  #head = 0
  /** No change up to this one is kept whole. */
  #forgotten = 0

  add(change: Change): void {
    if (this.#ring.length < CHANGES_KEPT_MAX) {
      this.#ring.push(change)
      return
    }
    this.#forgotten = this.#ring[this.#head]!.seq
    this.#ring[this.#head] = change
    this.#head = (this.#head + 1) % CHANGES_KEPT_MAX
  }

  /** Undefined when not all changes after `seq` are known any more. */
  since(seq: number, now: Millis): ChangedSince | undefined {
    if (seq < this.#forgotten) return undefined
    const up = new Set<string>()
    const gone = new Map<string, Gone>()
    for (let count = this.#ring.length - 1; count >= 0; count--) {
      const change = this.#ring[(this.#head + count) % this.#ring.length]!
      if (change.seq <= seq) break
      if (now - change.at > CHANGES_AGE_MS_MAX) return undefined
      if (change.gone !== undefined) gone.set(change.gone.generation, change.gone)
      else if (!up.has(change.clientId)) up.add(change.clientId)
    }
    return { up: [...up], gone: [...gone.values()] }
  }
}
