// Runs tests at the same time whose time is spent waiting: for a keep alive, an expiry, a will delay.

import { describe, test } from 'node:test'

type Act = () => Promise<void>

let collected: { readonly title: string; readonly act: Act }[] = []

/** As `test`, for tests that share a broker and nothing else; all of a file start together. */
export function testTogether(title: string, act: Act): void {
  collected.push({ title, act })
  if (collected.length > 1) return
  // Once the file has been read to its end.
  queueMicrotask(() => {
    const all = collected
    collected = []
    describe('at the same time', { concurrency: true }, () => {
      for (const one of all) test(one.title, one.act)
    })
  })
}
