// Holds answers back until the store says that what they acknowledge is safe, and keeps them in order.

import type { ServerPacket } from '../protocol/packet.ts'
import type { RetainedFeed } from '../session/attachment.ts'
import type { Entry } from '../store/store.ts'
import type { Ticket, TicketHolder } from '../store/ticket.ts'

export type Held =
  | { readonly hold: 'packet'; readonly packet: ServerPacket }
  | { readonly hold: 'publish'; readonly entry: Entry }
  | { readonly hold: 'feed'; readonly feed: readonly RetainedFeed[] }

interface Waiting {
  readonly ticket: Ticket
  readonly held: Held
}

/** Gets what has passed the gate; `ticket` is safe or refused. */
export type Release = (held: Held, ticket: Ticket) => void

/**
 * First in, first out: what is safe waits for what came before it, so that a client gets its acknowledgements
 * in the order of its packets [MQTT5-4.6.0-2].
 */
export class Gate implements TicketHolder {
  readonly #release: Release
  #waiting: Waiting[] = []
  #next = 0

  constructor(release: Release) {
    this.#release = release
  }

  get length(): number {
    return this.#waiting.length - this.#next
  }

  /** True when something whose ticket has settled may pass at once. */
  get isOpen(): boolean {
    return this.#next === this.#waiting.length
  }

  hold(ticket: Ticket, held: Held): void {
    this.#waiting.push({ ticket, held })
    ticket.notify(this)
  }

  /** Runs in the store's turn. */
  settled(): void {
    for (;;) {
      const first = this.#waiting[this.#next]
      if (first === undefined) {
        this.#waiting = []
        this.#next = 0
        return
      }
      if (first.ticket.isPending) return
      this.#next++
      this.#release(first.held, first.ticket)
    }
  }

  /** The connection has ended: nothing that waits will leave. */
  clear(): void {
    this.#waiting = []
    this.#next = 0
  }
}
