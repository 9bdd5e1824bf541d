// What the broker remembers: it learns each event as it happens, and writes what is worth keeping once a second.

import type { Conflict } from '../../../shared/conflict.ts'
import type {
  Lifeline,
  LossCount as LossCountAnswer,
  LostMessage,
  Series as SeriesAnswer,
  SeriesName,
  TimelineEntry,
} from '../../../shared/history.ts'
import { after, type Clock, every, type Millis } from '../../clock.ts'
import type { BrokerEvent } from '../../events.ts'
import type { Log } from '../../log.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { Conflicts } from './conflicts.ts'
import { describe, type Happening } from './describe.ts'
import { type LifelineOf, readLifelines } from './lifeline.ts'
import { ROWS_PER_WRITE, SAMPLE_MS } from './limits.ts'
import { type Look, Losses } from './losses.ts'
import { MinuteReadings } from './minute-readings.ts'
import { openMemory } from './open-memory.ts'
import { type LostQuery, readLost } from './read-losses.ts'
import { type EventsQuery, type Page, readEvents, readTimeline, type TimelineQuery } from './read-timeline.ts'
import {
  REMEMBERED_ROWS_MAX,
  type Remembered,
  type RememberedQuery,
  remember,
  rememberedKinds,
} from './remembered.ts'
import { Retention, type RetentionLimits } from './retention.ts'
import { type Reading, Series } from './series.ts'
import type { FindSession } from './session-of.ts'
import { forgetStateStatement, stateStatement } from './statements.ts'
import { Timeline, type TimelineRow } from './timeline.ts'
import { HistoryWriter } from './writer.ts'

const WRITE_MS = 1_000
const TIDY_MS = 60_000

export interface HistoryGiven {
  readonly clock: Clock
  readonly log: Log
  readonly find: FindSession
  readonly look: Look
  /** What there is at the moment, for charts. */
  read(): Omit<Reading, 'conflicts' | 'connects'>
  /** Hears of each row of the timeline as it comes about, so that nobody else has to describe the event once more. */
  happened(happening: Happening): void
  /** A client id is fought over from now on, or no longer. */
  conflictChanged(clientId: string, isActive: boolean): void
}

interface Open {
  readonly side: SideDatabase
  readonly writer: HistoryWriter
  readonly retention: Retention
  readonly stops: readonly (() => void)[]
}

/** Learns from the first event on; reads and writes from `open` on. */
export class History {
  readonly conflicts: Conflicts
  readonly #given: HistoryGiven
  readonly #timeline = new Timeline()
  readonly #losses: Losses
  readonly #series = new Series()
  readonly #minutes = new MinuteReadings()
  readonly #restart: TimelineRow
  #connects = 0
  #open: Open | undefined = undefined
  #willWriteSoon = false
  #hasFailed = false

  constructor(given: HistoryGiven) {
    this.#given = given
    this.#losses = new Losses(given.look)
    this.conflicts = new Conflicts({
      changed: (clientId, isActive) => given.conflictChanged(clientId, isActive),
    })
    const restart: Happening = {
      kind: 'broker.restart',
      at: given.clock.now(),
      clientId: '',
      generation: undefined,
      actor: undefined,
      data: {},
    }
    // The first row of this process; when it was down is known once the database is open.
    this.#restart = this.#timeline.begin(restart, false)!
  }

  /** Brings the tables up to date and takes up what an earlier process has left; rejects with SideProblem. */
  async open(side: SideDatabase, limits: RetentionLimits): Promise<void> {
    const { clock, log, find } = this.#given
    const memory = await openMemory(side, {
      now: this.#restart.happening.at,
      find,
      losses: this.#losses,
      conflicts: this.conflicts,
      series: this.#series,
    })
    this.#restart.data = memory.restart
    const retention = new Retention(side, limits)
    await retention.open()
    const [timeline, losses] = [this.#timeline, this.#losses]
    const { behind } = memory
    const writer = new HistoryWriter({ side, clock, log, find, timeline, losses, retention, behind })
    await writer.write(forgetStateStatement('stopped-at'))
    const stops = [
      every(WRITE_MS, () => this.#tick()),
      every(SAMPLE_MS, () => this.#takeReading()),
      every(TIDY_MS, () => this.#tidy()),
    ]
    this.#open = { side, writer, retention, stops }
    this.#takeReading()
  }

  /** Writes what is left; what happens from here on is not remembered. */
  async close(): Promise<void> {
    if (this.#open === undefined) return
    const { writer, retention, stops } = this.#open
    this.#open = undefined
    for (const stop of stops) stop()
    await retention.stop()
    this.#losses.releaseAll()
    await writer.writeAll()
    await writer.write(stateStatement('stopped-at', this.#given.clock.now()))
  }

  /** Takes a microsecond or two, a fifth of one for a lost message; never throws. */
  learn(event: BrokerEvent): void {
    try {
      if (event.kind === 'message-lost') this.#losses.learn(event)
      else this.#learn(event)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Messages that the session has lost, restarts included, but not those that an operator took away. */
  dropped(clientId: string): number {
    return this.#losses.find(clientId)?.dropped ?? 0
  }

  /** By reason; of the session that has that client id now. */
  losses(clientId: string): readonly LossCountAnswer[] {
    const counts = this.#losses.find(clientId)?.counts ?? []
    return counts.map(({ reason, count, bytes, lastAt }) => {
      return { reason, count, bytes, lastAt: new Date(lastAt).toISOString() }
    })
  }

  async timeline(clientId: string, query: TimelineQuery): Promise<Page<TimelineEntry>> {
    return readTimeline(this.#upToDate(), clientId, query)
  }

  /** What it adds to the facts that a diagnosis is made from. */
  async remembered(clientId: string, query: RememberedQuery): Promise<Remembered> {
    const page = await this.timeline(clientId, { kinds: rememberedKinds, limit: REMEMBERED_ROWS_MAX })
    return remember(page.data, query)
  }

  async events(query: EventsQuery): Promise<Page<TimelineEntry>> {
    return readEvents(this.#upToDate(), query)
  }

  async lostMessages(query: LostQuery): Promise<Page<LostMessage>> {
    return readLost(this.#upToDate(), query)
  }

  async lifelines(clients: readonly LifelineOf[], since: Millis): Promise<readonly Lifeline[]> {
    return readLifelines(this.#upToDate(), clients, since)
  }

  series(names: readonly SeriesName[], from: Millis, stepMs: Millis): readonly SeriesAnswer[] {
    return this.#series.read(names, from, this.#given.clock.now(), stepMs)
  }

  findConflict(clientId: string): Conflict | undefined {
    return this.conflicts.find(clientId, this.#given.clock.now())
  }

  listConflicts(windowMs: Millis): readonly Conflict[] {
    return this.conflicts.list(windowMs, this.#given.clock.now())
  }

  #learn(event: Exclude<BrokerEvent, { kind: 'message-lost' }>): void {
    const { clientId, at } = event
    if (event.kind === 'taken-over') this.conflicts.learn(event)
    if (event.kind === 'session-ended') this.#end(clientId, event.generation)
    if ('by' in event && event.by !== undefined && event.kind !== 'taken-over') {
      this.#losses.blame(clientId, event.by.actor, at)
    }
    const happening = describe(event)
    if (happening === undefined) return
    this.#given.happened(happening)
    if (event.kind === 'connect-refused' && this.#given.find(clientId) === undefined) {
      this.#timeline.addOfStranger(happening)
    } else {
      this.#add(happening)
    }
    if (event.kind !== 'connected') return
    this.#connects++
    if (event.redelivering === 0) return
    this.conflicts.redelivered(clientId, event.redelivering)
    this.#add({ ...happening, kind: 'redelivered', data: { messages: event.redelivering } })
  }

  #add(happening: Happening): void {
    const session = this.#given.find(happening.clientId)
    // A session that is no more has been ended by its connection, or was one that is worth remembering.
    const isPassing = session === undefined ? happening.kind === 'ended' : !session.isKept
    this.#timeline.add(happening, isPassing)
    if (this.#timeline.pending >= ROWS_PER_WRITE) this.#writeSoon()
  }

  #end(clientId: string, generation: string): void {
    if (this.#losses.find(clientId) === undefined) return
    this.#losses.forget(clientId)
    this.#open?.writer.dropCounts(clientId, generation)
  }

  #tick(): void {
    this.conflicts.settle(this.#given.clock.now())
    this.#write()
  }

  /** In a storm it does not wait for the second to be over. */
  #writeSoon(): void {
    if (this.#willWriteSoon || this.#open === undefined) return
    this.#willWriteSoon = true
    after(0, () => {
      this.#willWriteSoon = false
      this.#write()
    })
  }

  #write(): void {
    const writing = this.#open?.writer.write()
    void writing?.then(() => {
      if (this.#timeline.pending >= ROWS_PER_WRITE) this.#writeSoon()
    })
  }

  #takeReading(): void {
    const { clock, read } = this.#given
    const now = clock.now()
    const conflicts = this.conflicts.active
    const measured = this.#series.learn(now, { ...read(), conflicts, connects: this.#connects })
    if (measured === undefined) return
    const statements = this.#minutes.learn(now, measured)
    if (statements.length > 0) void this.#open?.writer.write(...statements)
  }

  #tidy(): void {
    const open = this.#open
    if (open === undefined) return
    open.retention.tidy(this.#given.clock.now()).catch((error: unknown) => this.#failed(error))
  }

  /** Whoever reads sees what has happened before, unless thousands of rows still wait in a storm. */
  #upToDate(): SideDatabase {
    if (this.#open === undefined) throw new Error('the history is not open')
    void this.#open.writer.write()
    return this.#open.side
  }

  /** A mistake in here is not the broker's: it goes on, and says so once. */
  #failed(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#given.log.error('the history has failed', { reason })
  }
}
