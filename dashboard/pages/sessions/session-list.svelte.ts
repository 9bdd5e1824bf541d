// What the list page knows beside its address: the rows and their counts, where the keyboard is, and what is selected.

import { ListCounts } from './counts.svelte.ts'
import { Selection } from './selection.svelte.ts'
import { type ListQuery, SessionRows } from './session-rows.svelte.ts'

/** The table on the screen, as far as others move it. */
export interface ListScreen {
  position(): { readonly index: number; readonly offset: number }
  scrollTo(at: { readonly index: number; readonly offset: number }): void
  pageRows(): number
  focus(): void
}

export class SessionList {
  readonly rows = new SessionRows()
  readonly counts = new ListCounts()
  readonly selection = new Selection()
  screen = $state.raw<ListScreen | undefined>(undefined)
  /** By client id: its row may be another one when the list is sorted again. */
  #activeId = $state<string | undefined>(undefined)
  /** From where a range is selected. */
  #anchor: number | undefined
  #query: ListQuery | undefined

  readonly active: number | undefined = $derived.by(() => this.indexOf(this.#activeId))
  /** As it was counted last; what was loaded is older. */
  readonly matching: number = $derived(this.counts.counts?.matching ?? this.rows.total)
  readonly selected: number = $derived(
    this.selection.isAll ? Math.max(0, this.matching - this.selection.except.length) : this.selection.count,
  )
  /** Of what is selected one by one; undefined when not all of it is loaded. */
  readonly breakdown: { readonly online: number; readonly offline: number } | undefined = $derived.by(() => {
    if (this.selection.isAll) return undefined
    let online = 0
    for (const { clientId } of this.selection.chosen) {
      const index = this.indexOf(clientId)
      if (index === undefined) return undefined
      if (this.rows.at(index)?.session.connected === true) online++
    }
    return { online, offline: this.selection.count - online }
  })

  readonly howMuch: 'none' | 'some' | 'all' = $derived.by(() => {
    if (this.selection.isEmpty) return 'none'
    return this.selection.isAll && this.selection.except.length === 0 ? 'all' : 'some'
  })

  indexOf(clientId: string | undefined): number | undefined {
    void this.rows.version
    return clientId === undefined ? undefined : this.rows.indexOf(clientId)
  }

  clientIdAt(index: number): string | undefined {
    return this.rows.at(index)?.session.clientId
  }

  /** What is selected belongs to the filter under which it was seen. */
  async load(query: ListQuery): Promise<void> {
    if (this.#query !== undefined && this.#query.filter !== query.filter) this.selection.clear()
    this.#query = query
    await this.rows.load(query)
    this.screen?.scrollTo({ index: 0, offset: 0 })
  }

  /** The same list as it would be now; the row at the top stays there, if it is still among them. */
  async renew(): Promise<void> {
    if (this.#query === undefined) return
    const { index, offset } = this.screen?.position() ?? { index: 0, offset: 0 }
    const top = index === 0 ? undefined : this.clientIdAt(index)
    void this.counts.ask(this.#query.filter)
    await this.rows.load(this.#query)
    const at = top === undefined ? 0 : (this.rows.indexOf(top) ?? index)
    requestAnimationFrame(() => this.screen?.scrollTo({ index: at, offset: top === undefined ? 0 : offset }))
  }

  /** Returns the client id of the row, if there is one. */
  activate(index: number): string | undefined {
    this.#anchor = index
    this.#activeId = this.clientIdAt(index)
    return this.#activeId
  }

  /** As far as that row, from where a range began. */
  selectTo(index: number): void {
    const from = this.#anchor ?? this.active ?? index
    const between = this.rows.entries.slice(Math.min(from, index), Math.max(from, index) + 1)
    this.selection.set(
      between.map(entry => entry.session),
      true,
    )
    this.#anchor = from
    this.#activeId = this.clientIdAt(index)
  }

  toggle(index: number): void {
    const entry = this.rows.at(index)
    if (entry === undefined) return
    this.selection.toggle(entry.session)
    this.activate(index)
  }
}
