// A real Chromium for a test file: pages that fail their test when they log an error or throw one.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** A host that is not this machine's for the browser, though it leads here: its pages have a foreign origin. */
export const foreignHost = 'app.example'

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${foreignHost} 127.0.0.1`,
]

/** What Chromium logs when a WebSocket cannot be opened or breaks. */
export const connectionLost = /^WebSocket connection to .* failed/

export interface PageOptions {
  /** Errors on the console that the test provokes. */
  readonly allowed?: RegExp
  /** `new`: one that no test had before, with nothing in its sessionStorage. */
  readonly tab?: 'any' | 'new'
}

interface Tab {
  readonly page: Page
  /** What the page has logged or thrown since the tab was opened for a test. */
  errors: string[]
}

export class TestBrowser {
  readonly #browser: Browser
  /** One for all pages, as in a user's window: they share storage where they share an origin. */
  readonly #context: BrowserContext
  /** Tabs that tests have left; to open one anew takes a quarter of a second. */
  readonly #idle: Tab[] = []

  private constructor(browser: Browser, context: BrowserContext) {
    this.#browser = browser
    this.#context = context
  }

  static async launch(executablePath: string): Promise<TestBrowser> {
    const args = process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags
    const browser = await chromium.launch({ executablePath, args })
    return new TestBrowser(browser, await browser.newContext())
  }

  close(): Promise<void> {
    return this.#browser.close()
  }

  /** A tab for the test that calls it, which fails if there are errors in the page. */
  async open(options: PageOptions = {}): Promise<Page> {
    const used = options.tab === 'new' ? undefined : this.#idle.pop()
    const tab = used ?? (await this.#openTab())
    tab.errors = []
    after(async () => {
      if (!tab.page.isClosed()) {
        // Leaving the page ends its connections.
        await tab.page.goto('about:blank')
        this.#idle.push(tab)
      }
      const unexpected = tab.errors.filter(text => options.allowed?.test(text) !== true)
      assert.deepEqual(unexpected, [], 'errors in the page')
    })
    return tab.page
  }

  async #openTab(): Promise<Tab> {
    const page = await this.#context.newPage()
    const tab: Tab = { page, errors: [] }
    page.on('console', message => {
      if (message.type() === 'error') tab.errors.push(message.text())
    })
    page.on('pageerror', error => tab.errors.push(String(error)))
    return tab
  }
}
