// Gives up on an answer that comes in pieces when no piece has come for too long.

export class Silence {
  readonly #controller = new AbortController()
  readonly #withinMs: number
  #timer: NodeJS.Timeout

  constructor(withinMs: number) {
    this.#withinMs = withinMs
    this.#timer = this.#start()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  broken(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#start()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #start(): NodeJS.Timeout {
    const why = new DOMException('nothing came for too long', 'TimeoutError')
    return setTimeout(() => this.#controller.abort(why), this.#withinMs)
  }
}
