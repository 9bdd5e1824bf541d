// The two patiences of a connection: for a client that says nothing, and for one that reads nothing.

import type { Clock, Millis } from '../clock.ts'
import { type Fault, fault } from '../protocol/fault.ts'
import { Timer, type TimerWheel } from '../session/timer-wheel.ts'

export interface WatchGiven {
  readonly wheel: TimerWheel
  readonly clock: Clock
  end(fault: Fault): void
}

/** Ends the connection when nothing has arrived for too long; a packet costs it one assignment. */
export class SilenceWatch {
  readonly #given: WatchGiven
  readonly #timer = new Timer(() => this.#check())
  #limitMs: Millis = Number.POSITIVE_INFINITY
  #detail = ''
  #heardAt: Millis = 0

  constructor(given: WatchGiven) {
    this.#given = given
  }

  /** One and a half times the keep alive [MQTT5-3.1.2-22, MQTT3-3.1.2-24], or the idle time without one. */
  start(limitMs: Millis, detail: string): void {
    this.#limitMs = limitMs
    this.#detail = detail
    this.#heardAt = this.#given.clock.now()
    if (limitMs !== Number.POSITIVE_INFINITY) this.#given.wheel.schedule(this.#timer, this.#heardAt + limitMs)
  }

  heard(now: Millis): void {
    this.#heardAt = now
  }

  stop(): void {
    this.#given.wheel.cancel(this.#timer)
  }

  #check(): void {
    const deadline = this.#heardAt + this.#limitMs
    if (deadline > this.#given.clock.now()) this.#given.wheel.schedule(this.#timer, deadline)
    else this.#given.end(fault('keep-alive-timeout', this.#detail))
  }
}

/** Ends the connection when nothing of what waits for it has left for too long; a slow reader may stay. */
export class StallWatch {
  readonly #given: WatchGiven
  readonly #timer = new Timer(() => this.#check())
  readonly #limitMs: Millis
  readonly #progress: () => { readonly unsentBytes: number; readonly sentBytes: number }
  #sentBytes = 0

  constructor(
    given: WatchGiven,
    limitMs: Millis | undefined,
    progress: () => { readonly unsentBytes: number; readonly sentBytes: number },
  ) {
    this.#given = given
    this.#limitMs = limitMs ?? Number.POSITIVE_INFINITY
    this.#progress = progress
  }

  /** Something could not be sent at once. */
  waiting(): void {
    if (this.#timer.slot !== undefined || this.#limitMs === Number.POSITIVE_INFINITY) return
    this.#sentBytes = this.#progress().sentBytes
    this.#given.wheel.schedule(this.#timer, this.#given.clock.now() + this.#limitMs)
  }

  stop(): void {
    this.#given.wheel.cancel(this.#timer)
  }

  #check(): void {
    const { unsentBytes, sentBytes } = this.#progress()
    if (unsentBytes === 0) return
    if (sentBytes > this.#sentBytes) this.waiting()
    else this.#given.end(fault('slow-consumer', 'the client has read nothing of what waits for it'))
  }
}
