// One wheel for every deadline of the broker: sessions, wills, message expiry, keep alive, time to CONNECT.

import type { Clock, Millis } from '../clock.ts'

const TICK_MS = 100
const SLOT_BITS = 8
const SLOTS = 1 << SLOT_BITS
/** 256 slots of 100 ms, then of 26 s, 1.8 h and 19 days: 13 years in all; what is later waits in the last one. */
const LEVELS = 4
const TICKS_MAX = 2 ** (SLOT_BITS * LEVELS) - 1

/** A deadline that can be moved and taken back; costs nothing while it waits. */
export interface Scheduled {
  deadline: Millis
  previous: Scheduled | undefined
  next: Scheduled | undefined
  slot: Slot | undefined
  fire(): void
}

export class Timer implements Scheduled {
  readonly fire: () => void
  deadline: Millis = 0
  previous: Scheduled | undefined = undefined
  next: Scheduled | undefined = undefined
  slot: Slot | undefined = undefined

  constructor(fire: () => void) {
    this.fire = fire
  }
}

/** Of the wheel alone. */
export interface Slot {
  readonly level: number
  first: Scheduled | undefined
}

/** Fires never early and at most one tick (100 ms) late, in steps of whole ticks. */
export class TimerWheel {
  readonly #clock: Clock
  readonly #levels: Slot[][] = []
  /** How many timers each level holds. */
  readonly #waiting: number[] = []
  #tick: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#tick = Math.floor(clock.now() / TICK_MS)
    for (let level = 0; level < LEVELS; level++) {
      this.#levels.push(Array.from({ length: SLOTS }, () => ({ level, first: undefined })))
      this.#waiting.push(0)
    }
  }

  /** Sets or moves the timer; a deadline that has passed fires on the next tick. */
  schedule(timer: Scheduled, deadline: Millis): void {
    this.cancel(timer)
    timer.deadline = deadline
    this.#insert(timer, this.#tick + 1)
  }

  cancel(timer: Scheduled): void {
    const slot = timer.slot
    if (slot === undefined) return
    if (timer.previous !== undefined) timer.previous.next = timer.next
    else slot.first = timer.next
    if (timer.next !== undefined) timer.next.previous = timer.previous
    timer.previous = undefined
    timer.next = undefined
    timer.slot = undefined
    this.#waiting[slot.level]!--
  }

  /** Fires what is due; called on an interval. */
  advance(): void {
    const target = Math.floor(this.#clock.now() / TICK_MS)
    while (this.#tick < target) {
      this.#tick = Math.min(this.#nextTick(), target)
      for (let level = 1; level < LEVELS && this.#tick % SLOTS ** level === 0; level++) {
        this.#empty(this.#slotAt(level, this.#tick), timer => this.#insert(timer, this.#tick))
      }
      this.#empty(this.#slotAt(0, this.#tick), timer => timer.fire())
    }
  }

  /** The next tick at which something may be due: levels that hold nothing are passed in one step. */
  #nextTick(): number {
    let level = 0
    while (level < LEVELS - 1 && this.#waiting[level] === 0) level++
    const span = SLOTS ** level
    return (Math.floor(this.#tick / span) + 1) * span
  }

  /** `earliest` is this tick for a timer that comes down from a higher level: it may be due now. */
  #insert(timer: Scheduled, earliest: number): void {
    const due = Math.max(Math.ceil(timer.deadline / TICK_MS), earliest)
    const wait = Math.min(due - this.#tick, TICKS_MAX)
    let level = 0
    while (wait >= SLOTS ** (level + 1) && level < LEVELS - 1) level++
    const slot = this.#slotAt(level, this.#tick + wait)
    timer.slot = slot
    this.#waiting[level]!++
    timer.next = slot.first
    if (slot.first !== undefined) slot.first.previous = timer
    slot.first = timer
  }

  #slotAt(level: number, tick: number): Slot {
    return this.#levels[level]![Math.floor(tick / SLOTS ** level) % SLOTS]!
  }

  /** Takes the slot's timers out one by one, so that a timer that fires may cancel its neighbours. */
  #empty(slot: Slot, each: (timer: Scheduled) => void): void {
    const timers: Scheduled[] = []
    for (let timer = slot.first; timer !== undefined; timer = timer.next) timers.push(timer)
    for (const timer of timers) {
      if (timer.slot !== slot) continue
      this.cancel(timer)
      each(timer)
    }
  }
}
