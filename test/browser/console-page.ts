// Pages of the console in a browser of the test's own: logged in, watched for errors and for violations of their policy.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { AdminClient } from '../harness/admin-client.ts'

export interface ConsoleOptions extends BrowserContextOptions {
  /** Errors on the console that the test provokes. */
  readonly allowed?: RegExp
}

export interface ConsolePage {
  readonly page: Page
  readonly context: BrowserContext
}

/** Opens an address of the console as whoever the client is logged in as; errors in the page fail the test file. */
export async function openConsole(
  browser: Browser,
  client: AdminClient,
  path: string,
  { allowed, ...options }: ConsoleOptions = {},
): Promise<ConsolePage> {
  const origin = new URL(client.base).origin
  const context = await browser.newContext({ baseURL: origin, ...options })
  const [name = '', value = ''] = (client.headers['cookie'] ?? '').split('=')
  await context.addCookies([{ name, value, url: origin, httpOnly: true, sameSite: 'Strict' }])
  await context.addInitScript("localStorage.setItem('holdfast.known', 'yes')")
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(String(error)))
  after(async () => {
    await context.close()
    const unexpected = errors.filter(text => allowed?.test(text) !== true)
    assert.deepEqual(unexpected, [], `errors in ${path}`)
  })
  await page.goto(path)
  return { page, context }
}

export const themes = ['light', 'dark'] as const
export const widths = [1280, 720, 360] as const

/** The ends of what there is; a page's main state is looked at in all of it. */
const ends = [
  ['light', 1280],
  ['dark', 360],
] as const
const all = themes.flatMap(theme => widths.map(width => [theme, width] as const))

/** What axe finds wrong, and whether the page is wider than the window. */
export async function expectAccessible(
  page: Page,
  what: string,
  how: 'all' | 'ends' = 'ends',
): Promise<void> {
  for (const [colorScheme, width] of how === 'all' ? all : ends) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    const where = `${what}, ${colorScheme}, ${width} px`
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    assert.deepEqual(found, [], where)
    const contentWidth = await page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(contentWidth <= width, `${where}: the content is ${contentWidth} px wide`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}

/** The cells of a table's rows as they are read, without those that a narrow window leaves out. */
export async function rowsOf(page: Page, label: string): Promise<readonly (readonly string[])[]> {
  const rows = await page.getByRole('table', { name: label }).locator('tr[data-row]').all()
  return Promise.all(
    rows.map(async row => {
      const cells = await row.locator('td').allInnerTexts()
      return cells.map(text => text.replace(/\s+/g, ' ').trim())
    }),
  )
}
