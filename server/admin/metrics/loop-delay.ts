// How late the event loop is: a timer that knows when it should have fired, and how much of the time the loop worked.
//
// The histogram that perf_hooks brings tells percentiles only, which cannot be added up over time or over brokers.

import { performance } from 'node:perf_hooks'
import { every, stopwatch } from '../../clock.ts'
import { Buckets } from './buckets.ts'
import type { Family } from './family.ts'

const INTERVAL_MS = 20
const boundsSeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

export class LoopDelay {
  readonly #delays = new Buckets(boundsSeconds)

  /** Returns how to stop. */
  start(): () => void {
    let elapsedMs = stopwatch()
    return every(INTERVAL_MS, () => {
      this.#delays.record(Math.max(0, elapsedMs() - INTERVAL_MS) / 1000)
      elapsedMs = stopwatch()
    })
  }

  families(): readonly Family[] {
    return [
      {
        type: 'histogram',
        name: 'holdfast_event_loop_delay_seconds',
        help: `How late a timer of ${INTERVAL_MS} ms fires: for so long nothing else was done either.`,
        read: () => [this.#delays.distribution()],
      },
      {
        type: 'counter',
        name: 'holdfast_event_loop_active_seconds_total',
        help: 'Time in which the event loop worked; its share of active and idle time is how busy the broker is.',
        read: () => performance.eventLoopUtilization().active / 1000,
      },
      {
        type: 'counter',
        name: 'holdfast_event_loop_idle_seconds_total',
        help: 'Time in which the event loop waited for something to do.',
        read: () => performance.eventLoopUtilization().idle / 1000,
      },
    ]
  }
}
