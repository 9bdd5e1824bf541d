// Waits for time to pass, for a condition to hold, or for many tasks of which only some may run at once.
import { setTimeout as sleep } from 'node:timers/promises'

export function waitSeconds(seconds: number): Promise<void> {
  return sleep(seconds * 1000)
}

/** Polls until `isDone`; gives up when `progress` has not changed for `stallSeconds`. */
export async function waitUntil(
  isDone: () => boolean,
  progress: () => number,
  stallSeconds: number,
): Promise<'done' | 'stalled'> {
  let seen = progress()
  let seenAt = performance.now()
  while (!isDone()) {
    await sleep(2)
    const now = progress()
    if (now !== seen) {
      seen = now
      seenAt = performance.now()
    } else if (performance.now() - seenAt > stallSeconds * 1000) {
      return 'stalled'
    }
  }
  return 'done'
}

/** Runs `task(0)` to `task(count - 1)`, at most `concurrency` at a time; results in order. */
export async function inParallel<Result>(
  count: number,
  concurrency: number,
  task: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(count)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await task(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane))
  return results
}
