// The one place that reads time: a wall clock that cannot jump, and the loop's timers.

declare const brand: unique symbol
/** Milliseconds since the Unix epoch, or a span of them where the name says so. */
export type Millis = number & { readonly [brand]?: 'Millis' }

export interface Clock {
  /** Wall-clock time in milliseconds; never goes back and never leaps while the process runs. */
  now(): Millis
}

/**
 * The machine's clock as it stood at the start, carried on by the monotonic clock. A deadline is an absolute
 * wall-clock time in the store; were the machine's clock read anew each time, a step of an hour would expire
 * an hour's sessions at once, or none for an hour.
 */
export class SystemClock implements Clock {
  readonly #offset = Date.now() - performance.now()

  now(): Millis {
    return Math.floor(this.#offset + performance.now())
  }
}

/** Calls `tick` about every `intervalMs` until the returned function is called; does not keep the process alive. */
export function every(intervalMs: Millis, tick: () => void): () => void {
  const timer = setInterval(tick, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Calls `act` once after `delayMs` unless the returned function is called before; does not keep the process alive. */
export function after(delayMs: Millis, act: () => void): () => void {
  const timer = setTimeout(act, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}

/** Starts now; each call of what it returns says how many milliseconds, in fractions, have passed. */
export function stopwatch(): () => Millis {
  const startedAt = performance.now()
  return () => performance.now() - startedAt
}

/** Resolves after everything else that waits for the event loop has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
