// Asks the broker every two seconds whether it is there, and holds what it last said of itself.

import type { StartFacts } from '../../shared/start-facts.ts'

export const ASK_EVERY_MS = 2_000
/** Longer than any answer of a broker that works, and a bound for one that hangs. */
const ANSWER_MS = 3_000

export type BrokerState =
  | { readonly at: 'asking' }
  | { readonly at: 'ready' }
  | { readonly at: 'stopping' }
  /** `since` is when it last answered; it may never have. */
  | { readonly at: 'unreachable'; readonly since: Date | undefined }

class BrokerWatch {
  #state = $state.raw<BrokerState>({ at: 'asking' })
  #facts = $state.raw<StartFacts | undefined>(undefined)
  #answeredAt: Date | undefined
  #users = 0
  #stop: () => void = () => undefined

  get state(): BrokerState {
    return this.#state
  }

  /** Of the broker that answered last; they stay while it is unreachable. */
  get facts(): StartFacts | undefined {
    return this.#facts
  }

  /** Asks while anybody watches, and once for the first of them in any case; returns what ends that. */
  watch(): () => void {
    if (this.#users++ === 0) this.#stop = this.#start()
    return () => {
      if (--this.#users === 0) this.#stop()
    }
  }

  #start(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined
    const ended = new AbortController()
    const ask = async (): Promise<void> => {
      clearTimeout(timer)
      await this.#ask()
      if (!ended.signal.aborted) timer = setTimeout(ask, ASK_EVERY_MS)
    }
    // Browsers hold back the timers of a page that nobody sees.
    document.addEventListener('visibilitychange', () => document.hidden || void ask(), {
      signal: ended.signal,
    })
    void ask()
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }

  async #ask(): Promise<void> {
    try {
      const health: { readonly status: 'ready' | 'stopping' } = await (await get('/health/ready')).json()
      // After an absence it may be another broker, with other ports and limits.
      if (this.#state.at !== 'ready' && health.status === 'ready')
        this.#facts = await (await get('/start.json')).json()
      this.#answeredAt = new Date()
      this.#state = { at: health.status }
    } catch (error) {
      // Whatever it was, it means that no broker answered.
      if (error instanceof Error) this.#state = { at: 'unreachable', since: this.#answeredAt }
      else throw error
    }
  }
}

function get(path: string): Promise<Response> {
  return fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) })
}

export const brokerWatch = new BrokerWatch()
