// What the history asks the broker about a client id: as little as it can.

export interface SessionOf {
  readonly generation: string
  /** It outlives its connection. */
  readonly isKept: boolean
}

/** Undefined when there is no session with that client id. */
export type FindSession = (clientId: string) => SessionOf | undefined
