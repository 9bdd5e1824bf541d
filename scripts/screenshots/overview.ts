// Pictures of the overview, and of the parts of the frame that open over it.

import type { Page } from 'playwright-core'
import type { Shot } from './shot.ts'

const overview = { path: '/', broker: 'fleet' } as const

export const shots: readonly Shot[] = [
  { ...overview, name: 'overview-full', show: full },
  { ...overview, name: 'overview-viewer', as: 'viewer', show: full },
  {
    ...overview,
    name: 'overview-table',
    path: '/?rates=table&top=dropped',
    show: async page => page.getByRole('table', { name: 'Messages a second' }).waitFor(),
  },
  {
    ...overview,
    name: 'overview-empty',
    broker: 'empty',
    show: async page => page.getByRole('heading', { name: /^No sessions yet/ }).waitFor(),
  },
  {
    ...overview,
    name: 'overview-failed',
    prepare: page => page.route('**/api/v1/overview', route => route.abort()),
    show: async page => page.getByRole('alert').first().waitFor(),
  },
  {
    ...overview,
    name: 'overview-stale',
    broker: {},
    show: async (page, broker) => {
      await page.locator('.plot canvas').waitFor()
      await broker.stop()
      await page.getByText(/^As of/).waitFor()
      await broker.start()
    },
  },
  {
    ...overview,
    name: 'frame-keys',
    show: async page => {
      await full(page)
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    ...overview,
    name: 'frame-menu',
    show: async page => {
      await full(page)
      await page.getByRole('button', { name: /: menu$/ }).click()
    },
  },
  {
    ...overview,
    name: 'frame-paused',
    show: async page => {
      await full(page)
      await page.keyboard.press('p')
      await page
        .locator('header button[data-live="paused"]')
        .filter({ hasText: /[1-9] changes?/ })
        .waitFor()
    },
  },
]

async function full(page: Page): Promise<void> {
  await page.locator('.plot canvas').waitFor()
  await page.getByRole('table', { name: /^Top 10/ }).waitFor()
  await page.locator('header button[data-live="live"]').waitFor()
}
