// All sessions by client id, and the turn-taking of those who want the same one.

import { SAFE, type Ticket } from '../store/ticket.ts'
import type { Session } from './session.ts'

export class Registry {
  readonly #sessions = new Map<string, Session>()
  readonly #turns = new Map<string, Promise<void>>()
  readonly #leaving = new Map<string, Ticket>()
  /** Sessions with a connection. */
  connected = 0
  /** Sessions that the store is making, and that count already. */
  expected = 0

  get(clientId: string): Session | undefined {
    return this.#sessions.get(clientId)
  }

  add(session: Session): void {
    this.#sessions.set(session.clientId, session)
  }

  remove(session: Session): void {
    if (this.#sessions.get(session.clientId) === session) this.#sessions.delete(session.clientId)
  }

  /** The session has ended here, and leaves the disk when `ticket` is safe. */
  leave(session: Session, ticket: Ticket): void {
    const { clientId } = session
    if (!ticket.isPending) return
    this.#leaving.set(clientId, ticket)
    const settled = (): void => {
      if (this.#leaving.get(clientId) === ticket) this.#leaving.delete(clientId)
    }
    ticket.notify({ settled })
  }

  /** Safe when no former session of this client id would come back after a crash. */
  leaving(clientId: string): Ticket {
    return this.#leaving.get(clientId) ?? SAFE
  }

  get count(): number {
    return this.#sessions.size
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /** Runs `act` when all earlier ones for this client id have ended, however they ended. */
  async inTurn<T>(clientId: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(clientId)
    const mine = before === undefined ? act() : before.then(act)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#turns.set(clientId, settled)
    try {
      return await mine
    } finally {
      if (this.#turns.get(clientId) === settled) this.#turns.delete(clientId)
    }
  }
}
