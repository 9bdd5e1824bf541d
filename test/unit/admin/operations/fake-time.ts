// A clock that moves when it is told to, and timers that go by it.

import type { Clock } from '../../../../server/clock.ts'

interface Waiting {
  readonly at: number
  readonly act: () => void
}

export class FakeTime implements Clock {
  #now = 1_000_000
  readonly #waiting = new Set<Waiting>()

  now(): number {
    return this.#now
  }

  readonly after = (delayMs: number, act: () => void): (() => void) => {
    const waiting = { at: this.#now + delayMs, act }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** Timer after timer, with everything that follows from each. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settle()
    for (;;) {
      const next = [...this.#waiting].sort((a, b) => a.at - b.at)[0]
      if (next === undefined || next.at > end) break
      this.#now = Math.max(this.#now, next.at)
      this.#waiting.delete(next)
      next.act()
      await settle()
    }
    this.#now = end
  }
}

/** Promises that hang together are some turns deep at the most. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>(resolve => setImmediate(resolve))
}
