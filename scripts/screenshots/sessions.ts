// Pictures of the list of sessions, of one session, and of acts on many.

import type { Page } from 'playwright-core'
import { calm, type Shot } from './shot.ts'

const list = { path: '/sessions?sort=-queued', broker: 'fleet' } as const
const stuck = { path: '/sessions/web-kiosk-31', broker: 'fleet' } as const

export const shots: readonly Shot[] = [
  { ...list, name: 'sessions-full', show: listed },
  { ...list, name: 'sessions-viewer', as: 'viewer', show: listed },
  { ...list, name: 'sessions-filtered', path: '/sessions?filter=state%3Astuck', show: listed },
  { ...list, name: 'sessions-panel', path: '/sessions?sort=-queued&open=web-kiosk-31', show: drawn },
  { ...list, name: 'sessions-no-match', path: '/sessions?filter=id%3Anobody-*', show: calm },
  { ...list, name: 'sessions-empty', broker: 'empty', show: calm },
  {
    ...list,
    name: 'sessions-failed',
    prepare: page => page.route('**/api/v1/sessions?*', route => route.abort()),
    show: async page => page.getByRole('alert').first().waitFor(),
  },
  {
    ...list,
    name: 'sessions-selected',
    show: async page => {
      await listed(page)
      for (const at of [1, 2, 3]) await page.getByRole('row').nth(at).locator('.select').click()
    },
  },
  { ...stuck, name: 'session-timeline', show: drawn },
  ...(['queue', 'inflight', 'subscriptions', 'connection', 'developers'] as const).map(
    (tab): Shot => ({ ...stuck, name: `session-${tab}`, path: `${stuck.path}?tab=${tab}`, show: drawn }),
  ),
  { ...stuck, name: 'session-viewer', as: 'viewer', show: drawn },
  { ...stuck, name: 'session-online', path: '/sessions/web-kiosk-01', show: drawn },
  { ...stuck, name: 'session-unknown', path: '/sessions/web-kiosk-3', show: calm },
  {
    ...stuck,
    name: 'session-clean',
    show: async page => {
      await calm(page)
      await page.getByRole('button', { name: 'Clean', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
]

async function listed(page: Page): Promise<void> {
  await calm(page)
  await page.getByRole('grid').getByRole('row').nth(1).waitFor()
}

/** The lifeline comes after what else there is to know of a session. */
async function drawn(page: Page): Promise<void> {
  await calm(page)
  await page.getByRole('region', { name: 'Lifeline' }).getByRole('img').waitFor()
  await calm(page)
}
