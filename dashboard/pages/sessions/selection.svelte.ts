// Which sessions are selected: by client id and generation, so that a new session under an old name is not; or all that
// match, which is never a list but a filter.

import type { SessionSummary } from '../../../shared/session-summary.ts'

type Chosen = Pick<SessionSummary, 'clientId' | 'generation'>

export class Selection {
  readonly #generations = new Map<string, string>()
  /** Left out of all that match. */
  readonly #except = new Set<string>()
  #isAll = $state(false)
  #version = $state(0)

  /** All that match the filter, also those that are not loaded. */
  get isAll(): boolean {
    return this.#isAll
  }

  get version(): number {
    return this.#version
  }

  /** Of those that were chosen one by one. */
  get count(): number {
    void this.#version
    return this.#generations.size
  }

  get except(): readonly string[] {
    void this.#version
    return [...this.#except]
  }

  get isEmpty(): boolean {
    return !this.#isAll && this.count === 0
  }

  get chosen(): readonly Chosen[] {
    void this.#version
    return Array.from(this.#generations, ([clientId, generation]) => ({ clientId, generation }))
  }

  has({ clientId, generation }: Chosen): boolean {
    void this.#version
    if (this.#isAll) return !this.#except.has(clientId)
    return this.#generations.get(clientId) === generation
  }

  toggle(session: Chosen): void {
    this.set([session], !this.has(session))
  }

  set(sessions: Iterable<Chosen>, isSelected: boolean): void {
    for (const { clientId, generation } of sessions) {
      if (this.#isAll && isSelected) this.#except.delete(clientId)
      else if (this.#isAll) this.#except.add(clientId)
      else if (isSelected) this.#generations.set(clientId, generation)
      else this.#generations.delete(clientId)
    }
    this.#version++
  }

  all(): void {
    this.clear()
    this.#isAll = true
  }

  clear(): void {
    this.#isAll = false
    this.#except.clear()
    this.#generations.clear()
    this.#version++
  }
}
