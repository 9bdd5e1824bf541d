// Where a test waits before each of its steps while somebody goes through it one by one, and where it can be stopped.

/** Somebody has stopped the run. */
export class Stopped extends Error {}

export class StepGate {
  #step = $state.raw('')
  #isWaiting = $state.raw(false)
  #isStepwise = $state.raw(false)
  #isStopped = false
  #go: (() => void) | undefined

  /** The step that is being done, or waits to be. */
  get step(): string {
    return this.#step
  }

  get isWaiting(): boolean {
    return this.#isWaiting
  }

  get isStepwise(): boolean {
    return this.#isStepwise
  }

  /** For a new run. */
  open(isStepwise: boolean): void {
    this.#isStepwise = isStepwise
    this.#isStopped = false
    this.#isWaiting = false
    this.#step = ''
  }

  /** Resolves when the step may be done; rejects with Stopped. */
  async pass(step: string): Promise<void> {
    this.#step = step
    if (this.#isStepwise && !this.#isStopped) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#go = resolve
      this.#isWaiting = true
      await promise
      this.#isWaiting = false
    }
    if (this.#isStopped) throw new Stopped('stopped')
  }

  next(): void {
    this.#go?.()
  }

  /** The rest without stopping. */
  runOn(): void {
    this.#isStepwise = false
    this.#go?.()
  }

  stop(): void {
    this.#isStopped = true
    this.#go?.()
  }
}
