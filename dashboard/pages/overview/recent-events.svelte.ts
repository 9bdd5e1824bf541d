// The last twelve things that happened: fetched once, and then as they come, at a pace that can be looked at.

import type { TimelineEntry } from '../../../shared/history.ts'
import type { LiveEvent } from '../../../shared/live-events.ts'
import { get } from '../../app/api.ts'
import { live } from '../../app/live.svelte.ts'
import { Loaded } from '../../app/loaded.svelte.ts'

const SHOWN = 12
/** However much happens, the list is drawn no more often. */
const DRAW_MS = 500

export interface RecentEvent extends LiveEvent {
  readonly key: number
  readonly count: number
}

/** Made while a component is set up, and ends with it. */
export class RecentEvents {
  readonly loaded: Loaded<readonly RecentEvent[]>
  #waiting: RecentEvent[] = []
  #keys = 0
  #drawing: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.loaded = new Loaded<readonly RecentEvent[]>(async signal => {
      const query = { limit: SHOWN }
      const { data } = await get<{ readonly data: readonly TimelineEntry[] }>('/events', query, signal)
      return data.map(entry => ({ ...entry, key: --this.#keys }))
    })
    $effect(() =>
      live.follow({
        topics: ['events'],
        on: { event: event => this.#take(event), reset: () => void this.loaded.retry() },
      }),
    )
    $effect(() => () => clearTimeout(this.#drawing))
  }

  #take(event: LiveEvent): void {
    this.#waiting = [{ ...event, count: 1, key: --this.#keys }, ...this.#waiting].slice(0, SHOWN)
    this.#drawing ??= setTimeout(() => this.#draw(), DRAW_MS)
  }

  #draw(): void {
    this.#drawing = undefined
    const { data } = this.loaded
    // Until the list is there, what comes is in it.
    if (data !== undefined) this.loaded.put([...this.#waiting, ...data].slice(0, SHOWN))
    this.#waiting = []
  }
}
