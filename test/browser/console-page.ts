// Pages of the console in a browser of the test's own: logged in, watched for errors and for violations of their policy.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { AdminClient } from '../harness/admin-client.ts'

/** What the browser says when it cannot reach a broker that is gone. */
export const brokerGone = /net::ERR_|WebSocket connection to .* failed/

/** What the browser says of each refused request. */
export function refusedWith(...statuses: readonly number[]): RegExp {
  return new RegExp(`the server responded with a status of (${statuses.join('|')})`)
}

export interface ConsoleOptions extends BrowserContextOptions {
  /** Errors on the console that the test provokes. */
  readonly allowed?: RegExp
  /** Before the page is loaded, as to let requests fail. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

/** Somebody who is not logged in. */
export interface Nobody {
  readonly nobodyAt: string
}

export interface ConsolePage {
  readonly page: Page
  readonly context: BrowserContext
}

/**
 * Opens an address of the console as whoever the client is logged in as; errors in the page fail the test, which
 * must not have waited for a promise that another test has made: what is to end with the test would end with the file.
 */
export async function openConsole(
  browser: Browser,
  who: AdminClient | Nobody,
  path: string,
  { allowed, prepare, ...options }: ConsoleOptions = {},
): Promise<ConsolePage> {
  const origin = 'nobodyAt' in who ? who.nobodyAt : new URL(who.base).origin
  const context = await browser.newContext({ baseURL: origin, ...options })
  if (!('nobodyAt' in who)) await logIn(context, who)
  const page = await context.newPage()
  const unexpected = watch(page, allowed)
  after(async () => {
    await context.close()
    assert.deepEqual(unexpected, [], `errors in ${path}`)
  })
  await prepare?.(page)
  await page.goto(path)
  return { page, context }
}

/** Another tab of the same browser. */
export async function openTab({ context }: ConsolePage, path: string, allowed?: RegExp): Promise<Page> {
  const page = await context.newPage()
  const unexpected = watch(page, allowed)
  after(() => assert.deepEqual(unexpected, [], `errors in ${path}`))
  await page.goto(path)
  return page
}

/** As the page itself does it after its log-in form. */
export async function logIn(context: BrowserContext, who: AdminClient): Promise<void> {
  const [name = '', value = ''] = (who.headers['cookie'] ?? '').split('=')
  await context.addCookies([
    { name, value, url: new URL(who.base).origin, httpOnly: true, sameSite: 'Strict' },
  ])
  await context.addInitScript("localStorage.setItem('holdfast.known', 'yes')")
}

/** Chromium also says on the console what a security policy has kept out. */
function watch(page: Page, allowed: RegExp | undefined): readonly string[] {
  const unexpected: string[] = []
  const learn = (text: string): void => {
    if (allowed?.test(text) !== true) unexpected.push(text)
  }
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') learn(message.text())
  })
  page.on('pageerror', error => learn(String(error)))
  return unexpected
}

export const themes = ['light', 'dark'] as const
export const widths = [1280, 720, 360] as const

/** The ends of what there is; a page's main state is looked at in all of it. */
const ends = [
  ['light', 1280],
  ['dark', 360],
] as const
const all = themes.flatMap(theme => widths.map(width => [theme, width] as const))

const UNTIL_MS = 30_000
const ASK_EVERY_MS = 50

/**
 * What the expression comes to in the page, as soon as that is true. Playwright's own `waitForFunction` evaluates a string inside the
 * page from the second time on, which the content security policy refuses.
 */
export async function until<T>(page: Page, expression: string): Promise<T> {
  const deadline = performance.now() + UNTIL_MS
  for (;;) {
    const value = await page.evaluate<T>(expression)
    if (value) return value
    assert.ok(performance.now() < deadline, `not within ${UNTIL_MS} ms: ${expression}`)
    await new Promise(resolve => setTimeout(resolve, ASK_EVERY_MS))
  }
}

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
