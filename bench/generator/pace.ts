// Sends at an even pace, whatever the broker does.

/**
 * Calls `send` as often as is due, every millisecond, with a number that grows by one; a late timer is made up for. `send` says whether
 * it could; what it could not is counted.
 */
export function startPace(
  perSecond: number,
  send: (index: number) => boolean,
): { stop(): { readonly skipped: number } } {
  const startedAt = performance.now()
  let due = 0
  let skipped = 0
  const timer = setInterval(() => {
    const dueNow = Math.floor(((performance.now() - startedAt) / 1000) * perSecond)
    for (; due < dueNow; due++) if (!send(due)) skipped++
  }, 1)
  return {
    stop: () => {
      clearInterval(timer)
      return { skipped }
    },
  }
}
