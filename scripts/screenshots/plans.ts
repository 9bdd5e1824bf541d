// Pictures of acts on many sessions: the plan, one that has run out, the operation while it runs and when it has ended.

import type { Page } from 'playwright-core'
import { calm, type Shot } from './shot.ts'

const HANDHELDS = '/sessions?filter=id%3Ahandheld-*&sort=id'
const SHOPS = '/sessions?filter=id%3Aweb-shop-*&sort=id'

const plan = { path: HANDHELDS, broker: 'fleet' } as const

/** What has been done once is looked at in every picture. */
let operationUrl: string | undefined

export const shots: readonly Shot[] = [
  { ...plan, name: 'plan-preview', show: async page => preview(page, 'Clean…') },
  {
    ...plan,
    name: 'plan-left-out',
    show: async page => {
      await preview(page, 'Clean…')
      await page.getByLabel('handheld-02 is meant').uncheck()
      await page.getByText('Left out by you').waitFor()
    },
  },
  {
    ...plan,
    name: 'plan-online',
    path: '/sessions?filter=id%3Aweb-kiosk-*&sort=id',
    show: async page => preview(page, 'Disconnect…'),
  },
  {
    ...plan,
    name: 'plan-expired',
    prepare: runOut,
    show: async page => {
      await preview(page, 'Clean…')
      await page.getByText('This plan has expired.').waitFor()
    },
  },
  {
    ...plan,
    name: 'plan-unknown',
    path: '/plans/pl_nobody',
    show: async page => page.getByRole('alert').waitFor(),
  },
  {
    ...plan,
    name: 'operation-running',
    path: SHOPS,
    show: async page => {
      await preview(page, 'Clear queue…')
      const before = page.url()
      await page.getByLabel('Pace').selectOption('10 a second')
      await page.waitForURL(url => url.href !== before)
      await run(page)
      await page.getByRole('button', { name: /^ok [1-9]/ }).waitFor()
    },
  },
  {
    ...plan,
    name: 'operation-ended',
    path: '/sessions?filter=id%3Amqttjs_*&sort=id',
    show: async page => {
      if (operationUrl !== undefined) await page.goto(operationUrl)
      else {
        await preview(page, 'Clean…')
        await run(page)
        operationUrl = page.url()
      }
      await page.getByRole('button', { name: /^Undo all/ }).waitFor()
    },
  },
  {
    ...plan,
    name: 'operation-undo',
    show: async page => {
      await page.goto(operationUrl ?? '/operations')
      await page.getByRole('button', { name: /^Undo all/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    ...plan,
    name: 'operation-unknown',
    path: '/operations/op_nobody',
    show: async page => page.getByRole('alert').waitFor(),
  },
]

async function preview(page: Page, verb: string): Promise<void> {
  await calm(page)
  await page.getByRole('grid').getByRole('row').nth(1).waitFor()
  await page.keyboard.press('*')
  await page.getByRole('button', { name: verb }).click()
  await page.waitForURL(/\/plans\//)
  await page.getByRole('table').first().waitFor()
}

async function run(page: Page): Promise<void> {
  await page.getByLabel('Reason, for the audit').fill('kiosks and tabs that nobody opens any more')
  const number = page.getByLabel('Type the number of sessions')
  if (await number.isVisible()) {
    const [count = ''] = /\d+/.exec((await page.locator('h1').textContent()) ?? '') ?? []
    await number.fill(count)
  }
  await page
    .getByRole('button', { name: /^(Clean|Clear) / })
    .last()
    .click()
  await page.waitForURL(/\/operations\//)
}

/** As it is after some minutes. */
async function runOut(page: Page): Promise<void> {
  await page.route(/\/api\/v1\/plans\/[^/]+$/, async route => {
    const response = await route.fetch()
    const body = await response.json()
    await route.fulfill({ response, json: { ...body, state: 'expired', expiresAt: body.madeAt } })
  })
}
