// What the tab of the browser says: the page's own words while it has some.

import { untrack } from 'svelte'

class PageTitle {
  #words = $state.raw<readonly { readonly text: string }[]>([])

  /** Undefined while no page has said anything. */
  get text(): string | undefined {
    return this.#words.at(-1)?.text
  }

  /** Returns what ends it. */
  use(text: string): () => void {
    const words = { text }
    this.#words = [...untrack(() => this.#words), words]
    return () => {
      this.#words = this.#words.filter(one => one !== words)
    }
  }
}

export const pageTitle = new PageTitle()
