// The items of a plan, a page after the other, of a search; and which of them are left out.

import type { PlanItem } from '../../../shared/plan.ts'
import type { Page } from '../../../shared/shapes.ts'
import { get } from '../../app/api.ts'

const PAGE_ROWS = 100
/** A page of a search may be empty, and then the next one may have something. */
const EMPTY_PAGES_MAX = 20

export class PlanItems {
  #items = $state.raw<readonly PlanItem[] | undefined>(undefined)
  #problem = $state.raw<unknown>(undefined)
  #next = $state.raw<string | null>(null)
  #isAsking = $state(false)
  #planId = ''
  #search = ''
  #asking: AbortController | undefined

  /** Undefined until the first page is there. */
  get items(): readonly PlanItem[] | undefined {
    return this.#items
  }

  get problem(): unknown {
    return this.#problem
  }

  get hasMore(): boolean {
    return this.#next !== null
  }

  get isAsking(): boolean {
    return this.#isAsking
  }

  load(planId: string, search: string): Promise<void> {
    this.#planId = planId
    this.#search = search
    this.#next = null
    return this.#ask([])
  }

  more(): Promise<void> {
    return this.#isAsking ? Promise.resolve() : this.#ask(this.#items ?? [])
  }

  async #ask(before: readonly PlanItem[]): Promise<void> {
    this.#asking?.abort()
    this.#asking = new AbortController()
    const { signal } = this.#asking
    this.#isAsking = true
    this.#problem = undefined
    const path = `/plans/${encodeURIComponent(this.#planId)}/items`
    try {
      let [found, next]: [readonly PlanItem[], string | null] = [[], this.#next]
      for (let pages = 0; found.length === 0 && pages < EMPTY_PAGES_MAX; pages++) {
        const query = { q: this.#search, blocked: false, cursor: next ?? undefined, limit: PAGE_ROWS }
        const answer = await get<{ readonly data: readonly PlanItem[]; readonly page: Page }>(
          path,
          query,
          signal,
        )
        found = answer.data
        next = answer.page.next
        if (next === null) break
      }
      if (signal.aborted) return
      this.#items = [...before, ...found]
      this.#next = next
    } catch (problem) {
      if (!signal.aborted) this.#problem = problem
    }
    if (!signal.aborted) this.#isAsking = false
  }
}
