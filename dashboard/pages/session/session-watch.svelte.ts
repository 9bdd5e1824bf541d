// One session as its page follows it: all there is to say of it, what is the matter with it, and that it has changed.

import { untrack } from 'svelte'
import type { Diagnosis } from '../../../shared/diagnosis.ts'
import type { LiveEvent, SessionsDelta } from '../../../shared/live-events.ts'
import { pathSegment } from '../../../shared/path-segment.ts'
import type { SessionDetail } from '../../../shared/session-detail.ts'
import { ApiProblem, get } from '../../app/api.ts'
import { live } from '../../app/live.svelte.ts'
import { Loaded } from '../../app/loaded.svelte.ts'
import { atMostEvery } from './at-most-every.ts'
import { onlyThis } from './only-this.ts'

/** A busy session changes all the time; more often than this nobody can read it. */
const LOOK_MS = 1_000
/** A diagnosis reads the history. */
const DIAGNOSE_MS = 3_000
/** It tells for how long the session is there, or away, which grows while nothing happens: at first fast. */
const AGAIN_MIN_MS = 5_000
const AGAIN_MAX_MS = 60_000

/** That there is none is an answer, too: with what is known of the last one. */
export type Found =
  | { readonly at: 'found'; readonly detail: SessionDetail }
  | { readonly at: 'missing'; readonly problem: ApiProblem }

/** Made while a component is set up, and ends with it. */
export class SessionWatch {
  readonly clientId: string
  readonly found: Loaded<Found>
  readonly diagnosis: Loaded<Diagnosis>
  /** Grow when the session has changed, and when something has happened to it: what shows more of it looks anew. */
  #changes = $state.raw(0)
  #happenings = $state.raw(0)
  #newsAt = performance.now()
  /** While it is followed. */
  #ageing: ReturnType<typeof setTimeout> | undefined
  readonly #look = atMostEvery(LOOK_MS, async () => {
    await this.found.retry()
    this.#changes++
  })
  readonly #diagnose = atMostEvery(DIAGNOSE_MS, async () => {
    if (this.missing === undefined) await this.diagnosis.retry()
  })
  readonly #read = atMostEvery(LOOK_MS, () => {
    this.#happenings++
  })

  constructor(clientId: string) {
    this.clientId = clientId
    this.found = new Loaded(signal => find(this.path(), signal))
    this.diagnosis = new Loaded(signal => get<Diagnosis>(this.path('/diagnosis'), {}, signal))
  }

  get detail(): SessionDetail | undefined {
    const found = this.found.data
    return found?.at === 'found' ? found.detail : undefined
  }

  /** Why there is no such session; undefined when there is one, or nobody knows yet. */
  get missing(): ApiProblem | undefined {
    const found = this.found.data
    return found?.at === 'missing' ? found.problem : undefined
  }

  get changes(): number {
    return this.#changes
  }

  get happenings(): number {
    return this.#happenings
  }

  path(rest = ''): string {
    return `/sessions/${pathSegment(this.clientId)}${rest}`
  }

  /** From what was found on; `besideList`: the list says which sessions are told of. Returns what ends it. */
  follow(besideList: boolean): () => void {
    const ends = live.follow({
      topics: ['sessions', 'events'],
      filter: besideList ? undefined : onlyThis(this.clientId),
      since: untrack(() => this.detail?.asOf),
      on: {
        // What happened while the stream was being opened stands in the timeline.
        hello: () => this.#read.ask(),
        'sessions.delta': delta => {
          if (this.#concerns(delta)) this.lookAnew()
        },
        event: event => {
          if (this.#isOfThis(event)) this.#read.ask()
        },
        'event.gap': () => this.#read.ask(),
        reset: () => {
          this.lookAnew()
          this.#read.ask()
        },
      },
    })
    this.#stayTrue()
    return () => {
      ends()
      clearTimeout(this.#ageing)
      this.#ageing = undefined
      for (const paced of [this.#look, this.#diagnose, this.#read]) paced.end()
    }
  }

  /** Also after an act of one's own, which need not wait for the stream. */
  lookAnew(): void {
    this.#look.ask()
    this.#diagnose.ask()
    this.#newsAt = performance.now()
    if (this.#ageing !== undefined) this.#stayTrue()
  }

  /** Diagnoses anew while nothing happens, the less often the longer that is so. */
  #stayTrue(): void {
    clearTimeout(this.#ageing)
    const quietMs = performance.now() - this.#newsAt
    this.#ageing = setTimeout(
      () => {
        if (!document.hidden && !live.paused) this.#diagnose.ask()
        this.#stayTrue()
      },
      Math.min(AGAIN_MAX_MS, Math.max(AGAIN_MIN_MS, quietMs / 4)),
    )
  }

  #concerns({ up, gone, unmatched }: SessionsDelta): boolean {
    const { clientId } = this
    return (
      unmatched.includes(clientId) ||
      up.some(one => one.clientId === clientId) ||
      gone.some(one => one.clientId === clientId)
    )
  }

  /** What happens to the broker stands in every timeline. */
  #isOfThis({ clientId }: LiveEvent): boolean {
    return clientId === this.clientId || clientId === null
  }
}

async function find(path: string, signal: AbortSignal): Promise<Found> {
  try {
    return { at: 'found', detail: await get<SessionDetail>(path, {}, signal) }
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 404) return { at: 'missing', problem }
    throw problem
  }
}
