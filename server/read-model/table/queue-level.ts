// Steps of a queue on its way to being full, each worth an event when it is reached.

/** Per cent of its limits; 0 is the step from nothing that waits to something. */
const steps = [0, 50, 90, 100] as const
export type QueueStep = (typeof steps)[number]

/** A queue that goes up and down around a step reaches it once, until it has fallen this far below. */
const REARM_PERCENT = 10

/** How many of the steps the queue has taken, from how many it had. */
export function levelOf(before: number, queued: number, fullPercent: number): number {
  if (queued === 0 && fullPercent === 0) return 0
  let level = queued > 0 || before > 0 ? 1 : 0
  for (let taken = 2; taken <= steps.length; taken++) {
    const step = steps[taken - 1]!
    if (fullPercent >= step || (before >= taken && fullPercent > step - REARM_PERCENT)) level = taken
  }
  return level
}

/** The step to tell of; that messages begin to wait is worth a word only while the client is away. */
export function stepReached(before: number, level: number, connected: boolean): QueueStep | undefined {
  const step = steps[level - 1]
  if (level <= before || (step === 0 && connected)) return undefined
  return step
}
