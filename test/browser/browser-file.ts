// What test files with Paho in a browser share: one Chromium and one site for the file, or why there is none.

import { after, before } from 'node:test'
import { requireProgram } from '../harness/programs.ts'
import { TestBrowser } from './chromium.ts'
import { openSite, type Site } from './page-server.ts'
import { PahoBrowser } from './paho-driver.ts'

export interface BrowserFile {
  /** For the options of each test. */
  readonly skip: string | false
  /** To be used in tests and hooks only. */
  readonly browser: TestBrowser
  readonly site: Site
  readonly paho: PahoBrowser
}

/** To be called once, at the top of a test file. */
export async function browserForFile(): Promise<BrowserFile> {
  const program = await requireProgram('chromium')
  let opened: Omit<BrowserFile, 'skip'> | undefined
  before(async () => {
    if ('skip' in program) return
    const browser = await TestBrowser.launch(program.path)
    const site = await openSite()
    opened = { browser, site, paho: new PahoBrowser(browser, site) }
  })
  after(async () => {
    await opened?.browser.close()
    opened?.site.close()
  })
  return {
    skip: 'skip' in program ? program.skip : false,
    get browser() {
      return opened!.browser
    },
    get site() {
      return opened!.site
    },
    get paho() {
      return opened!.paho
    },
  }
}
