// Data of a part of a page: fetched when the part appears and whenever what it asks for changes; what was there stays
// until there is something newer.

import { untrack } from 'svelte'
import { type Knowledge, Loading, type LoadState, nothingYet, stateOf } from './load-state.ts'

/** Shorter waits are not worth a change of the picture. */
const SKELETON_AFTER_MS = 150

interface LoadedOptions {
  /** Of what it is: when that changes, what was known is of something else and goes. Without it, it stays, as stale. */
  readonly of?: () => unknown
}

/** Made while a component is set up, and ends with it. */
export class Loaded<T> {
  #knowledge = $state.raw<Knowledge<T>>(nothingYet)
  readonly #loading: Loading<T>
  readonly state: LoadState<T> = $derived(stateOf(this.#knowledge))

  /** Every state that `fetch` reads before its first await is what it asks for. */
  constructor(fetch: (signal: AbortSignal) => Promise<T>, { of }: LoadedOptions = {}) {
    this.#loading = new Loading(
      fetch,
      knowledge => {
        this.#knowledge = knowledge
      },
      SKELETON_AFTER_MS,
    )
    let subject: unknown
    $effect(() => {
      const asked = of?.()
      if (asked !== subject) untrack(() => this.#loading.clear())
      subject = asked
      void this.#loading.load()
      return () => this.#loading.stop()
    })
  }

  get data(): T | undefined {
    return this.#knowledge.answer?.data
  }

  /** Why the newest attempt failed; what was known before still stands. */
  get problem(): unknown {
    const { attempt } = this.#knowledge
    return attempt.at === 'failed' ? attempt.problem : undefined
  }

  /** When `data` came, in milliseconds since the epoch. */
  get loadedAt(): number | undefined {
    return this.#knowledge.answer?.at
  }

  /** What is shown is not what is asked for, or not any more: it is being fetched for a while now, or could not be. */
  get isStale(): boolean {
    const { answer, attempt } = this.#knowledge
    if (answer === undefined || attempt.at === 'done') return false
    return attempt.at === 'failed' || attempt.isSlow
  }

  /** There is nothing to show, and it takes its time. */
  get isSlow(): boolean {
    const { answer, attempt } = this.#knowledge
    return answer === undefined && attempt.at === 'running' && attempt.isSlow
  }

  /** Fetches it again; what is there stays meanwhile. */
  retry(): Promise<void> {
    return this.#loading.load()
  }

  /** Takes what was learned elsewhere, as from the live stream. */
  put(data: T): void {
    this.#loading.put(data)
  }
}
