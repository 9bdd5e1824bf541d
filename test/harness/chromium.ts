// A headless Chromium for tests and screenshots: Debian's, driven by Playwright.

import { after, before } from 'node:test'
import { type Browser, chromium } from 'playwright-core'
import { requireProgram } from './programs.ts'

/** As root Chromium needs to be told that it may run without its own sandbox. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
}

export interface FileBrowser {
  /** For the options of each test: why it cannot run here, or false. */
  readonly skip: string | false
  /** Once the tests run. */
  readonly browser: Browser
}

/**
 * One browser for all tests of a file. Call it before `brokerForFile`: of several hooks after the tests a failing
 * one keeps the later ones from running, and a browser that is left open keeps the file from ending.
 */
export async function browserForFile(): Promise<FileBrowser> {
  const program = await requireProgram('chromium')
  let browser: Browser | undefined
  before(async () => {
    if ('path' in program) browser = await launchChromium(program.path)
  })
  after(async () => {
    await browser?.close()
  })
  return {
    skip: 'skip' in program ? program.skip : false,
    get browser() {
      if (browser === undefined)
        throw new Error('no browser: use it inside tests, and skip them where it is missing')
      return browser
    },
  }
}
