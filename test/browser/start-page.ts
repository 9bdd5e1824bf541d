// The start page of a broker in a browser of the test's own: opened, watched for errors, and its live check run.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { TestBroker } from '../harness/broker.ts'

export interface StartPageOptions extends BrowserContextOptions {
  /** Errors on the console that the test provokes. */
  readonly allowed?: RegExp
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>
}

/** What the browser says when it cannot reach a broker that is gone. */
export const brokerGone = /net::ERR_|WebSocket connection to .* failed/

/** The page with the broker's facts in it; errors and violations of its security policy fail the test. */
export async function openStartPage(
  browser: Browser,
  broker: TestBroker,
  { allowed, prepare, ...options }: StartPageOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const unexpected: string[] = []
  const learn = (text: string): void => {
    // A broker of the test's own is stopped before its page is closed, because hooks run in the order in which they were set.
    const isGone = broker.state === 'stopped' && brokerGone.test(text)
    if (!isGone && allowed?.test(text) !== true) unexpected.push(text)
  }
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') learn(message.text())
  })
  page.on('pageerror', error => learn(String(error)))
  after(async () => {
    await context.close()
    assert.deepEqual(unexpected, [], 'errors in the page')
  })
  await prepare?.(page)
  await page.goto(broker.httpUrl)
  await page.getByRole('heading', { name: 'The broker is running' }).waitFor()
  return page
}

export function checkButton(page: Page): Locator {
  return page.getByRole('button', { name: /^Run (the check|it again)$/ })
}

/** Runs the live check to its end; resolves to the sentence that says how it went. */
export async function runCheck(page: Page): Promise<string> {
  await checkButton(page).click()
  const outcome = page.getByText(/^(Passed|Failed) /)
  await outcome.waitFor()
  return ((await outcome.textContent()) ?? '').trim()
}

/** One line a step of the live check: what it is, and what was seen or expected. */
export async function checkLines(page: Page): Promise<readonly string[]> {
  const items = await page.locator('section', { hasText: 'Live check' }).locator('li').allInnerTexts()
  return items.map(text => text.replace(/\s+/g, ' ').trim())
}
