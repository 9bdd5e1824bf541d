// What happens now, for everybody who watches: events in a ring, changes of the table, figures once a second.

import type { LiveConflict, LiveEvent, LiveOverview } from '../../../shared/live-events.ts'
import type { Operation } from '../../../shared/operation.ts'
import { type Clock, every, nextTurn } from '../../clock.ts'
import { LIVE_FLUSH_MS, LIVE_OVERVIEW_MS } from '../../limits.ts'
import type { Happening } from '../../read-model/history/describe.ts'
import type { SessionTable } from '../../read-model/session-table.ts'
import { EventRing, type Numbered } from './event-ring.ts'
import type { LiveStream } from './live-stream.ts'

export type LiveNews =
  | { readonly topic: 'events'; readonly name: 'event'; readonly data: LiveEvent }
  | { readonly topic: 'operations'; readonly name: 'operation'; readonly data: Operation }
  | { readonly topic: 'conflicts'; readonly name: 'conflict'; readonly data: LiveConflict }

export interface HubGiven {
  readonly clock: Clock
  readonly table: SessionTable
  readonly overview: { read(): LiveOverview; measure(): void }
}

export class LiveHub {
  readonly #given: HubGiven
  readonly #ring = new EventRing<LiveNews>()
  readonly #streams = new Set<LiveStream>()
  #isFlushing = false

  constructor(given: HubGiven) {
    this.#given = given
  }

  /** Returns how to stop; streams that are still open then end. */
  start(): () => void {
    const stops = [
      this.#given.table.onFold(change => {
        for (const stream of this.#streams) stream.changed(change)
      }),
      every(LIVE_FLUSH_MS, () => void this.#flush()),
      every(LIVE_OVERVIEW_MS, () => this.#eachSecond()),
    ]
    return () => {
      for (const stop of stops) stop()
      for (const stream of this.#streams) stream.end()
    }
  }

  get table(): SessionTable {
    return this.#given.table
  }

  get now(): number {
    return this.#given.clock.now()
  }

  /** Number of the newest event. */
  get lastEvent(): number {
    return this.#ring.last
  }

  eventsSince(number: number): readonly Numbered<LiveNews>[] | undefined {
    return this.#ring.since(number, this.now)
  }

  happened(happening: Happening): void {
    const { kind, at, clientId, generation = null, actor = null, data } = happening
    const live = { kind, at: new Date(at).toISOString(), clientId: clientId || null, generation, actor, data }
    this.tell({ topic: 'events', name: 'event', data: live })
  }

  tell(news: LiveNews): void {
    const numbered = this.#ring.add(this.now, news)
    for (const stream of this.#streams) stream.happened(numbered)
  }

  /** Totals of the moment, rates of the last second. */
  get overview(): LiveOverview {
    return this.#given.overview.read()
  }

  get streams(): Iterable<LiveStream> {
    return this.#streams
  }

  add(stream: LiveStream): void {
    this.#streams.add(stream)
  }

  remove(stream: LiveStream): void {
    this.#streams.delete(stream)
  }

  /** In as many turns as there are portions for readers: what is made for many of them does not hold up messages. */
  async #flush(): Promise<void> {
    if (this.#isFlushing) return
    this.#isFlushing = true
    for (const stream of [...this.#streams]) {
      while (stream.flush()) await nextTurn()
      await nextTurn()
    }
    this.#isFlushing = false
  }

  #eachSecond(): void {
    // The rates are between two looks, so there is one each second, watched or not.
    this.#given.overview.measure()
    if (this.#streams.size === 0) return
    const { overview } = this
    for (const stream of this.#streams) {
      stream.checkStanding()
      stream.overview(overview)
    }
  }
}
