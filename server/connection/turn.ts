// Collects what was written during one turn of the event loop, so that each connection makes one system call.

export interface Flushable {
  flush(): void
}

export class Turn {
  #waiting: Flushable[] = []
  #scheduled = false
  readonly #end = (): void => {
    this.#scheduled = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) one.flush()
  }

  /** `flush` is called once, when all that has already arrived at the process has been read. */
  join(one: Flushable): void {
    this.#waiting.push(one)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#end)
  }
}
