// The broker's sessions as the table takes them: which have changed, and what is to be known of each.

import type { BrokerParts } from '../broker/parts.ts'
import type { Millis } from '../clock.ts'
import type { BrokerEvent } from '../events.ts'
import type { Session } from '../session/session.ts'
import type { HoldFacts, SessionEnded, SessionFacts, SessionSource } from './session-facts.ts'

export interface BrokerSessionsGiven {
  readonly parts: BrokerParts
  /** Messages that the session has lost. */
  dropped(clientId: string): number
}

export class BrokerSessions implements SessionSource {
  readonly #given: BrokerSessionsGiven
  /** Those that were there before anybody watched; undefined once all were taken. */
  #first: { readonly sessions: Iterator<Session>; left: number } | undefined = undefined

  constructor(given: BrokerSessionsGiven) {
    this.#given = given
  }

  watch(full: () => void): void {
    const { touched, registry } = this.#given.parts
    touched.watch(full)
    this.#first = { sessions: registry.all(), left: registry.count }
  }

  get pending(): number {
    return this.#given.parts.touched.count + (this.#first?.left ?? 0)
  }

  *take(max: number): Iterable<SessionFacts | SessionEnded> {
    if (this.#first !== undefined) {
      yield* this.#takeFirst(this.#first, max)
      return
    }
    const sessions = this.#given.parts.touched.take(max)
    for (const { ended, clientId, generation } of sessions) if (ended) yield { ended, clientId, generation }
    for (const session of sessions) if (!session.ended) yield this.#factsOf(session)
  }

  find(clientId: string): SessionFacts | undefined {
    const session = this.#given.parts.registry.get(clientId)
    return session && this.#factsOf(session)
  }

  /** A loss that leaves the counts of a queue as they are is a change of its session all the same. */
  learn(event: BrokerEvent): void {
    if (event.kind !== 'message-lost') return
    const session = this.#given.parts.registry.get(event.clientId)
    if (session !== undefined) this.#given.parts.touch(session)
  }

  *#takeFirst(
    first: { readonly sessions: Iterator<Session>; left: number },
    max: number,
  ): Iterable<SessionFacts> {
    for (let count = 0; count < max; count++) {
      const { value: session, done } = first.sessions.next()
      if (done === true) {
        this.#first = undefined
        return
      }
      first.left = Math.max(1, first.left - 1)
      session.lease.queue.isTouched = false
      yield this.#factsOf(session)
    }
  }

  #factsOf(session: Session): SessionFacts {
    const { parts, dropped } = this.#given
    const { clientId, attachment } = session
    const { queue } = session.lease
    const since = sinceOf(session)
    return {
      clientId,
      owner: session.owner,
      generation: session.generation,
      version: session.version,
      createdAt: session.createdAt,
      connected: attachment !== undefined,
      since,
      connection: session.connection,
      expirySeconds: session.expirySeconds,
      expirySource: session.expirySource,
      expiryPinned: session.expiryPinned,
      expiresAt: session.expiresAt ?? Number.POSITIVE_INFINITY,
      subscriptions: session.subscriptions,
      limits: queue.limits,
      queued: queue.waiting,
      messages: queue.messages,
      bytes: queue.bytes,
      outLimit: attachment?.sendQuotaMax ?? 0,
      oldestInFlightAt: oldestSentAt(session, since),
      receiving: session.receiving?.size ?? 0,
      dropped: dropped(clientId),
      hold: holdOf(parts, clientId),
    }
  }
}

function sinceOf({ attachment, connectedAt, disconnectedAt, createdAt }: Session): Millis {
  return attachment === undefined ? (disconnectedAt ?? createdAt) : connectedAt
}

/** They stand in the order they were sent; an earlier version of the store did not note when. */
function oldestSentAt({ sending }: Session, since: Millis): Millis {
  if (sending === undefined || sending.size === 0) return Number.POSITIVE_INFINITY
  const [first] = sending.values()
  return first?.sentAt ?? since
}

function holdOf({ holds }: BrokerParts, clientId: string): HoldFacts | undefined {
  const hold = holds.find(clientId)
  return hold && { until: hold.until, by: hold.by.actor, reason: hold.by.reason }
}
