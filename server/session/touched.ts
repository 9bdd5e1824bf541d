// Sessions that have changed since somebody last looked, each once, in the order they changed.

import { FOLD_SESSIONS_MAX } from '../limits.ts'
import type { Session } from './session.ts'

export class TouchedSessions {
  #sessions: Session[] = []
  /** Those before it were taken. */
  #next = 0
  #full: (() => void) | undefined = undefined

  get count(): number {
    return this.#sessions.length - this.#next
  }

  /**
   * From now on changes are remembered, and `full` must have them taken as soon as the broker is not in the middle
   * of something: ended sessions stay in memory for them. Before, none is. The watcher must look at all sessions once after this, and clear the marks of
   * their queues.
   */
  watch(full: () => void): void {
    this.#full = full
  }

  /** To be called after each change of a session, its queue's included. */
  add(session: Session): void {
    if (session.isTouched || this.#full === undefined) return
    session.isTouched = true
    this.#sessions.push(session)
    if (this.count >= FOLD_SESSIONS_MAX) this.#full()
  }

  /** Those that have changed, at most so many; from here on a change of them or of their queues counts anew. */
  take(max: number): readonly Session[] {
    const taken = this.#sessions.slice(this.#next, this.#next + max)
    this.#next += taken.length
    if (this.#next === this.#sessions.length) {
      this.#sessions = []
      this.#next = 0
    }
    for (const session of taken) {
      session.isTouched = false
      session.lease.queue.isTouched = false
    }
    return taken
  }
}
