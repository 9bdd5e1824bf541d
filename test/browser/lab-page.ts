// The page /lab in a browser of the test's own: opened, and what it says of how its tests went.

import type { Browser, Page } from 'playwright-core'
import type { AdminClient } from '../harness/admin-client.ts'
import { type ConsoleOptions, openConsole } from './console-page.ts'

/** Longer than all tests take on a machine that is busy with others. */
const ENDED_MS = 60_000

/** `query` as in `?test=classic-4`. */
export async function openLab(
  browser: Browser,
  who: AdminClient,
  query = '',
  options: ConsoleOptions = {},
): Promise<Page> {
  const { page } = await openConsole(browser, who, `/lab${query}`, options)
  await page.getByRole('heading', { name: 'The whole table' }).waitFor()
  return page
}

/** How the tests below this heading stand. */
export async function verdicts(page: Page, heading: string): Promise<readonly string[]> {
  const list = page.locator(`h2:text-is("${heading}") + *`)
  return (await list.locator('.verdict').allInnerTexts()).map(text => text.trim())
}

/** Until what is running has ended and is cleaned up. */
export async function ended(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run this test' }).waitFor({ timeout: ENDED_MS })
}
