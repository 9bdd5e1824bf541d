// Pictures of what cannot be shown: a question that the broker fails to answer, and a search that nothing matches.

import type { Page } from 'playwright-core'
import { places } from './resources.ts'
import { calm, type Shot } from './shot.ts'

const failing = {
  ...places,
  sessions: '/sessions',
  session: '/sessions/web-kiosk-31',
  'session-queue': '/sessions/web-kiosk-31?tab=queue',
  plan: '/plans/pl_1',
  operation: '/operations/op_1',
}

const matchless = {
  retained: '/retained?filter=nobody/%23',
  topics: '/topics?topic=nobody/here',
  'topics-subscriptions': '/topics?tab=subscriptions&filter=nobody/here',
  events: '/events?actor=nobody',
  'events-lost': '/events?tab=lost&client=nobody',
  audit: '/audit?actor=nobody',
  operations: '/operations?state=cancelled',
  settings: '/settings?q=nobody',
} as const

export const shots: readonly Shot[] = [
  ...Object.entries(failing).map(
    ([name, path]): Shot => ({
      name: `${name}-error`,
      path,
      broker: 'empty',
      prepare: fail,
      show: async page => page.getByRole('alert').first().waitFor(),
    }),
  ),
  ...Object.entries(matchless).map(
    ([name, path]): Shot => ({ name: `${name}-no-match`, path, broker: 'fleet', show: calm }),
  ),
  { name: 'nowhere', path: '/nowhere', broker: 'empty', show: nothingHere },
  { name: 'nowhere-nobody', path: '/nowhere', broker: 'empty', as: 'nobody', show: nothingHere },
]

/** What the broker says of every question but who is logged in. */
async function fail(page: Page): Promise<void> {
  await page.route(/\/api\/v1\/(?!auth\/me|events\/stream)/, route =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:holdfast:problem:store-failed',
        title: 'The store does not answer',
        status: 503,
        detail: 'The last write to the data directory failed: no space left on device.',
        requestId: '01KB0R7Q4V',
      }),
    }),
  )
}

async function nothingHere(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
}
