// The subscriptions of a session, all of them: a session may have a thousand, which is one page.

import type { SessionSubscription } from '../../../shared/session-subscriptions.ts'
import type { Page } from '../../../shared/shapes.ts'
import { get } from '../../app/api.ts'
import { Loaded } from '../../app/loaded.svelte.ts'
import type { SessionWatch } from './session-watch.svelte.ts'

interface Answer {
  readonly data: readonly SessionSubscription[]
  readonly page: Page
}

const ROWS_MAX = 1_000

/** Made while a component is set up, and ends with it. */
export class SubscriptionsOf {
  readonly loaded: Loaded<Answer>

  constructor(watch: SessionWatch) {
    this.loaded = new Loaded(signal => get<Answer>(watch.path('/subscriptions'), { limit: ROWS_MAX }, signal))
  }

  get rows(): readonly SessionSubscription[] {
    return this.loaded.data?.data ?? []
  }

  /** How many there are beyond the page. */
  get more(): number {
    return (this.loaded.data?.page.total ?? 0) - this.rows.length
  }
}
