// The store's word that something is safe: given at once, later, or refused.

import type { Fault } from '../protocol/fault.ts'

export interface TicketHolder {
  /** Runs in the store's turn, when a ticket this holder waits on is safe or refused. */
  settled(): void
}

/** Pending until the store settles it, exactly once; whoever acknowledges something waits on one of these. */
export class Ticket {
  #outcome: 'pending' | 'safe' | Fault
  /** Nearly every ticket has one holder, and there is one for each message. */
  #holder: TicketHolder | undefined = undefined
  #others: TicketHolder[] | undefined = undefined

  constructor(outcome: 'pending' | 'safe' | Fault = 'pending') {
    this.#outcome = outcome
  }

  get isSafe(): boolean {
    return this.#outcome === 'safe'
  }

  get isPending(): boolean {
    return this.#outcome === 'pending'
  }

  /** Why the store will not keep it; undefined while pending or safe. */
  get refusal(): Fault | undefined {
    return typeof this.#outcome === 'object' ? this.#outcome : undefined
  }

  /** Tells the holder when a pending ticket settles; a settled one tells nobody. */
  notify(holder: TicketHolder): void {
    if (this.#outcome !== 'pending') return
    if (this.#holder === undefined) this.#holder = holder
    else {
      this.#others ??= []
      this.#others.push(holder)
    }
  }

  settle(outcome: 'safe' | Fault): void {
    if (this.#outcome !== 'pending') return
    this.#outcome = outcome
    const holder = this.#holder
    const others = this.#others
    this.#holder = undefined
    this.#others = undefined
    holder?.settled()
    for (const other of others ?? []) other.settled()
  }

  /** Settles as another one does, now or later. */
  follow(other: Ticket): void {
    const settle = (): void => {
      if (!other.isPending) this.settle(other.refusal ?? 'safe')
    }
    if (other.isPending) other.notify({ settled: settle })
    else settle()
  }

  /** Resolves when settled, for the slow paths (CONNECT, shutdown). */
  async outcome(): Promise<'safe' | Fault> {
    if (this.#outcome === 'pending') await new Promise<void>(done => this.notify({ settled: done }))
    return this.#outcome as 'safe' | Fault
  }
}

/** What engines without a disk answer: one object for all, nothing to allocate on the hot path. */
export const SAFE = new Ticket('safe')

/** Safe when both are; refused as soon as one is. */
export function bothSafe(first: Ticket, second: Ticket): Ticket {
  if (first.isSafe || second.refusal !== undefined) return second
  if (second.isSafe || first.refusal !== undefined) return first
  const both = new Ticket()
  const holder = {
    settled(): void {
      const refusal = first.refusal ?? second.refusal
      if (refusal !== undefined) both.settle(refusal)
      else if (first.isSafe && second.isSafe) both.settle('safe')
    },
  }
  first.notify(holder)
  second.notify(holder)
  return both
}
