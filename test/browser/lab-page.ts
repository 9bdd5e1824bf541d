// The page /lab in a browser of the test's own, for somebody who is logged in; errors in it fail the test.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { AdminClient } from '../harness/admin-client.ts'

export interface LabPageOptions extends BrowserContextOptions {
  /** Errors on the console that the test provokes. */
  readonly allowed?: RegExp
  readonly query?: string
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>
}

export async function openLab(
  browser: Browser,
  httpUrl: string,
  who: AdminClient,
  { allowed, query = '', prepare, ...options }: LabPageOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ ...options })
  const [name = '', value = ''] = (who.headers['cookie'] ?? '').split('=')
  await context.addCookies([{ name, value, url: httpUrl }])
  // A page that is left for a blank one has no storage.
  await context.addInitScript(
    "if (location.protocol === 'http:') localStorage.setItem('holdfast.known', 'yes')",
  )
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(String(error)))
  after(async () => {
    await context.close()
    const unexpected = errors.filter(text => allowed?.test(text) !== true)
    assert.deepEqual(unexpected, [], 'errors in the page')
  })
  await prepare?.(page)
  await page.goto(`${httpUrl}/lab${query}`)
  await page.getByRole('heading', { name: 'The whole table' }).waitFor()
  return page
}

/** How the tests of a list stand, by their titles. */
export async function verdicts(page: Page, heading: string): Promise<readonly string[]> {
  const list = page.locator(`h2:text-is("${heading}") + *`)
  return (await list.locator('.verdict').allInnerTexts()).map(text => text.trim())
}

/** Until what is running has ended and is cleaned up. */
export async function ended(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run this test' }).waitFor({ timeout: 60_000 })
}
