// What `top` reads of the overview.

export interface Figures {
  readonly sessions: number
  readonly online: number
  readonly offline: number
  readonly stuck: number
  readonly conflicts: number
  readonly queued: { readonly count: number; readonly bytes: number }
  readonly retained: number
  readonly subscriptions: number
  /** A second. */
  readonly rates: {
    readonly messagesIn: number
    readonly messagesOut: number
    readonly dropped: number
    readonly connects: number
  }
  readonly store: {
    readonly engine: string
    readonly durability: string
    readonly bytes: number
    readonly bytesMax: number
    readonly problem: string | null
  }
}
