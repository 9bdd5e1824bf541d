// Client identifiers that an operator keeps out for a while, also those that have no session.

import type { Millis } from '../clock.ts'
import type { By } from '../events.ts'
import { HOLDS_MAX } from '../limits.ts'
import { Timer, type TimerWheel } from './timer-wheel.ts'

/** Ends by itself; kept in memory alone, so a restart of the broker ends it too. */
export interface Hold {
  readonly clientId: string
  readonly since: Millis
  readonly until: Millis
  readonly by: By
}

export class Holds {
  readonly #wheel: TimerWheel
  readonly #held = new Map<string, { readonly hold: Hold; readonly timer: Timer }>()
  readonly #ranOut: (hold: Hold) => void

  /** `ranOut` is told of each hold whose time has come. */
  constructor(wheel: TimerWheel, ranOut: (hold: Hold) => void) {
    this.#wheel = wheel
    this.#ranOut = ranOut
  }

  get count(): number {
    return this.#held.size
  }

  find(clientId: string): Hold | undefined {
    return this.#held.get(clientId)?.hold
  }

  *all(): IterableIterator<Hold> {
    for (const { hold } of this.#held.values()) yield hold
  }

  /** Takes the place of an earlier one for the same client id; false when there are too many others. */
  set(hold: Hold): boolean {
    if (!this.#held.has(hold.clientId) && this.#held.size >= HOLDS_MAX) return false
    this.release(hold.clientId)
    const timer = new Timer(() => {
      this.release(hold.clientId)
      this.#ranOut(hold)
    })
    this.#held.set(hold.clientId, { hold, timer })
    this.#wheel.schedule(timer, hold.until)
    return true
  }

  release(clientId: string): Hold | undefined {
    const held = this.#held.get(clientId)
    if (held === undefined) return undefined
    this.#wheel.cancel(held.timer)
    this.#held.delete(clientId)
    return held.hold
  }
}
