// Scans take turns: one at a time, in the order they were asked for, none for ever.

import { nextTurn, stopwatch } from '../../clock.ts'
import { SCAN_MS_MAX, SCAN_SLICE_MS, SCANS_WAITING_MAX } from '../../limits.ts'
import type { Scan } from './scan.ts'

export interface Overloaded {
  readonly at: 'overloaded'
  readonly detail: string
}

export class Scans {
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #active: Scan | undefined = undefined

  /** Before a row changes, or a free one is taken. */
  beforeChange(row: number): void {
    this.#active?.beforeChange(row)
  }

  /** When its turn has come: `prepare`, then the scan that `begin` makes; it answers the moment the scan ends. */
  async run<T>(
    prepare: () => Promise<void>,
    begin: () => { readonly scan: Scan; finish(): T },
  ): Promise<T | Overloaded> {
    if (this.#waiting >= SCANS_WAITING_MAX) {
      return {
        at: 'overloaded',
        detail: `${SCANS_WAITING_MAX} questions about all sessions are waiting already`,
      }
    }
    this.#waiting++
    const before = this.#last
    const turn = Promise.withResolvers<void>()
    this.#last = turn.promise
    try {
      await before
      await prepare()
      const { scan, finish } = begin()
      this.#active = scan
      return (await toItsEnd(scan)) ? finish() : TOO_LONG
    } finally {
      this.#active = undefined
      this.#waiting--
      turn.resolve()
    }
  }
}

const TOO_LONG: Overloaded = {
  at: 'overloaded',
  detail: `the filter took more than ${SCAN_MS_MAX / 1000} s of work; make it simpler`,
}

async function toItsEnd(scan: Scan): Promise<boolean> {
  let worked = 0
  for (;;) {
    const elapsed = stopwatch()
    if (scan.step(SCAN_SLICE_MS)) return true
    worked += elapsed()
    if (worked > SCAN_MS_MAX) return false
    await nextTurn()
  }
}
