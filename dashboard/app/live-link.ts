// One event stream at a time: opened, watched for silence, and opened again from where it was when it breaks.

import type { LiveEventName } from '../../shared/live-events.ts'
import { type ApiProblem, apiUrl, whyRefused } from './api.ts'
import type { StreamQuery } from './live-wants.ts'

const PATH = '/events/stream'
/** The broker sends figures each second; a line that is silent for so long is dead, whatever the browser believes. */
const SILENT_MS = 6_000
/** The last one is how often a broker that stays away is asked for. */
const AGAIN_AFTER_MS = [300, 1_000, 2_000, 4_000] as const

/** Exhaustive, because a browser drops events that nobody has named. */
const names: Readonly<Record<LiveEventName, true>> = {
  hello: true,
  'sessions.delta': true,
  overview: true,
  event: true,
  'event.gap': true,
  operation: true,
  conflict: true,
  reset: true,
  behind: true,
  auth: true,
}

export interface LinkHears {
  /** Anything that comes; `hello` is the first of each stream. */
  message(name: LiveEventName, data: unknown): void
  /** It broke, and is being opened again. */
  cut(): void
  /** The broker will not have it; it is tried again all the same. */
  refused(problem: ApiProblem): void
}

export class LiveLink {
  readonly #hears: LinkHears
  #source: EventSource | undefined
  #query: StreamQuery | undefined
  #position: string | undefined
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(hears: LinkHears) {
    this.#hears = hears
  }

  /** After the newest event before which everything was heard. */
  get position(): string | undefined {
    return this.#position
  }

  /** What the stream is asked for; undefined while it is closed. */
  get query(): StreamQuery | undefined {
    return this.#query
  }

  open(query: StreamQuery, since: string | undefined): void {
    this.#query = query
    this.#position = since
    this.#failures = 0
    this.#connect()
  }

  /** Its position stays. */
  close(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = undefined
    this.#query = undefined
  }

  #connect(): void {
    if (this.#query === undefined) return
    this.#source?.close()
    const source = new EventSource(apiUrl(PATH, this.#asked(this.#query)))
    this.#source = source
    for (const name of Object.keys(names) as LiveEventName[])
      source.addEventListener(name, (event: MessageEvent<string>) => this.#hear(source, name, event))
    source.addEventListener('error', () => void this.#fail(source))
    this.#expectNews()
  }

  #asked({ topics, filter }: StreamQuery): Readonly<Record<string, string | undefined>> {
    return { topics: topics.join(','), filter, since: this.#position }
  }

  #hear(source: EventSource, name: LiveEventName, event: MessageEvent<string>): void {
    if (source !== this.#source) return
    if (event.lastEventId !== '') this.#position = event.lastEventId
    this.#failures = 0
    this.#expectNews()
    this.#hears.message(name, JSON.parse(event.data))
  }

  #expectNews(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#fail(this.#source), SILENT_MS)
  }

  async #fail(source: EventSource | undefined): Promise<void> {
    if (source === undefined || source !== this.#source) return
    clearTimeout(this.#timer)
    // A browser gives up where the answer was no stream at all.
    const wasRefused = source.readyState === EventSource.CLOSED
    source.close()
    this.#source = undefined
    const after = AGAIN_AFTER_MS[Math.min(this.#failures++, AGAIN_AFTER_MS.length - 1)]
    this.#timer = setTimeout(() => this.#connect(), after)
    const problem =
      wasRefused && this.#query !== undefined ? await whyRefused(PATH, this.#asked(this.#query)) : undefined
    if (this.#query === undefined) return
    if (problem === undefined) this.#hears.cut()
    else this.#hears.refused(problem)
  }
}
