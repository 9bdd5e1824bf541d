// What is known of something that is fetched again and again: the newest answer, and how the attempt after it goes.

export type LoadState<T> =
  | { readonly at: 'loading' }
  /** There is something to show, whatever became of later attempts. */
  | { readonly at: 'loaded'; readonly data: T }
  | { readonly at: 'failed'; readonly problem: unknown }

export interface Knowledge<T> {
  readonly answer: { readonly data: T; readonly at: number } | undefined
  readonly attempt:
    | { readonly at: 'running'; readonly isSlow: boolean }
    | { readonly at: 'done' }
    | { readonly at: 'failed'; readonly problem: unknown }
}

export const nothingYet: Knowledge<never> = { answer: undefined, attempt: { at: 'running', isSlow: false } }

export function stateOf<T>({ answer, attempt }: Knowledge<T>): LoadState<T> {
  if (answer !== undefined) return { at: 'loaded', data: answer.data }
  return attempt.at === 'failed' ? attempt : { at: 'loading' }
}

/** One thing that is fetched; of several attempts at a time only the last counts. */
export class Loading<T> {
  readonly #fetch: (signal: AbortSignal) => Promise<T>
  readonly #tell: (knowledge: Knowledge<T>) => void
  readonly #slowMs: number
  #knowledge: Knowledge<T> = nothingYet
  #running: AbortController | undefined

  /** `slowMs`: after so long, somebody who waits is to see that something happens. */
  constructor(
    fetch: (signal: AbortSignal) => Promise<T>,
    tell: (knowledge: Knowledge<T>) => void,
    slowMs: number,
  ) {
    this.#fetch = fetch
    this.#tell = tell
    this.#slowMs = slowMs
  }

  /** Resolves when the answer, or why there is none, has been told; also when another attempt has taken its place. */
  async load(): Promise<void> {
    this.stop()
    const running = new AbortController()
    this.#running = running
    this.#learn({ attempt: { at: 'running', isSlow: false } })
    const slow = setTimeout(() => this.#learn({ attempt: { at: 'running', isSlow: true } }), this.#slowMs)
    running.signal.addEventListener('abort', () => clearTimeout(slow))
    try {
      const data = await this.#fetch(running.signal)
      if (!running.signal.aborted) this.#learn({ answer: { data, at: Date.now() }, attempt: { at: 'done' } })
    } catch (problem) {
      // What was superseded fails because it was.
      if (!running.signal.aborted) this.#learn({ attempt: { at: 'failed', problem } })
    } finally {
      clearTimeout(slow)
    }
  }

  /** Takes what was learned elsewhere, as from the live stream, for the newest answer. */
  put(data: T): void {
    this.#learn({ answer: { data, at: Date.now() } })
  }

  /** Forgets what is known: something else is to be fetched. */
  clear(): void {
    this.#knowledge = nothingYet
    this.#tell(this.#knowledge)
  }

  stop(): void {
    this.#running?.abort()
  }

  #learn(news: Partial<Knowledge<T>>): void {
    this.#knowledge = { ...this.#knowledge, ...news }
    this.#tell(this.#knowledge)
  }
}
