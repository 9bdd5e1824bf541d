// The figures at the top of everything: totals of the moment, and rates of the last second.

import type { LiveOverview } from '../../../shared/live-events.ts'
import type { Broker } from '../../broker/broker.ts'
import type { History } from '../../read-model/history/history.ts'
import type { SessionTable } from '../../read-model/session-table.ts'
import type { Admission } from '../../transport/admission.ts'

export interface OverviewGiven {
  readonly broker: Broker
  readonly table: SessionTable
  readonly history: History
  readonly admission: Admission
}

interface Counts {
  readonly at: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly dropped: number
  readonly connects: number
}

export class OverviewSource {
  readonly #given: OverviewGiven
  #last: Counts
  #rates: LiveOverview['rates']

  constructor(given: OverviewGiven) {
    this.#given = given
    this.#last = this.#count()
    this.#rates = ratesBetween(this.#last, this.#last)
  }

  /** To be called once a second: rates are between two of these. */
  measure(): void {
    const count = this.#count()
    this.#rates = ratesBetween(this.#last, count)
    this.#last = count
  }

  /** Totals as they are now, so that they agree with lists that are read beside them. */
  read(): LiveOverview {
    const { broker, table, history, admission } = this.#given
    const { durable, retained, router, settings } = broker.parts
    const { sessions, online, queued, bytes, stuck } = table.totals
    return {
      at: new Date(broker.parts.clock.now()).toISOString(),
      sessions,
      online,
      offline: sessions - online,
      stuck,
      expiring: table.expiring,
      conflicts: history.conflicts.active,
      queued: { count: queued, bytes },
      retained: retained.messages,
      subscriptions: router.subscriptions,
      connections: admission.connections,
      rates: this.#rates,
      store: {
        engine: durable.engine,
        durability: durable.engine === 'memory' ? 'memory' : settings.durability,
        bytes: durable.totals().bytes,
        bytesMax: settings.storeBytesMax,
        problem: durable.problem ?? null,
      },
    }
  }

  #count(): Counts {
    const { broker, admission } = this.#given
    const { clock, counters } = broker.parts
    return {
      at: clock.now(),
      messagesIn: counters.messagesReceived,
      messagesOut: counters.messagesSent,
      dropped: counters.messagesDropped,
      connects: admission.entered,
    }
  }
}

/** A second; 0 as long as no time has passed. */
function ratesBetween(before: Counts, after: Counts): LiveOverview['rates'] {
  const seconds = (after.at - before.at) / 1000
  const rate = (name: Exclude<keyof Counts, 'at'>): number =>
    seconds > 0 ? Math.round(((after[name] - before[name]) / seconds) * 10) / 10 : 0
  return {
    messagesIn: rate('messagesIn'),
    messagesOut: rate('messagesOut'),
    dropped: rate('dropped'),
    connects: rate('connects'),
  }
}
