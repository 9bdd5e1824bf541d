// One reader of the live stream: what it listens to, what it may see, and what waits for it. Changes of one session
// become one, and nothing is made for a reader that has not taken what was made before.

import type { Filter } from '../../../shared/filter-grammar.ts'
import type { LiveEventName, LiveOverview, LiveTopic, SessionsDelta } from '../../../shared/live-events.ts'
import { LIVE_DELTA_SESSIONS_MAX, LIVE_EVENTS_PENDING_MAX, LIVE_KEYS_PENDING_MAX } from '../../limits.ts'
import type { Gone } from '../../read-model/table/changes.ts'
import type { TableChange } from '../../read-model/table/feed.ts'
import type { Fallen } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { Numbered } from './event-ring.ts'
import type { LiveHub, LiveNews } from './live-hub.ts'
import { formatPosition, parsePosition } from './live-position.ts'
import type { SseWriter } from './sse-writer.ts'

export interface StreamGiven {
  readonly hub: LiveHub
  readonly writer: SseWriter
  readonly actor: Actor
  /** Why it may not go on; undefined while it may. */
  readonly standing: () => Fallen | undefined
  readonly topics: ReadonlySet<LiveTopic>
  readonly filter: Filter
}

export class LiveStream {
  readonly actor: Actor
  readonly #given: StreamGiven
  /** Client ids of sessions that have changed. */
  readonly #up = new Set<string>()
  readonly #gone = new Map<string, Gone>()
  #events: Numbered<LiveNews>[] = []
  #missedEvents = 0
  #overview: LiveOverview | undefined = undefined
  #isBehind = false
  #asOf: string
  #lastEvent: number

  constructor(given: StreamGiven) {
    this.#given = given
    this.actor = given.actor
    this.#asOf = given.hub.table.asOf
    this.#lastEvent = given.hub.lastEvent
  }

  /** Says where the stream stands, and goes on from where the reader was, if it was here before. */
  begin(since: string | undefined): void {
    const { hub, topics } = this.#given
    const position = since === undefined ? undefined : parsePosition(since)
    const hello = { asOf: this.#asOf, topics: [...topics] }
    // What was missed is yet to be told, so a reader that is cut off right here must come back with the id it had.
    if (position === undefined) this.#send('hello', hello)
    else this.#given.writer.send('hello', undefined, hello)
    if (position !== undefined) this.#resume(position.asOf, position.event)
    if (topics.has('overview')) this.#overview = hub.overview
    this.flush()
  }

  #resume(asOf: string, event: number | undefined): void {
    const { hub, topics } = this.#given
    const refetch: LiveTopic[] = []
    let why: 'other-run' | 'ring-overrun' = 'ring-overrun'
    const changed = hub.table.since(asOf)
    if ('at' in changed) {
      why = changed.why
      if (topics.has('sessions')) refetch.push('sessions')
    } else if (topics.has('sessions')) {
      for (const one of changed.gone) this.#noteGone(one)
      for (const clientId of changed.up) this.#noteUp(clientId)
    }
    const events = why === 'other-run' || event === undefined ? undefined : hub.eventsSince(event)
    for (const one of events ?? []) this.happened(one)
    // Whoever comes with the position of a list has seen no events that it could have missed.
    const cameBack = event !== undefined || why === 'other-run'
    if (events === undefined && cameBack)
      refetch.push(...[...topics].filter(topic => topic !== 'sessions' && topic !== 'overview'))
    if (refetch.length > 0) this.#send('reset', { why, refetch })
  }

  /** Rows are only good until the next change, so their client ids are taken at once. */
  changed(change: TableChange): void {
    this.#asOf = change.asOf
    if (!this.#given.topics.has('sessions')) return
    for (const one of change.gone) this.#noteGone(one)
    for (const row of change.up) this.#noteUp(this.#given.hub.table.clientIdOf(row))
  }

  happened(event: Numbered<LiveNews>): void {
    this.#lastEvent = event.number
    const { topics } = this.#given
    if (!topics.has(event.value.topic) || !this.#maySee(event.value)) return
    if (this.#events.length >= LIVE_EVENTS_PENDING_MAX) {
      this.#events.shift()
      this.#missedEvents++
    }
    this.#events.push(event)
  }

  overview(overview: LiveOverview): void {
    if (this.#given.topics.has('overview')) this.#overview = overview
  }

  /** Sends some of what waits, unless the reader has not taken what was sent before; true when it could take more at once. */
  flush(): boolean {
    if (this.#given.writer.isFull) return false
    if (this.#isBehind) this.#catchUp()
    else if (this.#up.size + this.#gone.size > 0) this.#sendDelta()
    if (this.#up.size > 0) return !this.#given.writer.isFull
    this.#sendEvents()
    if (this.#overview !== undefined && !this.#given.writer.isFull) this.#send('overview', this.#overview)
    this.#overview = undefined
    return false
  }

  /** Ends it for who may not look any more. */
  checkStanding(): void {
    const why = this.#given.standing()
    if (why === undefined) return
    this.#send('auth', { why })
    this.end()
  }

  end(): void {
    this.#given.writer.end()
  }

  #sendDelta(): void {
    const { hub, filter } = this.#given
    const matches = hub.table.predicate(filter)
    const up: SessionsDelta['up'] = []
    const unmatched: string[] = []
    for (const clientId of this.#up) {
      this.#up.delete(clientId)
      const row = hub.table.rowOf(clientId)
      if (row === undefined) continue
      if (matches(row)) up.push(hub.table.summary(row))
      else unmatched.push(clientId)
      if (up.length + unmatched.length >= LIVE_DELTA_SESSIONS_MAX) break
    }
    const gone = [...this.#gone.values()]
    this.#gone.clear()
    this.#send('sessions.delta', { asOf: this.#asOf, up, gone, unmatched } satisfies SessionsDelta)
  }

  #sendEvents(): void {
    if (this.#missedEvents > 0) this.#send('event.gap', { missed: this.#missedEvents })
    this.#missedEvents = 0
    while (!this.#given.writer.isFull) {
      const next = this.#events.shift()
      if (next === undefined) return
      this.#send(next.value.name, next.value.data)
    }
  }

  /** It has taken everything, so the next changes can be told again; what lies between is to be fetched. */
  #catchUp(): void {
    this.#isBehind = false
    this.#send('reset', { why: 'ring-overrun', refetch: ['sessions'] })
  }

  #noteUp(clientId: string): void {
    if (this.#isBehind || !this.actor.mayTouch(clientId)) return
    this.#up.add(clientId)
    this.#boundPending()
  }

  #noteGone(gone: Gone): void {
    if (this.#isBehind || !this.actor.mayTouch(gone.clientId)) return
    this.#gone.set(gone.generation, gone)
    this.#boundPending()
  }

  /** A reader that is so far behind gets the list anew when it is ready, and costs nothing until then. */
  #boundPending(): void {
    const pendingKeys = this.#up.size + this.#gone.size
    if (pendingKeys <= LIVE_KEYS_PENDING_MAX) return
    this.#up.clear()
    this.#gone.clear()
    this.#isBehind = true
    this.#send('behind', { pendingKeys })
  }

  #maySee(news: LiveNews): boolean {
    if (news.topic === 'operations') return this.actor.facts.clientIdPrefix === undefined
    return this.actor.mayTouch(news.data.clientId ?? '')
  }

  /** An id stands only where everything before it was told: at the end of what a flush sends. */
  #send(name: LiveEventName, data: unknown): void {
    const nothingWaits = this.#events.length === 0 && this.#up.size + this.#gone.size === 0 && !this.#isBehind
    const id = nothingWaits ? formatPosition(this.#asOf, this.#lastEvent) : undefined
    this.#given.writer.send(name, id, data)
  }
}
