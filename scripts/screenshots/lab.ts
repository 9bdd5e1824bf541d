// Pictures of the Lab: before anything has run, half way, and with what came of it.

import type { Page } from 'playwright-core'
import { calm, type Shot } from './shot.ts'

const RUN_MS = 60_000
const lab = { path: '/lab?test=classic-4', broker: {} } as const

export const shots: readonly Shot[] = [
  {
    ...lab,
    name: 'lab-steps',
    path: '/lab?test=classic-4&steps=yes',
    show: async page => {
      await calm(page)
      await page.getByRole('button', { name: 'Run this test' }).click()
      for (const step of ['Connect', 'Subscribe', 'Go away']) {
        await page.getByText(`next: ${step}`).waitFor()
        await page.getByRole('button', { name: 'Next step' }).click()
      }
      await page.getByText('next: Another client publishes 5').waitFor()
    },
  },
  { ...lab, name: 'lab-passed', show: runAll },
  {
    ...lab,
    name: 'lab-trouble',
    prepare: page => page.routeWebSocket(/\/mqtt$/, route => route.close()),
    show: async page => {
      await calm(page)
      await page.getByRole('button', { name: 'Run this test' }).click()
      await page
        .getByText(/^No WebSocket to|not open/)
        .first()
        .waitFor()
    },
  },
]

async function runAll(page: Page): Promise<void> {
  await calm(page)
  if ((await page.getByText(/^\d+ passed/).count()) > 0) return
  await page.getByRole('button', { name: /^Run all/ }).click()
  await page.getByRole('button', { name: 'Run this test' }).waitFor({ timeout: RUN_MS })
}
