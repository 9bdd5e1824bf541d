// The time, as state: what says how long ago something was moves on by itself, all of it together, once a second.

class Now {
  #ms = $state.raw(Date.now())
  #users = 0
  #timer: ReturnType<typeof setInterval> | undefined

  get ms(): number {
    return this.#ms
  }

  /** Runs while anybody watches; returns what ends that. */
  watch(): () => void {
    if (this.#users++ === 0) {
      this.#ms = Date.now()
      this.#timer = setInterval(() => {
        this.#ms = Date.now()
      }, 1_000)
    }
    return () => {
      if (--this.#users === 0) clearInterval(this.#timer)
    }
  }
}

export const now = new Now()
