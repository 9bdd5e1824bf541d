// Lets the generator rest between loop turns, so that it reads much at a time instead of waking for every segment.
//
// A generator that is idle most of the time wakes up for each small write of the broker; that costs it more than the
// messages do, and costs the broker the waking. Real clients are many machines, none of which wakes another's kernel.

/** Longest rest; saturated brokers have tens of milliseconds of work under way. */
const restMsMax = 2
const restMsMin = 0.01
/** A turn may bring at most this share of what is under way, or a fast broker could run out of work. */
const shareOfUnderWayMax = 1 / 4

export class Rounds {
  readonly #delivered: () => number
  readonly #turnMessagesMax: number
  readonly #cell = new Int32Array(new SharedArrayBuffer(4))
  #immediate: NodeJS.Immediate | null = null
  #restMs = restMsMin
  #seen = 0

  /** `underWayMax`: the deliveries that all credit windows together allow to be under way. */
  constructor(delivered: () => number, underWayMax: number) {
    this.#delivered = delivered
    this.#turnMessagesMax = underWayMax * shareOfUnderWayMax
  }

  start(): void {
    this.#immediate = setImmediate(this.#round)
  }

  stop(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#immediate = null
  }

  /** Runs after the sockets of a turn were served; as an immediate is pending, the next poll does not wait. */
  readonly #round = (): void => {
    const delivered = this.#delivered()
    const isTooLong = delivered - this.#seen > this.#turnMessagesMax
    this.#seen = delivered
    this.#restMs = Math.min(restMsMax, Math.max(restMsMin, this.#restMs * (isTooLong ? 0.5 : 1.1)))
    Atomics.wait(this.#cell, 0, 0, this.#restMs)
    this.#immediate = setImmediate(this.#round)
  }
}
