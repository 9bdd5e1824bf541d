// How much there is to look at behind two links of the frame: client ids that are fought over, operations that run.

import type { Operation } from '../../shared/operation.ts'
import { ApiProblem, get } from './api.ts'
import { live } from './live.svelte.ts'

/** More would make no difference to whoever reads the number. */
const RUNNING_MAX = 100

class RailCounts {
  #conflicts = $state.raw(0)
  #running = $state.raw<ReadonlySet<string>>(new Set())

  get conflicts(): number {
    return this.#conflicts
  }

  get operations(): number {
    return this.#running.size
  }

  /** Returns what ends it. */
  follow(): () => void {
    void this.#fetch()
    return live.follow({
      topics: ['overview', 'operations'],
      on: {
        overview: ({ conflicts }) => {
          this.#conflicts = conflicts
        },
        operation: operation => this.#note(operation),
        reset: () => void this.#fetch(),
      },
    })
  }

  #note({ id, state }: Pick<Operation, 'id' | 'state'>): void {
    if (this.#running.has(id) === (state === 'running')) return
    const running = new Set(this.#running)
    if (state === 'running') running.add(id)
    else running.delete(id)
    this.#running = running
  }

  async #fetch(): Promise<void> {
    try {
      const query = { state: 'running', limit: RUNNING_MAX }
      const { data } = await get<{ readonly data: readonly Operation[] }>('/operations', query)
      this.#running = new Set(data.map(({ id }) => id))
    } catch (error) {
      // The pill says that the broker does not answer; a number that is not there does no harm.
      if (!(error instanceof ApiProblem)) throw error
    }
  }
}

export const railCounts = new RailCounts()
