// Where the console is: the URL as state, links that do not reload the page, and changes to the query.

import { type Query, type Route, routeOf } from './routes.ts'

export class Router {
  #url = $state.raw(new URL(location.href))
  readonly route: Route = $derived(routeOf(this.#url.pathname))
  readonly query: URLSearchParams = $derived(this.#url.searchParams)

  /** Returns what ends it. */
  start(): () => void {
    const ended = new AbortController()
    const { signal } = ended
    addEventListener('popstate', () => this.#read(), { signal })
    document.addEventListener('click', event => this.#onClick(event), { signal })
    return () => ended.abort()
  }

  go(url: string): void {
    history.pushState(null, '', url)
    this.#read()
    scrollTo(0, 0)
  }

  /** For a change of the view that Back is not to stop at. */
  replace(url: string): void {
    history.replaceState(history.state, '', url)
    this.#read()
  }

  /** Changes parts of the query and keeps the rest; undefined takes a part out. */
  set(changes: Query, how: 'push' | 'replace' = 'replace'): void {
    const url = new URL(this.#url)
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') url.searchParams.delete(name)
      else url.searchParams.set(name, value)
    }
    if (url.href === this.#url.href) return
    if (how === 'push') history.pushState(null, '', url)
    else history.replaceState(history.state, '', url)
    this.#read()
  }

  #read(): void {
    this.#url = new URL(location.href)
  }

  /** Plain clicks on links of the console stay in the page; all others are the browser's. */
  #onClick(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element | null)?.closest('a')
    if (link == null || link.target !== '' || link.hasAttribute('download')) return
    const url = new URL(link.href, location.href)
    if (url.origin !== location.origin || routeOf(url.pathname).page === 'unknown') return
    const isHere = url.pathname === location.pathname && url.search === location.search
    if (isHere && url.hash !== '') return
    event.preventDefault()
    this.go(url.href)
  }
}

export const router = new Router()
