// Sessions that have changed since somebody last looked, each once.

import type { Session } from './session.ts'

/** So many that have changed and not been looked at are taken at once: it bounds what ended sessions stay for. */
const TOUCHED_MAX = 65_536

export class TouchedSessions {
  #sessions: Session[] = []
  #full: (() => void) | undefined = undefined

  /** From now on changes are remembered; `full` must take them. Before, and without a watcher, none is. */
  watch(full: () => void): void {
    this.#full = full
  }

  /** To be called after each change of a session, its queue's included. */
  add(session: Session): void {
    if (session.isTouched || this.#full === undefined) return
    session.isTouched = true
    this.#sessions.push(session)
    if (this.#sessions.length >= TOUCHED_MAX) this.#full()
  }

  /** Those that have changed; from here on a change counts anew. The marks of their queues are the taker's to clear. */
  take(): readonly Session[] {
    const sessions = this.#sessions
    this.#sessions = []
    for (const session of sessions) session.isTouched = false
    return sessions
  }
}
