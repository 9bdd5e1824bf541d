// A list that comes in pages: the first one anew whenever the question changes, more of them behind it on demand.

import type { Page } from '../../shared/shapes.ts'
import { Loaded } from './loaded.svelte.ts'

export interface PageOf<Row> {
  readonly data: readonly Row[]
  readonly page: Pick<Page, 'next' | 'total'>
}

export type FetchPage<Row, Answer extends PageOf<Row> = PageOf<Row>> = (
  cursor: string | undefined,
  signal?: AbortSignal,
) => Promise<Answer>

/** What a table of such a list looks at. */
export interface ListView<Row> {
  readonly rows: readonly Row[]
  readonly total: number | undefined
  readonly hasMore: boolean
  /** Why the first page could not be had; what stands is from before. */
  readonly problem: unknown
  readonly moreProblem: unknown
  readonly isLoaded: boolean
  readonly isSlow: boolean
  readonly isStale: boolean
  readonly isFetchingMore: boolean
  retry(): void
  more(): Promise<void>
}

/** The pages behind a first one. */
interface Behind<Row> {
  readonly first: unknown
  readonly rows: readonly Row[]
  readonly next: string | null
  readonly isFetching: boolean
  readonly problem: unknown
}

/** Made while a component is set up, and ends with it. */
export class Paged<Row, Answer extends PageOf<Row> = PageOf<Row>> implements ListView<Row> {
  readonly #fetch: FetchPage<Row, Answer>
  readonly #loaded: Loaded<Answer>
  #known = $state.raw<Behind<Row> | undefined>(undefined)
  /** Of the first page that is there now; what was behind a former one is forgotten. */
  readonly #behind: Behind<Row> = $derived.by(() => {
    const first = this.#loaded.data
    return this.#known !== undefined && this.#known.first === first
      ? this.#known
      : { first, rows: [], next: first?.page.next ?? null, isFetching: false, problem: undefined }
  })
  readonly rows: readonly Row[] = $derived.by(() => [
    ...(this.#loaded.data?.data ?? []),
    ...this.#behind.rows,
  ])

  /** Every state that `fetch` reads before its first await is what it asks for. `of`: as with Loaded. */
  constructor(fetch: FetchPage<Row, Answer>, options: { readonly of?: () => unknown } = {}) {
    this.#fetch = fetch
    this.#loaded = new Loaded(signal => fetch(undefined, signal), options)
  }

  /** What the first page says beside its rows. */
  get first(): Answer | undefined {
    return this.#loaded.data
  }

  get total(): number | undefined {
    return this.#loaded.data?.page.total ?? undefined
  }

  get hasMore(): boolean {
    return this.#behind.next !== null
  }

  get problem(): unknown {
    return this.#loaded.problem
  }

  get moreProblem(): unknown {
    return this.#behind.problem
  }

  get isLoaded(): boolean {
    return this.#loaded.data !== undefined
  }

  get isSlow(): boolean {
    return this.#loaded.isSlow
  }

  get isStale(): boolean {
    return this.#loaded.isStale
  }

  get isFetchingMore(): boolean {
    return this.#behind.isFetching
  }

  /** When the first page came, in milliseconds since the epoch. */
  get loadedAt(): number | undefined {
    return this.#loaded.loadedAt
  }

  /** The same question once more. */
  retry(): void {
    void this.#loaded.retry()
  }

  /** The next page, behind the others. */
  async more(): Promise<void> {
    const before = this.#behind
    if (before.next === null || before.isFetching) return
    this.#learn(before, { isFetching: true })
    try {
      const { data, page } = await this.#fetch(before.next)
      this.#learn(before, { rows: [...before.rows, ...data], next: page.next, problem: undefined })
    } catch (problem) {
      this.#learn(before, { problem })
    }
  }

  /** Unless the list has been asked for anew meanwhile. */
  #learn(before: Behind<Row>, news: Partial<Behind<Row>>): void {
    if (this.#behind.first === before.first) this.#known = { ...before, isFetching: false, ...news }
  }
}

/** Rows that are all there, for a table of lists. */
export function wholeList<Row>(rows: readonly Row[]): ListView<Row> {
  return {
    rows,
    total: undefined,
    hasMore: false,
    problem: undefined,
    moreProblem: undefined,
    isLoaded: true,
    isSlow: false,
    isStale: false,
    isFetchingMore: false,
    retry: () => undefined,
    more: () => Promise.resolve(),
  }
}
