// The list of operations: pages of it, kept up to date by the live stream.

import type { Operation, OperationState } from '../../../shared/operation.ts'
import type { Page } from '../../../shared/shapes.ts'

interface OperationsPage {
  readonly data: readonly Operation[]
  readonly page: Page
}
type Fetch = (
  query: Readonly<Record<string, string | number | undefined>>,
  signal: AbortSignal,
) => Promise<OperationsPage>

const PAGE_ROWS = 50
const SLOW_MS = 150

export class OperationList {
  readonly #fetch: Fetch
  #operations = $state.raw<readonly Operation[] | undefined>(undefined)
  #next = $state.raw<string | null>(null)
  #problem = $state.raw<unknown>(undefined)
  #isAsking = $state(false)
  #isSlow = $state(false)
  #state: OperationState | undefined
  #asking: AbortController | undefined

  constructor(fetch: Fetch) {
    this.#fetch = fetch
  }

  /** What runs comes first; the others as they began, the latest first. */
  readonly sorted: readonly Operation[] = $derived.by(() => {
    const all = this.#operations ?? []
    return [...all.filter(one => one.state === 'running'), ...all.filter(one => one.state !== 'running')]
  })

  get isLoaded(): boolean {
    return this.#operations !== undefined
  }

  get isSlow(): boolean {
    return this.#isSlow && !this.isLoaded
  }

  get isAsking(): boolean {
    return this.#isAsking
  }

  get hasMore(): boolean {
    return this.#next !== null
  }

  get problem(): unknown {
    return this.#problem
  }

  async load(state: OperationState | undefined): Promise<void> {
    this.#state = state
    await this.#ask(undefined)
  }

  async more(): Promise<void> {
    if (this.#next !== null) await this.#ask(this.#next)
  }

  learn(operation: Operation): void {
    const all = this.#operations
    if (all === undefined) return
    const isShown = all.some(one => one.id === operation.id)
    // One that has ended stays where it was seen running, until the list is fetched again.
    if (isShown) this.#operations = all.map(one => (one.id === operation.id ? operation : one))
    else if (this.#state === undefined || this.#state === operation.state)
      this.#operations = [operation, ...all]
  }

  async #ask(cursor: string | undefined): Promise<void> {
    this.#asking?.abort()
    this.#asking = new AbortController()
    const { signal } = this.#asking
    this.#isAsking = true
    this.#isSlow = false
    const slow = setTimeout(() => {
      this.#isSlow = true
    }, SLOW_MS)
    try {
      const { data, page } = await this.#fetch({ state: this.#state, limit: PAGE_ROWS, cursor }, signal)
      this.#operations = cursor === undefined ? data : [...(this.#operations ?? []), ...data]
      this.#next = page.next
      this.#problem = undefined
    } catch (problem) {
      if (!signal.aborted) this.#problem = problem
    } finally {
      clearTimeout(slow)
    }
    if (!signal.aborted) this.#isAsking = false
  }
}
