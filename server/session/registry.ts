// All sessions by client id, and the turn-taking of those who want the same one.

import type { Session } from './session.ts'

export class Registry {
  readonly #sessions = new Map<string, Session>()
  readonly #turns = new Map<string, Promise<void>>()
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
