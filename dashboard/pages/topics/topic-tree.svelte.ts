// The tree of topics as far as somebody has opened it: each level is fetched when it is opened, and may fail alone.

import type { Page } from '../../../shared/shapes.ts'
import type { TopicLevel } from '../../../shared/topics.ts'
import { get } from '../../app/api.ts'

/** Levels of one branch that are fetched at a time. */
const LEVELS = 100

export interface Branch {
  /** Null for the first levels of all. */
  readonly prefix: string | null
  readonly levels: readonly TopicLevel[]
  readonly next: string | null
  readonly total: number
  readonly isLoading: boolean
  readonly problem: unknown
}

/** One line of the tree as it is shown. */
export type TreeLine =
  | { readonly at: 'level'; readonly level: TopicLevel; readonly depth: number; readonly isOpen: boolean }
  /** Behind the levels of a branch: what there is to say of it, or to do with it. */
  | { readonly at: 'rest'; readonly branch: Branch; readonly depth: number }

export class TopicTree {
  #branches = $state.raw<ReadonlyMap<string | null, Branch>>(new Map())
  #open = $state.raw<ReadonlySet<string>>(new Set())

  readonly lines: readonly TreeLine[] = $derived([...this.#linesOf(null, 1)])

  /** Undefined until it was asked for. */
  get root(): Branch | undefined {
    return this.#branches.get(null)
  }

  /** As far as it has been fetched. */
  find(path: string): TopicLevel | undefined {
    const end = path.lastIndexOf('/')
    const branch = this.#branches.get(end === -1 ? null : path.slice(0, end))
    return branch?.levels.find(level => level.path === path)
  }

  /** Opens this level and those above it. */
  reveal(path: string): void {
    const levels = path.split('/')
    for (let count = 1; count < levels.length; count++) this.open(levels.slice(0, count).join('/'))
  }

  open(path: string): void {
    if (this.#open.has(path)) return
    this.#open = new Set([...this.#open, path])
    if (!this.#branches.has(path)) void this.load(path)
  }

  close(path: string): void {
    this.#open = new Set([...this.#open].filter(one => one !== path))
  }

  /** All that is open, once more. */
  reload(): void {
    for (const prefix of [null, ...this.#open]) void this.load(prefix)
  }

  /** The first levels of a branch; those that were there stay until the new ones come. */
  async load(prefix: string | null): Promise<void> {
    await this.#fetch(prefix, undefined, [])
  }

  async more(branch: Branch): Promise<void> {
    if (branch.next !== null && !branch.isLoading)
      await this.#fetch(branch.prefix, branch.next, branch.levels)
  }

  async #fetch(
    prefix: string | null,
    cursor: string | undefined,
    before: readonly TopicLevel[],
  ): Promise<void> {
    const known = this.#branches.get(prefix) ?? { levels: [], next: null, total: 0 }
    this.#set({ ...known, prefix, isLoading: true, problem: undefined })
    try {
      const { data, page } = await get<TreePage>(`/topics/tree?${queryOf(prefix, cursor)}`)
      const { next, total } = page
      const levels = [...before, ...data]
      this.#set({
        prefix,
        levels,
        next,
        total: total ?? levels.length,
        isLoading: false,
        problem: undefined,
      })
    } catch (problem) {
      this.#set({ ...known, prefix, isLoading: false, problem })
    }
  }

  #set(branch: Branch): void {
    this.#branches = new Map(this.#branches).set(branch.prefix, branch)
  }

  *#linesOf(prefix: string | null, depth: number): Generator<TreeLine> {
    const branch = this.#branches.get(prefix)
    if (branch === undefined) return
    for (const level of branch.levels) {
      const isOpen = this.#open.has(level.path)
      yield { at: 'level', level, depth, isOpen }
      if (isOpen) yield* this.#linesOf(level.path, depth + 1)
    }
    if (branch.isLoading || branch.problem !== undefined || branch.next !== null)
      yield { at: 'rest', branch, depth }
  }
}

interface TreePage {
  readonly data: readonly TopicLevel[]
  readonly page: Page
}

/** An empty text is a level too, so it must be sent. */
function queryOf(prefix: string | null, cursor: string | undefined): URLSearchParams {
  const query = new URLSearchParams({ limit: `${LEVELS}` })
  if (prefix !== null) query.set('prefix', prefix)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query
}
