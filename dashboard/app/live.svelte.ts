// What the broker tells as it happens: one stream for the tab, whatever its parts listen to; paused, cut off and resumed
// without a gap.

import type { Static } from 'typebox'
import type { LiveEventName, LiveTopic, liveEventSchemas } from '../../shared/live-events.ts'
import type { ApiProblem } from './api.ts'
import { LiveLink } from './live-link.ts'
import { beginAt, covers, merge, type Want } from './live-wants.ts'

export type LiveData = { readonly [Name in LiveEventName]: Static<(typeof liveEventSchemas)[Name]> }
type Handlers = { readonly [Name in LiveEventName]?: (data: LiveData[Name]) => void }

/** What a part of the page wants to hear. `reset`: what it shows may be wrong, and is to be fetched anew. */
export interface Following extends Want {
  readonly on: Handlers
}

export type LiveState =
  /** Nobody is logged in. */
  | { readonly at: 'off' }
  | { readonly at: 'connecting' }
  | { readonly at: 'live' }
  /** So much changes that only totals come. */
  | { readonly at: 'behind' }
  /** How many changes are held back. */
  | { readonly at: 'paused'; readonly changes: number }
  /** Since when; both in milliseconds since the epoch. */
  | { readonly at: 'reconnecting'; readonly since: number }
  /** When the last news came. */
  | { readonly at: 'stale'; readonly since: number }
  | { readonly at: 'refused'; readonly problem: ApiProblem }

/** After so long without news, what is shown is called stale. */
const STALE_MS = 10_000
/** A tab that nobody looks at gives its place to others. */
const HIDDEN_MS = 30_000
/** A page that is left is mostly followed by one that wants the same. */
const LINGER_MS = 1_000
const WATCH_MS = 1_000

/** Of each event, the topic one hears it with. */
const topicOf: Readonly<Partial<Record<LiveEventName, LiveTopic>>> = {
  'sessions.delta': 'sessions',
  behind: 'sessions',
  overview: 'overview',
  event: 'events',
  'event.gap': 'events',
  operation: 'operations',
  conflict: 'conflicts',
}

type Line =
  | { readonly at: 'off' }
  | { readonly at: 'connecting' }
  | { readonly at: 'open' }
  | { readonly at: 'cut'; readonly since: number }
  | { readonly at: 'refused'; readonly problem: ApiProblem }

class Live {
  #line = $state.raw<Line>({ at: 'off' })
  #isBehind = $state.raw(false)
  #held = $state.raw<number | undefined>(undefined)
  #heardAt = $state.raw(0)
  #isStale = $state.raw(false)
  readonly #followers = new Map<Following, 'new' | 'heard'>()
  readonly #link: LiveLink
  /** Where it stood when it was paused. */
  #pausedAt: string | undefined
  #isSettling = false
  #lingering: ReturnType<typeof setTimeout> | undefined
  #onAuth: (why: LiveData['auth']['why']) => void = () => undefined

  constructor() {
    this.#link = new LiveLink({
      message: (name, data) => this.#hear(name, data),
      cut: () => this.#cut(),
      refused: problem => {
        this.#line = { at: 'refused', problem }
      },
    })
  }

  readonly state: LiveState = $derived.by(() => {
    const line = this.#line
    if (line.at === 'off' || line.at === 'refused') return line
    if (this.#held !== undefined) return { at: 'paused', changes: this.#held }
    if (line.at === 'connecting') return line
    if (line.at === 'cut')
      return this.#isStale ? { at: 'stale', since: this.#heardAt } : { at: 'reconnecting', since: line.since }
    return this.#isBehind ? { at: 'behind' } : { at: 'live' }
  })

  /** When anything came last, in milliseconds since the epoch; before that, when it began to listen. */
  get heardAt(): number {
    return this.#heardAt
  }

  get paused(): boolean {
    return this.#held !== undefined
  }

  /** Holds changes back until it is called again; what the broker is doing for somebody is told all the same. */
  togglePause(): void {
    if (this.#line.at === 'off') return
    if (this.#held === undefined) {
      this.#held = 0
      this.#pausedAt = this.#link.position
      return
    }
    this.#held = undefined
    if (this.#link.query !== undefined) this.#open(this.#pausedAt ?? this.#link.position)
  }

  /** Listens while somebody is logged in; `onAuth` hears why the broker has ended it. Returns what ends it. */
  start(onAuth: (why: LiveData['auth']['why']) => void): () => void {
    this.#onAuth = onAuth
    this.#line = { at: 'connecting' }
    this.#heardAt = Date.now()
    const ended = new AbortController()
    let sleeping: ReturnType<typeof setTimeout> | undefined
    const look = (): void => {
      clearTimeout(sleeping)
      if (document.hidden) sleeping = setTimeout(() => this.#link.close(), HIDDEN_MS)
      else this.#settle()
    }
    document.addEventListener('visibilitychange', look, { signal: ended.signal })
    const watching = setInterval(() => {
      this.#isStale = this.#line.at === 'cut' && Date.now() - this.#heardAt > STALE_MS
    }, WATCH_MS)
    this.#settle()
    return () => {
      ended.abort()
      clearTimeout(sleeping)
      clearInterval(watching)
      this.#link.close()
      this.#held = undefined
      this.#line = { at: 'off' }
    }
  }

  /**
   * Tells what it wants to hear from now on, or since its list was made; returns what ends it. The first one with a filter
   * says which sessions are told of: others without one hear of those too, and see in `unmatched` what else has changed.
   */
  follow(following: Following): () => void {
    this.#followers.set(following, 'new')
    this.#settle()
    return () => {
      this.#followers.delete(following)
      this.#settle()
    }
  }

  /** Once for all that begin and end together, as when a page takes the place of another. */
  #settle(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    queueMicrotask(() => {
      this.#isSettling = false
      this.#readjust()
    })
  }

  #readjust(): void {
    if (this.#line.at === 'off' || document.hidden) return
    clearTimeout(this.#lingering)
    const wanted = merge([...this.#followers.keys()])
    const { query, position } = this.#link
    const begin = beginAt(position, this.#newLists())
    const reachesBack = begin !== beginAt(position, [])
    if (query === undefined || !covers(query, wanted) || reachesBack) this.#open(begin)
    else if (query.topics.length > wanted.topics.length)
      this.#lingering = setTimeout(() => this.#open(this.#link.position), LINGER_MS)
    else this.#markHeard()
  }

  /** Positions of lists whose changes nobody has asked for yet. */
  #newLists(): readonly string[] {
    return [...this.#followers].flatMap(([{ since }, how]) =>
      how === 'new' && since !== undefined ? [since] : [],
    )
  }

  #open(since: string | undefined): void {
    clearTimeout(this.#lingering)
    const wanted = merge([...this.#followers.keys()])
    if (wanted.topics.length === 0) {
      this.#link.close()
      return
    }
    const begin = beginAt(since, this.#newLists())
    this.#markHeard()
    this.#link.open(wanted, begin)
  }

  #markHeard(): void {
    for (const following of this.#followers.keys()) this.#followers.set(following, 'heard')
  }

  #cut(): void {
    if (this.#line.at !== 'cut') this.#line = { at: 'cut', since: Date.now() }
  }

  #hear<Name extends LiveEventName>(name: Name, data: unknown): void {
    this.#heardAt = Date.now()
    this.#isStale = false
    if (this.#line.at !== 'open') this.#line = { at: 'open' }
    if (name === 'behind') this.#isBehind = true
    if (name === 'reset') this.#isBehind = false
    if (name === 'auth') {
      this.#onAuth((data as LiveData['auth']).why)
      return
    }
    if (this.#held !== undefined && name !== 'operation') {
      this.#held += changesIn(name, data)
      return
    }
    for (const following of [...this.#followers.keys()])
      if (concerns(following, name, data)) following.on[name]?.(data as LiveData[Name])
  }
}

function concerns({ topics }: Following, name: LiveEventName, data: unknown): boolean {
  if (name === 'reset') {
    const { why, refetch } = data as LiveData['reset']
    return why === 'other-run' || topics.some(topic => refetch.includes(topic))
  }
  const topic = topicOf[name]
  return topic === undefined || topics.includes(topic)
}

function changesIn(name: LiveEventName, data: unknown): number {
  if (name === 'event') return 1
  if (name !== 'sessions.delta') return 0
  const { up, gone } = data as LiveData['sessions.delta']
  return up.length + gone.length
}

export const live = new Live()
