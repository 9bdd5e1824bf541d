// Looks again every so often, as long as somebody sees it, nobody holds the page still, and the broker answers.

import { live } from './live.svelte.ts'

/** Returns what ends it. */
export function whileLive(everyMs: number, look: () => void): () => void {
  const timer = setInterval(() => {
    const { at } = live.state
    if (!document.hidden && (at === 'live' || at === 'behind' || at === 'refused')) look()
  }, everyMs)
  return () => clearInterval(timer)
}
