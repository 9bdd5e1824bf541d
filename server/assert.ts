// Assertions about our own code; what a peer does wrong is a Fault, never one of these.

/** For the branch that the types rule out. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}

export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`broken assumption: ${claim}`)
}
