// A table of sessions without a broker: facts are put in and changed by hand, and time is set.

import { ConnectionFacts } from '../../../../server/events/connection-facts.ts'
import type { BrokerEvent } from '../../../../server/events.ts'
import type {
  SessionEnded,
  SessionFacts,
  SessionSource,
} from '../../../../server/read-model/session-facts.ts'
import { SessionTable } from '../../../../server/read-model/session-table.ts'
import { type Filter, parseFilter } from '../../../../shared/filter-grammar.ts'
import { defaultStuckRule } from '../../../../shared/stuck-rule.ts'

export const NOON = Date.UTC(2026, 10, 26, 12)
export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const limits = { messagesMax: 1_000, bytesMax: 1_048_576, overflow: 'drop-oldest' } as const

/** An offline session with nothing special about it; `facts` say what is. */
export function sessionFacts(clientId: string, facts: Partial<SessionFacts> = {}): SessionFacts {
  return {
    clientId,
    owner: '',
    generation: `generation-of-${clientId}`,
    version: 1,
    createdAt: NOON - DAY,
    connected: false,
    since: NOON - HOUR,
    connection: undefined,
    expirySeconds: 7 * 86_400,
    expirySource: 'policy',
    expiryPinned: false,
    expiresAt: Number.POSITIVE_INFINITY,
    subscriptions: [],
    limits,
    queued: 0,
    messages: 0,
    bytes: 0,
    outLimit: 0,
    oldestInFlightAt: Number.POSITIVE_INFINITY,
    receiving: 0,
    dropped: 0,
    hold: undefined,
    ...facts,
  }
}

export function connectionFacts(
  facts: Partial<ConstructorParameters<typeof ConnectionFacts>[0]> = {},
): ConnectionFacts {
  return new ConnectionFacts({
    protocolVersion: 4,
    cleanStart: false,
    keepAliveSeconds: 60,
    transport: 'tcp',
    address: '10.2.3.4',
    port: 50_000,
    origin: undefined,
    userAgent: undefined,
    path: undefined,
    ...facts,
  })
}

export function filterOf(text: string): Filter {
  const filter = parseFilter(text)
  if (filter.at === 'problem') throw new Error(`${text}: ${filter.detail}`)
  return filter
}

function endedFirst(a: SessionFacts | SessionEnded, b: SessionFacts | SessionEnded): number {
  return Number('ended' in b) - Number('ended' in a)
}

export class TableScene {
  now = NOON
  readonly sessions = new Map<string, SessionFacts>()
  readonly events: BrokerEvent[] = []
  readonly table: SessionTable
  /** As in the broker, each session once, as it is now. */
  #touched = new Map<string, SessionFacts | SessionEnded>()

  constructor() {
    const scene = this
    const source: SessionSource = {
      watch: () => undefined,
      learn: () => undefined,
      get pending() {
        return scene.#touched.size
      },
      take: max => this.#take(max),
      find: clientId => this.sessions.get(clientId),
    }
    this.table = new SessionTable({
      clock: { now: () => this.now },
      source,
      emit: event => this.events.push(event),
      run: 'e7',
      cursorKey: new Uint8Array(32).fill(7),
      rule: defaultStuckRule,
    })
  }

  put(clientId: string, facts: Partial<SessionFacts> = {}): SessionFacts {
    const session = sessionFacts(clientId, { ...this.sessions.get(clientId), ...facts })
    this.sessions.set(clientId, session)
    this.#touched.set(session.generation, session)
    return session
  }

  end(clientId: string, why: 'cleaned' | 'expired' | 'disconnected' = 'expired'): void {
    const { generation } = this.sessions.get(clientId)!
    this.sessions.delete(clientId)
    this.#touched.set(generation, { ended: true, clientId, generation })
    const nothing = { by: undefined, messages: 0, bytes: 0, tombstone: undefined } as const
    this.table.learn({ kind: 'session-ended', at: this.now, clientId, generation, why, ...nothing })
  }

  #take(max: number): readonly (SessionFacts | SessionEnded)[] {
    const taken = [...this.#touched].slice(0, max)
    for (const [generation] of taken) this.#touched.delete(generation)
    return taken.map(([, one]) => one).toSorted(endedFirst)
  }
}
