// Pictures of what opens over a page: menus, choosers and dialogs.

import type { Page } from 'playwright-core'
import { calm, type Shot } from './shot.ts'

const list = { path: '/sessions?sort=-queued', broker: 'fleet' } as const

export const shots: readonly Shot[] = [
  { ...list, name: 'sessions-menu-columns', show: async page => opened(page, /^Columns/) },
  { ...list, name: 'sessions-menu-views', show: async page => opened(page, /^Views?/) },
  { ...list, name: 'sessions-menu-export', show: async page => opened(page, /^Export/) },
  {
    ...list,
    name: 'sessions-filtering',
    show: async page => {
      await calm(page)
      await page.getByRole('combobox', { name: /filter/i }).fill('sta')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    ...list,
    name: 'sessions-filter-wrong',
    path: '/sessions?filter=idd%3Ax',
    show: calm,
  },
  {
    ...list,
    name: 'session-message',
    path: '/sessions/web-kiosk-31?tab=queue',
    show: async page => {
      await calm(page)
      await page.getByRole('row').nth(1).click()
    },
  },
  { ...list, name: 'frame-search', show: search },
  {
    ...list,
    name: 'settings-user-form',
    path: '/settings?tab=users',
    show: async page => asked(page, 'Add a user'),
  },
  {
    ...list,
    name: 'settings-user-remove',
    path: '/settings?tab=users',
    show: async page => asked(page, 'Remove ben'),
  },
  {
    ...list,
    name: 'settings-key-form',
    path: '/settings?tab=keys',
    show: async page => asked(page, 'Make a key'),
  },
  {
    ...list,
    name: 'settings-key-made',
    path: '/settings?tab=keys',
    broker: 'empty',
    show: async page => {
      await asked(page, 'Make a key')
      // One of its own for each picture.
      const name = `report ${(await page.getByRole('row').count()) + 1}`
      await page.getByRole('dialog').getByLabel('Name').fill(name)
      await page.getByRole('button', { name: 'Make the key' }).click()
      await page.getByRole('region', { name: `The key ${name}` }).waitFor()
    },
  },
  {
    ...list,
    name: 'settings-changing',
    path: '/settings?q=stuck',
    show: async page => {
      await calm(page)
      await page
        .getByRole('button', { name: /^Change/ })
        .first()
        .click()
    },
  },
  {
    ...list,
    name: 'retained-one',
    path: '/retained',
    show: async page => {
      await calm(page)
      await page.getByRole('table').getByRole('link').first().click()
      await calm(page)
    },
  },
  {
    ...list,
    name: 'audit-one',
    path: '/audit',
    show: async page => {
      await calm(page)
      await page.getByRole('table').getByRole('button').first().click()
    },
  },
]

async function opened(page: Page, name: RegExp): Promise<void> {
  await calm(page)
  await page.getByRole('button', { name }).first().click()
}

async function asked(page: Page, name: string): Promise<void> {
  await calm(page)
  await page.getByRole('button', { name }).click()
  await page.getByRole('dialog').waitFor()
}

async function search(page: Page): Promise<void> {
  await calm(page)
  await page.keyboard.press('/')
}
