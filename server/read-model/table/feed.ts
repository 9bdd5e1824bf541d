// The changes of the table in their order: numbered, told to listeners, and kept a while for those who come back.

import type { Millis } from '../../clock.ts'
import { type ChangedSince, Changes, type Gone } from './changes.ts'

/** What one fold has changed. What is gone goes first: a session that was restored stands in both. */
export interface TableChange {
  /** `<run>-<number>`: as of which change an answer is, and the id of a live change. */
  readonly asOf: string
  /** Rows of the table, as good as until the next change. */
  readonly up: readonly number[]
  readonly gone: readonly Gone[]
}

/** Why the changes since then cannot be told: of another run of the broker, or too many or too old. */
export type Reset = { readonly at: 'reset'; readonly why: 'other-run' | 'ring-overrun' }

export class Feed {
  readonly #run: string
  readonly #changes = new Changes()
  readonly #listeners = new Set<(change: TableChange) => void>()
  #seq = 0

  constructor(run: string) {
    this.#run = run
  }

  get asOf(): string {
    return `${this.#run}-${this.#seq}`
  }

  /** Returns how to stop listening. */
  listen(listener: (change: TableChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(up: readonly number[], gone: readonly Gone[], clientIds: readonly string[], at: Millis): void {
    if (up.length === 0 && gone.length === 0) return
    const seq = ++this.#seq
    for (const one of gone) this.#changes.add({ seq, at, clientId: one.clientId, gone: one })
    for (const row of up) this.#changes.add({ seq, at, clientId: clientIds[row]!, gone: undefined })
    const change = { asOf: this.asOf, up, gone }
    for (const listener of this.#listeners) listener(change)
  }

  since(asOf: string, now: Millis): ChangedSince | Reset {
    const [run, number, ...rest] = asOf.split('-')
    const seq = Number(number)
    const isOurs = run === this.#run && rest.length === 0 && /^\d{1,15}$/.test(number ?? '')
    if (!isOurs || seq > this.#seq) return { at: 'reset', why: 'other-run' }
    return this.#changes.since(seq, now) ?? { at: 'reset', why: 'ring-overrun' }
  }
}
