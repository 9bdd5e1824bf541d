// Sessions that have changed since somebody last looked, each once.

import type { Session } from './session.ts'

/** So many that have changed are a few milliseconds of work; it bounds what ended sessions stay for, too. */
const TOUCHED_MAX = 16_384

export class TouchedSessions {
  #sessions: Session[] = []
  #full: (() => void) | undefined = undefined

  /**
   * From now on changes are remembered, and `full` must soon take them when they have become many; before, none is. The
   * watcher must look at all sessions once after this, and clear the marks of their queues.
   */
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

  /** Those that have changed; from here on a change of them or of their queues counts anew. */
  take(): readonly Session[] {
    const sessions = this.#sessions
    this.#sessions = []
    for (const session of sessions) {
      session.isTouched = false
      session.lease.queue.isTouched = false
    }
    return sessions
  }
}
