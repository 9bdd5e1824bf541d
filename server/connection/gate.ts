// Holds answers back until the store says that what they acknowledge is safe, and keeps them in order.

import type { ServerPacket } from '../protocol/packet.ts'
import type { RetainedFeed } from '../session/attachment.ts'
import type { Entry } from '../store/store.ts'
import type { Ticket, TicketHolder } from '../store/ticket.ts'

/** A packet as it stands, or what becomes packets when its turn comes. */
export type Held =
  | ServerPacket
  | { readonly type: 'entry'; readonly entry: Entry }
  | { readonly type: 'feed'; readonly feed: readonly RetainedFeed[] }

/** Answers that may have passed before their places are given up: seldom enough that it costs nothing. */
const PASSED_MAX = 1_024

/** Gets what has passed the gate; `ticket` is safe or refused. */
export type Release = (held: Held, ticket: Ticket) => void

/**
 * First in, first out: what is safe waits for what came before it, so that a client gets its acknowledgements
 * in the order of its packets [MQTT5-4.6.0-2].
 */
export class Gate implements TicketHolder {
  readonly #release: Release
  /** Two lists side by side: under load thousands wait, and an object for each pair would be theirs to collect. */
  #tickets: Ticket[] = []
  #held: Held[] = []
  #next = 0
  /** PUBLISHes among those that wait. */
  entries = 0

  constructor(release: Release) {
    this.#release = release
  }

  get length(): number {
    return this.#held.length - this.#next
  }

  /** True when something whose ticket has settled may pass at once. */
  get isOpen(): boolean {
    return this.#next === this.#held.length
  }

  /** Lets it pass at once when nothing is before it and its ticket has settled. */
  hold(ticket: Ticket, held: Held): void {
    if (this.isOpen && !ticket.isPending) {
      this.#release(held, ticket)
      return
    }
    if (held.type === 'entry') this.entries++
    this.#tickets.push(ticket)
    this.#held.push(held)
    ticket.notify(this)
  }

  /** Runs in the store's turn. */
  settled(): void {
    for (;;) {
      if (this.#next >= PASSED_MAX && this.#next * 2 >= this.#held.length) this.#dropPassed()
      const ticket = this.#tickets[this.#next]
      const held = this.#held[this.#next]
      if (ticket === undefined || held === undefined) {
        this.clear()
        return
      }
      if (ticket.isPending) return
      this.#next++
      if (held.type === 'entry') this.entries--
      this.#release(held, ticket)
    }
  }

  /** A publisher that never pauses leaves no moment at which nothing waits; what has passed must go all the same. */
  #dropPassed(): void {
    this.#tickets.splice(0, this.#next)
    this.#held.splice(0, this.#next)
    this.#next = 0
  }

  /** The connection has ended: nothing that waits will leave. */
  clear(): void {
    this.#tickets = []
    this.#held = []
    this.#next = 0
    this.entries = 0
  }
}
